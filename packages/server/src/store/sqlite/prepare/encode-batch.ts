import { deserialize, serialize } from "node:v8";
import type { PreparedBatch } from "./prepared.ts";

/**
 * A prepared batch as bytes. They lie outside of both threads' heaps while the batch waits for its turn, are handed over and not copied, and
 * become objects when the batch is written: the collectors never see more than one batch of a group.
 */
export interface EncodedBatch {
  /** See `WriteBatch`. */
  bytes: number;
  data: Uint8Array<ArrayBuffer>;
}

/** For {@link decodeBatch}. */
export function encodeBatch(batch: PreparedBatch): EncodedBatch {
  const { buffer, byteOffset, byteLength } = serialize(batch);
  return {
    bytes: Math.max(batch.bytes, byteLength),
    data: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

export function decodeBatch({ data }: EncodedBatch): PreparedBatch {
  return deserialize(data) as PreparedBatch;
}

export function isEncoded(value: unknown): value is EncodedBatch {
  return typeof value === "object" && value !== null && "data" in value && value.data instanceof Uint8Array;
}
