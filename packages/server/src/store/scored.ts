import type { ScoreListRow } from "../api/lists.ts";
import type { Score } from "../api/types.ts";

/** What a score is about, as a list shows it: of an observation its own previews, of a trace its root's. */
export type Scored = Pick<ScoreListRow, "traceName" | "observationName" | "inputPreview" | "outputPreview">;

export interface ScoredReads {
  /** One for each, in their order, without reading traces as a whole. */
  describeScored(projectId: string, targets: readonly Pick<Score, "traceId" | "observationId">[]): Promise<Scored[]>;
}

/** Of a score that is about a session, or about something that is not here. */
export const NOTHING_SCORED: Scored = {
  traceName: null,
  observationName: null,
  inputPreview: null,
  outputPreview: null,
};
