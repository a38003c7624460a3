import { useMutation, useQueryClient } from "@tanstack/react-query";
import { withQuery } from "../routes.ts";
import { sendJson } from "./http.ts";
import type { Score, ScoreInput } from "./types.ts";
import { useProject } from "./use-project.ts";

/** Gives a score; what shows it is read again. */
export function useGiveScore() {
  const project = useProject();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: ScoreInput) => sendJson<Score>("POST", withQuery("/api/scores", { project }), input),
    onSuccess: async (_, { traceId }) => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["trace", project, traceId] }),
        queryClient.invalidateQueries({ queryKey: ["observation", project, traceId] }),
        queryClient.invalidateQueries({ queryKey: ["scores", project] }),
      ]);
    },
  });
}
