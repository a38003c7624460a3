import { findUsage } from "@spanwise/core/adapter";
import { copyJson, type Budget } from "./copy-json.ts";

/** Text kept of one stream, in UTF-16 units, all its parts together. What comes after is counted. */
export const MAX_STREAM_CHARS = 4_194_304;
/** Objects, lists and values kept of what a stream sends whole. */
export const MAX_STREAM_NODES = 100_000;

/** What one stream may hold. */
export function createBudget(): Budget {
  return { chars: MAX_STREAM_CHARS, nodes: MAX_STREAM_NODES, cutChars: 0, cutNodes: 0 };
}

/** Far more than any provider's usage object has; some send it with every chunk, so that it is no part of a stream's budget. */
const USAGE_CHARS = 4_096;
const USAGE_NODES = 256;

/** A copy of the usage in a chunk: the chunk is the caller's, who may change it. */
export function copyUsage(chunk: unknown): unknown {
  const usage = findUsage(chunk);
  return usage === undefined
    ? undefined
    : copyJson(usage, { chars: USAGE_CHARS, nodes: USAGE_NODES, cutChars: 0, cutNodes: 0 });
}

/** A count for metadata: undefined for nothing. */
export function counted(count: number): number | undefined {
  return count > 0 ? count : undefined;
}
