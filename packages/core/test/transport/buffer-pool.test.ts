import { expect, test } from "vitest";
import { ByteWriter } from "../../src/exporters/otlp/byte-writer.ts";
import { BufferPool } from "../../src/transport/buffer-pool.ts";

/** Writes a batch of `bytes` as a lane does, and gives its buffer back as a delivery does. */
function writeBatch(pool: BufferPool, expected: number, bytes: number): ArrayBuffer {
  const writer = new ByteWriter(expected, pool);
  const part = new Uint8Array(1000);
  for (let written = 0; written < bytes; written += part.length) writer.raw(part);
  const batch = writer.bytes();
  expect(batch.byteLength).toBe(bytes);
  pool.give(batch);
  return batch.buffer;
}

test("batches of about the same size are written to one buffer, also when the first one had to grow", () => {
  const pool = new BufferPool();
  writeBatch(pool, 0, 100_000);
  const sizes = [100_000, 103_000, 99_000, 105_000, 101_000];
  const buffers = sizes.map((bytes, i) => writeBatch(pool, sizes[i - 1] ?? 100_000, bytes));
  expect(new Set(buffers).size).toBe(1);
});

test("small batches between large ones do not take the place of the large buffer", () => {
  const pool = new BufferPool();
  const large = writeBatch(pool, 500_000, 500_000);
  for (let i = 0; i < 5; i++) {
    writeBatch(pool, 500_000, 2_000);
    expect(writeBatch(pool, 2_000, 500_000)).toBe(large);
  }
});

test("spares that are smaller than the next batch are let go", () => {
  const pool = new BufferPool();
  writeBatch(pool, 1_000, 1_000);
  expect(pool.take(100_000)).toBeUndefined();
  expect(pool.take(0)).toBeUndefined();
});
