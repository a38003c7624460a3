import { platform } from "#platform";
import type { ByteBudget } from "../pipeline/budget.ts";
import type { Receipt } from "../pipeline/ledger.ts";

/** The envelope around a run of written records: what stands before and after them in a body. */
export type Wrap = (records: Uint8Array) => { head: Uint8Array; tail: Uint8Array; records: Uint8Array };

/**
 * Records that were written together: sent as often as needed, cut at record boundaries when the backend takes less,
 * compressed while it waits. It holds its bytes against the budget until it is released.
 */
export class Batch {
  readonly receipts: readonly Receipt[];
  readonly sealedAt: number;
  /** The end of each record within the records' bytes; the first starts at 0. */
  readonly #ends: readonly number[];
  readonly #wrap: Wrap;
  readonly #budget: ByteBudget;
  /** The bare records, or the whole body gzipped. */
  #bytes: Uint8Array;
  #gzipped = false;
  #released = false;

  constructor(
    records: Uint8Array,
    ends: readonly number[],
    receipts: readonly Receipt[],
    sealedAt: number,
    wrap: Wrap,
    budget: ByteBudget,
  ) {
    this.#bytes = records;
    this.#ends = ends;
    this.receipts = receipts;
    this.sealedAt = sealedAt;
    this.#wrap = wrap;
    this.#budget = budget;
    budget.charge(records.byteLength);
  }

  get gzipped(): boolean {
    return this.#gzipped;
  }

  body(): Uint8Array[] {
    if (this.#gzipped) return [this.#bytes];
    const { head, records, tail } = this.#wrap(this.#bytes);
    return [head, records, tail];
  }

  /** Compresses off the thread, where the runtime can; the batch may be sent or released meanwhile. */
  async compress(): Promise<void> {
    if (this.#gzipped || this.#released) return;
    const zipping = platform.gzip(concat(this.body()));
    if (!zipping) return;
    const zipped = await zipping;
    if (this.#gzipped || this.#released) return;
    this.#budget.release(this.#bytes.byteLength - zipped.byteLength);
    this.#bytes = zipped;
    this.#gzipped = true;
  }

  /** A new batch of the records at `positions`; this one is left as it is. */
  async pick(positions: readonly number[]): Promise<Batch> {
    const all = await this.#records();
    const slices: Uint8Array[] = [];
    const ends: number[] = [];
    let length = 0;
    for (const position of positions) {
      const slice = all.subarray(position === 0 ? 0 : this.#ends[position - 1], this.#ends[position]);
      slices.push(slice);
      length += slice.byteLength;
      ends.push(length);
    }
    const receipts = positions.map((position) => this.receipts[position]!);
    return new Batch(concat(slices), ends, receipts, this.sealedAt, this.#wrap, this.#budget);
  }

  async split(): Promise<Batch[]> {
    const positions = [...this.receipts.keys()];
    const half = Math.ceil(positions.length / 2);
    return [await this.pick(positions.slice(0, half)), await this.pick(positions.slice(half))];
  }

  /** Gives its bytes back; false when that was done before. Who gets `true` settles the receipts. */
  release(): boolean {
    if (this.#released) return false;
    this.#released = true;
    this.#budget.release(this.#bytes.byteLength);
    return true;
  }

  async #records(): Promise<Uint8Array> {
    if (!this.#gzipped) return this.#bytes;
    const body = await platform.gunzip(this.#bytes);
    const length = this.#ends.at(-1) ?? 0;
    // What `wrap` puts around a run of records depends on its length only.
    const { head } = this.#wrap(new Uint8Array(length));
    return body.subarray(head.byteLength, head.byteLength + length);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const whole = platform.createBuffer(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
