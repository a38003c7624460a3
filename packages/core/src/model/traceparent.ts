import type { ParentReference } from "./types.ts";
import { isObservationId, isTraceId } from "./ids.ts";

/** W3C Trace Context, version 00. */
export function formatTraceparent(parent: Required<ParentReference>): string {
  return `00-${parent.traceId}-${parent.observationId}-${parent.sampled ? "01" : "00"}`;
}

/** `undefined` for what is not a valid header: a broken header starts a new trace, as the specification asks. */
export function parseTraceparent(header: string | null | undefined): ParentReference | undefined {
  const match = /^\s*([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\s*$/.exec(header ?? "");
  if (!match) return undefined;
  const [, version, traceId, observationId, flags, more] = match;
  // What a later version adds is left; this one has nothing to add.
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (!isTraceId(traceId) || !isObservationId(observationId)) return undefined;
  return { traceId, observationId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}
