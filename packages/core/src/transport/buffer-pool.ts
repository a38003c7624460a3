import { platform } from "#platform";

/** Buffers kept for the next batches. Each is as large as a batch: `maxBatchBytes` and a tenth at most. */
const MAX_SPARE = 2;

/**
 * Buffers of one lane that are written to again: fresh ones cost page faults, and memory until the garbage collector has seen
 * them. Only what nobody reads any more is given back.
 */
export class BufferPool {
  /** The largest last: a small batch does not crowd out what a large one can be written to. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  /** The largest, if it has room for `bytes`. */
  take(bytes: number): Uint8Array<ArrayBuffer> | undefined {
    const largest = this.#spare.pop();
    if (!largest || largest.byteLength >= bytes) return largest;
    this.#spare.length = 0;
    return undefined;
  }

  give(bytes: Uint8Array): void {
    this.#spare.push(platform.createBuffer(bytes.buffer as ArrayBuffer));
    this.#spare.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#spare.length > MAX_SPARE) this.#spare.shift();
  }
}
