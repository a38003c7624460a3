import { useMutation, useQueryClient } from "@tanstack/react-query";
import { withQuery } from "../routes.ts";
import { PAGE_SIZE } from "./client.ts";
import { getJson, sendJson } from "./http.ts";
import type { Page, ScoreListRow } from "./types.ts";
import { useProject } from "./use-project.ts";

export interface ScoresQuery {
  project: string;
  /** Names, sources and types: each a list with commas in between. */
  name?: string | null;
  source?: string | null;
  dataType?: string | null;
  /** Of numbers and thumbs, which are 0 and 1. */
  valueMin?: string | null;
  valueMax?: string | null;
  /** A category. */
  stringValue?: string | null;
  /** A part of it. */
  comment?: string | null;
  from?: number;
  to?: number;
  limit?: number;
  cursor: string | null;
}

export function fetchScores(query: ScoresQuery, signal?: AbortSignal): Promise<Page<ScoreListRow>> {
  return getJson(withQuery("/api/scores", { limit: PAGE_SIZE, ...query }), signal);
}

/** Takes a score back; what shows it is read again. */
export function useDeleteScore() {
  const project = useProject();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Pick<ScoreListRow, "id" | "traceId">) =>
      sendJson<undefined>("DELETE", withQuery(`/api/scores/${encodeURIComponent(id)}`, { project })),
    onSuccess: async (_, { traceId }) => {
      await queryClient.invalidateQueries({ queryKey: ["scores", project] });
      if (traceId !== null) await queryClient.invalidateQueries({ queryKey: ["trace", project, traceId] });
    },
  });
}
