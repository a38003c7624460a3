import type { TraceAttributes } from "./types.ts";

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
  if (base.tags && next.tags) merged.tags = [...new Set([...base.tags, ...next.tags])];
  if (base.metadata && next.metadata) merged.metadata = { ...base.metadata, ...next.metadata };
  return merged;
}
