import type { TraceAttributes } from "./types.ts";
import { isRecord } from "../util/is-record.ts";

/** `next` over `base`: tags unite in order, metadata merges by top key, everything else replaces. */
export function mergeTraceAttributes(
  base: TraceAttributes | undefined,
  next: TraceAttributes | undefined,
): TraceAttributes | undefined {
  if (!base || !next || base === next) return next ?? base;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(next)) {
    if (value !== undefined) merged[key] = value;
  }
  if (Array.isArray(base.tags) && Array.isArray(next.tags)) merged.tags = [...new Set([...base.tags, ...next.tags])];
  if (isRecord(base.metadata) && isRecord(next.metadata)) merged.metadata = { ...base.metadata, ...next.metadata };
  return merged;
}
