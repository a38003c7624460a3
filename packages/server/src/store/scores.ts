import type { Score } from "../api/types.ts";

export interface ScoreReads {
  /** Scores of a trace and of its observations, oldest first. */
  listScores(projectId: string, traceId: string): Promise<Score[]>;
}
