import { createHash } from "node:crypto";

/** As OTLP has them; Langfuse's batches take any text. */
export const isTraceId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id);
export const isSpanId = (id: string): boolean => /^[0-9a-f]{16}$/.test(id);

/** A UUID without its dashes, and of any other text its hash: always the same for the same. */
export function otlpTraceId(id: string): string {
  if (isTraceId(id)) return id;
  const plain = id.replaceAll("-", "").toLowerCase();
  return isTraceId(plain) ? plain : hashOf(id, 32);
}

export function otlpSpanId(id: string): string {
  return isSpanId(id) ? id : hashOf(id, 16);
}

function hashOf(id: string, digits: number): string {
  return createHash("sha256").update(id).digest("hex").slice(0, digits);
}
