import { useQuery } from "@tanstack/react-query";
import { clauseText } from "../query/clauses.ts";
import { withQuery } from "../routes.ts";
import { fetchObservations, fetchTraces, observationApiPath } from "./client.ts";
import { getJson } from "./http.ts";
import type { DatasetItemRow, DatasetRunDetail, DatasetRunItem, ObservationDetail, Page, Score } from "./types.ts";
import { fetchDatasetItems } from "./use-datasets.ts";
import { useProject } from "./use-project.ts";

/** Pages of 50 of the dataset's items that are read to find those of a run: beyond them an item is not found. */
const MAX_ITEM_PAGES = 40;

/** One item as it went in a run: what was asked, what was expected, and what came of it. */
export interface RunRow {
  id: string;
  link: DatasetRunItem;
  /** `null` when the item was deleted, or is beyond what is read. */
  item: DatasetItemRow | null;
  /** Of the trace, or of the observation that the run names. `null` when it is no longer stored. */
  result: {
    outputPreview: string | null;
    /** The newest of them. */
    scores: readonly Score[];
    scoreCount: number;
    durationMs: number | null;
    cost: number | null;
    status: string;
  } | null;
}

/** Reads a run page by page, each with what its rows point to. Items that were read are kept for the next page. */
export function runReader(project: string, dataset: string, run: string) {
  const items = new Map<string, DatasetItemRow>();
  let next: string | null | undefined = null;
  let pages = 0;
  const readItems = async (wanted: readonly string[], signal: AbortSignal): Promise<void> => {
    while (next !== undefined && pages < MAX_ITEM_PAGES && wanted.some((id) => !items.has(id))) {
      // oxlint-disable-next-line no-await-in-loop -- each page names the next
      const page: Page<DatasetItemRow> = await fetchDatasetItems(project, dataset, null, next, signal);
      for (const item of page.data) items.set(item.id, item);
      next = page.nextCursor ?? undefined;
      pages++;
    }
  };
  return async (cursor: string | null, signal: AbortSignal): Promise<Page<RunRow>> => {
    const path = `/api/datasets/${encodeURIComponent(dataset)}/runs/${encodeURIComponent(run)}`;
    const { data, nextCursor } = await getJson<DatasetRunDetail>(
      withQuery(path, { project, limit: 50, cursor }),
      signal,
    );
    const [results] = await Promise.all([
      fetchResults(project, data, signal),
      readItems(
        data.map(({ datasetItemId }) => datasetItemId),
        signal,
      ),
    ]);
    return {
      data: data.map((link) => ({
        id: link.id,
        link,
        item: items.get(link.datasetItemId) ?? null,
        result: results.get(link.observationId ?? link.traceId) ?? null,
      })),
      nextCursor,
    };
  };
}

async function fetchResults(
  project: string,
  links: readonly DatasetRunItem[],
  signal: AbortSignal,
): Promise<Map<string, RunRow["result"]>> {
  const results = new Map<string, RunRow["result"]>();
  const traceIds = links.flatMap(({ traceId, observationId }) => (observationId === null ? [traceId] : []));
  const ids = links.flatMap(({ observationId }) => observationId ?? []);
  const [traces, observations] = await Promise.all([
    traceIds.length === 0
      ? []
      : fetchTraces({ project, q: clauseText("id", traceIds), limit: traceIds.length }, signal).then((it) => it.data),
    ids.length === 0
      ? []
      : fetchObservations({ project, q: clauseText("id", ids), limit: ids.length }, signal).then((it) => it.data),
  ]);
  for (const { traceId, ...trace } of traces) results.set(traceId, trace);
  for (const { id, totalCost, ...row } of observations) results.set(id, { ...row, cost: totalCost });
  return results;
}

/** The roots of traces, as `dataset` and `score` name observations. */
export async function fetchRoots(
  project: string,
  traceIds: readonly string[],
): Promise<{ traceId: string; observationId: string }[]> {
  const q = `root:true ${clauseText("trace", traceIds)}`;
  const { data } = await fetchObservations({ project, q, limit: traceIds.length });
  return data.map(({ traceId, id }) => ({ traceId, observationId: id }));
}

/** The whole output of a row, where its preview is not enough. */
export function useRunOutput({ traceId, observationId }: DatasetRunItem) {
  const project = useProject();
  return useQuery({
    queryKey: ["run-output", project, traceId, observationId],
    queryFn: async ({ signal }): Promise<ObservationDetail | null> => {
      const id = observationId ?? (await fetchRoots(project, [traceId]))[0]?.observationId;
      if (id === undefined) return null;
      return getJson<ObservationDetail>(observationApiPath(project, traceId, id), signal);
    },
  });
}
