import { platform } from "#platform";

/** Buffers kept for the next batches. Each is as large as a batch: `maxBatchBytes` and a tenth at most. */
const MAX_SPARE = 2;

/**
 * Buffers of one lane that are written to again: fresh ones cost page faults, and memory until the garbage collector has seen
 * them. Only what nobody reads any more is given back.
 */
export class BufferPool {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#spare.pop();
  }

  give(bytes: Uint8Array): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(platform.createBuffer(bytes.buffer as ArrayBuffer));
  }
}
