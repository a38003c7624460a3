import type { AttributeValue } from "../ingest/otlp-span.ts";

/** What is kept of vectors: `{ embeddings: 2, dimensions: 1536 }`; `dimensions` is that of the first. */
export function describeVectors(vectors: readonly AttributeValue[]): { embeddings: number; dimensions: number | null } {
  return { embeddings: vectors.length, dimensions: dimensionsOf(vectors[0]) };
}

/** A vector is a list, or one as JSON text, whose numbers need no parsing to be counted. */
function dimensionsOf(vector: AttributeValue | undefined): number | null {
  if (Array.isArray(vector)) return vector.length;
  if (typeof vector !== "string" || !vector.startsWith("[")) return null;
  let count = 1;
  for (let at = vector.indexOf(","); at !== -1; at = vector.indexOf(",", at + 1)) count += 1;
  return count;
}
