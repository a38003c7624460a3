import type { ObservationLevel, ObservationType } from "../model/types.ts";
import { RouteChoice } from "./fallback.ts";
import type { HttpClient } from "./http-client.ts";
import { Listing, cursorPage, numberedPage, type ListOptions, type Page } from "./listing.ts";
import { readObservation } from "./read-observation.ts";
import type { StoredObservation } from "./types.ts";

export interface ObservationListOptions extends ListOptions {
  traceId?: string | undefined;
  name?: string | undefined;
  type?: ObservationType | undefined;
  level?: ObservationLevel | undefined;
  userId?: string | undefined;
  parentObservationId?: string | undefined;
  environment?: string | undefined;
  version?: string | undefined;
  /** From this time on. */
  fromStartTime?: Date | undefined;
  /** Before this time. */
  toStartTime?: Date | undefined;
  /** Langfuse 4 cuts metadata values at 200 characters, except those of these keys. */
  expandMetadata?: readonly string[] | undefined;
}

export interface Observations {
  list(options?: ObservationListOptions): Listing<StoredObservation>;
}

/** Everything the newer route can answer; by default it leaves payloads, usage and model out. */
const ALL_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context";

const NEWER = "/api/public/v2/observations";
const OLDER = "/api/public/observations";

/** The older route refuses larger pages. */
const MAX_OLDER_PAGE = 100;

type Query = ObservationListOptions & { filter?: string | undefined };

/** A page of the newer route. */
export async function fetchNewer(http: HttpClient, options: Query): Promise<Page<StoredObservation>> {
  const { signal, expandMetadata, type, ...filters } = options;
  const query = {
    ...filters,
    type: type?.toUpperCase(),
    fields: ALL_FIELDS,
    expandMetadata: expandMetadata?.join(","),
  };
  return cursorPage(await http.request({ path: NEWER, query, signal }), readObservation);
}

async function fetchOlder(http: HttpClient, options: Query): Promise<Page<StoredObservation>> {
  const { limit, cursor, signal, expandMetadata: _, type, ...filters } = options;
  const query = {
    ...filters,
    type: type?.toUpperCase(),
    limit: limit && Math.min(limit, MAX_OLDER_PAGE),
    page: cursor,
  };
  return numberedPage(await http.request({ path: OLDER, query, signal }), readObservation);
}

export function createObservations(http: HttpClient): Observations {
  const choice = new RouteChoice();
  return {
    list: (options = {}) => {
      const fetchPage = (cursor: string | undefined): Promise<Page<StoredObservation>> =>
        choice.run(
          () => fetchNewer(http, { ...options, cursor }),
          () => fetchOlder(http, { ...options, cursor }),
        );
      return new Listing(fetchPage, options.cursor);
    },
  };
}
