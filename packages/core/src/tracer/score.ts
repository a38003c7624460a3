import { createTraceIdRandom } from "../model/ids.ts";
import type { ScoreRecord } from "../model/record.ts";
import { now } from "../model/time.ts";
import type { ScoreDataType, ScoreInput, ScoreTarget } from "../model/types.ts";
import { capture } from "../serialize/capture.ts";

const RECORD_BYTES = 300;

/** Checks and captures a score; `undefined` for one that no backend would take, with the reason for the log. */
export function toScoreRecord(
  score: ScoreInput,
  target: ScoreTarget,
  environment: string,
): ScoreRecord | { invalid: string } {
  const typed = typedValue(score);
  if (typeof score.name !== "string" || score.name === "") return { invalid: "a score needs a name" };
  if (!typed) return { invalid: `score "${score.name}": the value does not fit its data type` };
  const metadata = score.metadata && JSON.stringify(capture(score.metadata).value);
  const id = score.id ?? createTraceIdRandom();
  const timestamp = now();
  return {
    kind: "score",
    id,
    eventId: `${id}-${timestamp}`,
    name: score.name,
    ...typed,
    comment: score.comment,
    metadata,
    configId: score.configId,
    traceId: target.traceId,
    observationId: target.observationId,
    sessionId: target.sessionId,
    environment,
    timestamp,
    bytes: RECORD_BYTES + (metadata?.length ?? 0) + (score.comment?.length ?? 0),
  };
}

function typedValue({ value, dataType }: ScoreInput): { dataType: ScoreDataType; value: number | string } | undefined {
  const type =
    dataType ?? (typeof value === "string" ? "CATEGORICAL" : typeof value === "boolean" ? "BOOLEAN" : "NUMERIC");
  switch (type) {
    case "NUMERIC":
      return typeof value === "number" && Number.isFinite(value) ? { dataType: type, value } : undefined;
    case "BOOLEAN":
      return value === true || value === false || value === 0 || value === 1
        ? { dataType: type, value: Number(value) }
        : undefined;
    case "CATEGORICAL":
    case "TEXT":
      return typeof value === "string" ? { dataType: type, value } : undefined;
  }
}
