/** Texts as UTF-8, one after the other: few large values in place of many small ones, which cost nothing to hand over or to keep. */
export interface TextBytes {
  bytes: Uint8Array;
  /** Of each text where it begins and where it ends; twice -1 where there is none. */
  bounds: Int32Array;
}

const FIRST_CAPACITY = 64 * 1024;
/** A larger buffer is not kept for the next batch. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
const NONE = -1;

/** Buffers that are used again: memory outside of the heap that is taken anew for each batch makes for more collections of garbage. */
const spares: Buffer[] = [];

/** Gathers {@link TextBytes}. */
export class TextBytesBuilder {
  #buffer = spares.pop() ?? Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #length = 0;
  readonly #bounds: number[] = [];

  get byteLength(): number {
    return this.#length;
  }

  push(text: string): void {
    const start = this.#length;
    this.#reserve(3 * text.length);
    this.#length += this.#buffer.write(text, start);
    this.#bounds.push(start, this.#length);
  }

  pushNone(): void {
    this.#bounds.push(NONE, NONE);
  }

  /** @returns a view that is good until `release`. */
  build(): TextBytes {
    return { bytes: this.#buffer.subarray(0, this.#length), bounds: new Int32Array(this.#bounds) };
  }

  release(): void {
    if (this.#buffer.length <= MAX_SPARE_BYTES) spares.push(this.#buffer);
    this.#buffer = Buffer.alloc(0);
  }

  /** @param bytes three for each UTF-16 unit are always enough. */
  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** One text alone, or none. */
export function textBytesOf(text: string | null): TextBytes {
  const bytes = Buffer.from(text ?? "");
  return { bytes, bounds: text === null ? Int32Array.of(NONE, NONE) : Int32Array.of(0, bytes.byteLength) };
}

/** @returns a view of a text's bytes, `null` where there is none. */
export function textBytesAt({ bytes, bounds }: TextBytes, index: number): Uint8Array | null {
  const start = bounds[2 * index] ?? NONE;
  return start === NONE ? null : bytes.subarray(start, bounds[2 * index + 1]);
}

export function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
