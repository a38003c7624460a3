/** Compressed in one go, some 10 ms: the application's own work in the thread pool must not wait for longer. */
const SLICE_BYTES = 512 * 1024;
/** What zlib hands out at a time is as large as the last body became, and not less than this. */
const MIN_ZIP_CHUNK_BYTES = 16 * 1024;
/** Room that is left for a body that shrinks less than the last one. */
const ZIP_SPARE = 1.1;
/** What is kept may lie in a buffer that is so much larger. */
const MAX_ZIP_SLACK = 1.25;
/** What the last body became, as a part of its length. */
let zipRatio = 0.5;

/** Compresses in Node's thread pool. `zlib` is loaded at the first use. */
export async function gzip(parts: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = await import("node:zlib");
  const length = byteLengthOf(parts);
  // Each slice and each chunk waits for a turn of the event loop, and a busy one turns seldom: a body takes few.
  const chunkSize = Math.max(MIN_ZIP_CHUNK_BYTES, Math.ceil(length * zipRatio * ZIP_SPARE));
  // Level 1: text shrinks nearly as much as at 6 for a third of the CPU (reference/performance.md).
  const stream = zlib.createGzip({ level: 1, chunkSize });
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += SLICE_BYTES) stream.write(part.subarray(at, at + SLICE_BYTES));
  }
  stream.end();
  const zipped: Buffer<ArrayBuffer>[] = [];
  for await (const chunk of stream) zipped.push(chunk as Buffer<ArrayBuffer>);
  const zippedLength = byteLengthOf(zipped);
  zipRatio = Math.min(1, zippedLength / length);
  return unite(zipped, zippedLength);
}

/** Chunks that follow each other in a buffer they fill stay there: a copy would leave it to the garbage collector, which takes its time. */
function unite(chunks: readonly Buffer<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset } = chunks[0]!;
  let end = byteOffset;
  for (const chunk of chunks) end = chunk.buffer === buffer && chunk.byteOffset === end ? end + chunk.byteLength : -1;
  const isOne = end === byteOffset + length && length * MAX_ZIP_SLACK >= buffer.byteLength;
  return isOne ? new Uint8Array(buffer, byteOffset, length) : Buffer.concat(chunks, length);
}

export function byteLengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Rejects for what is not gzip, and for more than `maxOutputLength` bytes of it. */
export async function gunzip(bytes: Uint8Array, maxOutputLength?: number): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = await import("node:zlib");
  return new Promise((resolve, reject) => {
    zlib.gunzip(bytes, { maxOutputLength }, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
