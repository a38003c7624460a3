import { warnRarely } from "../log.ts";
import type { TraceAttributes } from "../model/types.ts";
import { captureFields } from "../serialize/capture.ts";

/**
 * Estimated bytes of the attributes of one trace. They are carried on every observation of it: a field that would go beyond is
 * left out as a whole, says so in its place, and is told in one log line a minute.
 */
export const MAX_TRACE_BYTES = 256 * 1024;

export interface CapturedTrace {
  readonly attributes: TraceAttributes | undefined;
  /** Estimate. */
  readonly bytes: number;
}

const NOTHING: CapturedTrace = { attributes: undefined, bytes: 0 };

/** Copies trace attributes when they are given. `held`: estimated bytes of those that they are merged with. */
export function captureTrace(given: unknown, held: number): CapturedTrace {
  if (typeof given !== "object" || given === null) return NOTHING;
  const { fields, keyBytes } = captureFields(given);
  let bytes = 0;
  for (const key of Object.keys(fields)) {
    const wanted = keyBytes.get(key) ?? 0;
    if (held + bytes + wanted > MAX_TRACE_BYTES) {
      fields[key] = leftOut(key, Math.round(wanted));
      warnRarely("trace attributes", `trace attributes are left out: more than ${MAX_TRACE_BYTES} bytes (${key})`);
    } else bytes += wanted;
  }
  return { attributes: fields, bytes };
}

function leftOut(key: string, bytes: number): unknown {
  const text = `[left out: ${bytes} bytes]`;
  return key === "tags" ? [text] : key === "metadata" ? { [text]: true } : text;
}
