import { useQuery } from "@tanstack/react-query";
import { clauseText } from "../query/clauses.ts";
import { withQuery } from "../routes.ts";
import { fetchObservations, fetchTraces, observationApiPath } from "./client.ts";
import { getJson } from "./http.ts";
import type { DatasetItemRow, DatasetRunDetail, DatasetRunItem, ObservationDetail, Page, Score } from "./types.ts";
import { useProject } from "./use-project.ts";

/** One item as it went in a run: what was asked, what was expected, and what came of it. */
export interface RunRow {
  id: string;
  link: DatasetRunItem;
  /** `null` when the item was deleted. */
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

/** Reads a run page by page, each with what its rows point to. */
export function runReader(project: string, dataset: string, run: string) {
  const path = `/api/datasets/${encodeURIComponent(dataset)}/runs/${encodeURIComponent(run)}`;
  return async (cursor: string | null, signal: AbortSignal): Promise<Page<RunRow>> => {
    const { data, nextCursor } = await getJson<DatasetRunDetail>(
      withQuery(path, { project, limit: 50, cursor }),
      signal,
    );
    const results = await fetchResults(project, data, signal);
    return {
      data: data.map(({ item, ...link }) => ({
        id: link.id,
        link,
        item,
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
