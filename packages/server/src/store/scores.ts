import type { RowScore, Score } from "../api/types.ts";
import type { Counted } from "./datasets.ts";

/** Each list is "one of these"; conditions on different fields hold together. */
export interface ScoreFilter {
  id?: readonly string[] | undefined;
  name?: readonly string[] | undefined;
  source?: readonly string[] | undefined;
  dataType?: readonly string[] | undefined;
  environment?: readonly string[] | undefined;
  configId?: readonly string[] | undefined;
  queueId?: readonly string[] | undefined;
  authorUserId?: readonly string[] | undefined;
  datasetRunId?: readonly string[] | undefined;
  traceId?: readonly string[] | undefined;
  observationId?: readonly string[] | undefined;
  sessionId?: readonly string[] | undefined;
  /** Of numeric and boolean scores, and of the others. */
  value?: readonly number[] | undefined;
  stringValue?: readonly string[] | undefined;
  /** Of the trace that was scored, itself or in a part: its user, and all of these tags. Scores of sessions and runs have none. */
  trace?: ScoredTrace | undefined;
  /** Of `value`. */
  compare?: readonly { operator: ScoreOperator; value: number }[] | undefined;
  /** Part of the comment; A to Z are as good as a to z. */
  comment?: string | undefined;
  /** Epoch milliseconds: from <= timestamp < to. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface ScoredTrace {
  userId?: string | undefined;
  tags?: readonly string[] | undefined;
}

export const SCORE_OPERATORS = ["=", "!=", "<", "<=", ">", ">="] as const;
export type ScoreOperator = (typeof SCORE_OPERATORS)[number];

export interface ScorePage {
  limit: number;
  /** How many are left out in front. */
  offset?: number | undefined;
  /** Only what comes after this one. */
  after?: { timestamp: number; id: string } | undefined;
}

export interface ScoreReads {
  /** Scores of a trace and of its observations, oldest first. */
  listScores(projectId: string, traceId: string): Promise<Score[]>;
  /** Newest first, then by id downwards; `total` counts all that the filter selects, whatever the page. */
  findScores(projectId: string, filter: ScoreFilter, page: ScorePage): Promise<Counted<Score>>;
  /** The same for a list: long values are cut, and read no further. */
  findRowScores(projectId: string, filter: ScoreFilter, page: ScorePage): Promise<Counted<RowScore>>;
}

export interface ScoreWrites {
  /** @returns the deleted one, or `null` when there was none. */
  deleteScore(projectId: string, id: string): Promise<Score | null>;
}
