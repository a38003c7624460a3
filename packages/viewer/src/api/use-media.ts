import { useQuery } from "@tanstack/react-query";
import type { MediaReference } from "../model/media.ts";
import { mediaPath } from "../routes.ts";
import { hasMedia } from "./client.ts";
import { useProject } from "./use-project.ts";

/** An SDK uploads attachments beside the trace, so one may come after it: how often and how many times to look. */
const ARRIVAL_INTERVAL_MS = 3_000;
const ARRIVAL_LOOKS = 10;

export interface MediaAt {
  url: string;
  state: "looking" | "here" | "missing";
}

/** Where an attachment's bytes are, and whether the server has them. */
export function useMedia({ id }: MediaReference): MediaAt {
  const project = useProject();
  const query = useQuery({
    queryKey: ["media", project, id],
    queryFn: ({ signal }) => hasMedia(project, id, signal),
    refetchInterval: ({ state }) =>
      state.data === false && state.dataUpdateCount < ARRIVAL_LOOKS ? ARRIVAL_INTERVAL_MS : false,
  });
  const isHere = query.data ?? (query.isError ? true : undefined);
  return { url: mediaPath(project, id), state: isHere === undefined ? "looking" : isHere ? "here" : "missing" };
}
