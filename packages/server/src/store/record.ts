import type { Score } from "../api/types.ts";
import type { ObservationRow } from "../model/observation.ts";
import { toSummary } from "../query/summary.ts";
import type { ObservationRecord } from "./observations.ts";

export function toRecord(
  row: ObservationRow,
  payload: ObservationRecord["payload"],
  scores: Score[],
): ObservationRecord {
  return {
    summary: toSummary(row),
    version: row.version,
    prompt: row.promptName === null ? null : { name: row.promptName, version: row.promptVersion },
    scope: row.scopeName === null ? null : { name: row.scopeName, version: row.scopeVersion },
    payload,
    scores,
  };
}
