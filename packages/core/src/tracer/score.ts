import { createTraceIdRandom } from "../model/ids.ts";
import type { ScoreRecord } from "../model/record.ts";
import { now } from "../model/time.ts";
import type { ScoreDataType, ScoreInput, ScoreTarget } from "../model/types.ts";
import { capture, captureFields } from "../serialize/capture.ts";
import { MAX_TEXT_BYTES } from "../serialize/observation.ts";
import { cutText, stringifyWithin } from "../serialize/truncate.ts";
import { toText } from "../util/text.ts";
import { isRecord } from "../util/is-record.ts";

const RECORD_BYTES = 300;
/** UTF-8 bytes of a score's metadata. */
const MAX_METADATA_BYTES = 1024 * 1024;

/** Checks and captures a score; `undefined` for one that no backend would take, with the reason for the log. */
export function toScoreRecord(
  score: ScoreInput,
  target: ScoreTarget,
  environment: string,
): ScoreRecord | { invalid: string } {
  const typed = typedValue(score);
  const name = textOf(score.name);
  if (!name) return { invalid: "a score needs a name" };
  // Without its name: no mask has seen it.
  if (!typed) return { invalid: "the value of a score does not fit its data type" };
  const metadata = isRecord(score.metadata)
    ? stringifyWithin(captureFields(score.metadata).fields, MAX_METADATA_BYTES).json
    : undefined;
  const comment = textOf(score.comment);
  const id = textOf(score.id) || createTraceIdRandom();
  const timestamp = now();
  return {
    kind: "score",
    id,
    eventId: `${id}-${timestamp}`,
    name,
    ...typed,
    comment,
    metadata,
    configId: textOf(score.configId),
    traceId: textOf(target.traceId),
    observationId: textOf(target.observationId),
    sessionId: textOf(target.sessionId),
    environment,
    timestamp,
    bytes: RECORD_BYTES + name.length + (metadata?.length ?? 0) + (comment?.length ?? 0) + String(typed.value).length,
  };
}

/** JavaScript callers put numbers, bigints and objects where text belongs. An object is copied as it is at the call. */
function textOf(value: unknown): string | undefined {
  const text = toText(typeof value === "object" ? capture(value).value : value);
  return text && cutText(text, MAX_TEXT_BYTES);
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
      return typeof value === "string" ? { dataType: type, value: cutText(value, MAX_TEXT_BYTES) } : undefined;
  }
}
