import { platform } from "#platform";
import type { ByteBudget } from "../pipeline/budget.ts";
import type { Receipt } from "../pipeline/ledger.ts";
import type { Split, SplitReason } from "./split.ts";

/** The envelope around a run of written records: what stands before and after them in a body. */
export type Wrap = (records: Uint8Array) => { head: Uint8Array; tail: Uint8Array; records: Uint8Array };

/** Unused room that compressed bytes may hold; with more they are copied to size. */
const MAX_SLACK = 0.25;

/**
 * Records that were written together: sent as often as needed, cut at record boundaries when the backend takes less,
 * compressed while it waits. It holds its bytes against the budget until it is released.
 */
export class Batch {
  readonly receipts: readonly Receipt[];
  readonly sealedAt: number;
  /** The flush that waits for it: see `Lane`. */
  readonly wave: number;
  /** How often what it was sealed in was cut. */
  readonly depth: number;
  /** The refused batch that it is a part of. */
  split: Split | undefined;
  /** Deliveries of its lane when a firewall refused it as a single record. */
  blockedAt: number | undefined;
  /** The end of each record within the records' bytes; the first starts at 0. */
  readonly #ends: readonly number[];
  readonly #wrap: Wrap;
  readonly #budget: ByteBudget;
  /** The bare records, or the whole body gzipped. */
  #bytes: Uint8Array;
  #gzipped = false;
  #compressing: Promise<void> | undefined;
  #released = false;

  constructor(
    records: Uint8Array,
    ends: readonly number[],
    receipts: readonly Receipt[],
    sealedAt: number,
    wave: number,
    wrap: Wrap,
    budget: ByteBudget,
    depth = 0,
  ) {
    this.#bytes = records;
    this.#ends = ends;
    this.receipts = receipts;
    this.sealedAt = sealedAt;
    this.wave = wave;
    this.depth = depth;
    this.#wrap = wrap;
    this.#budget = budget;
    budget.charge(records.byteLength);
  }

  /** Compressed, or being compressed, or found not to shrink. */
  get isCompressed(): boolean {
    return this.#compressing !== undefined;
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
  compress(): Promise<void> {
    this.#compressing ??= this.#compress();
    return this.#compressing;
  }

  async #compress(): Promise<void> {
    if (this.#released) return;
    const zipping = platform.gzip(concat(this.body()));
    if (!zipping) return;
    const zipped = fit(await zipping);
    // What does not shrink is kept as it is: it is read back more cheaply.
    if (this.#released || zipped.byteLength >= this.#bytes.byteLength) return;
    this.#budget.release(this.#bytes.byteLength - zipped.byteLength);
    this.#bytes = zipped;
    this.#gzipped = true;
  }

  /** A new batch of the records at `positions`; this one is left as it is. */
  async pick(positions: readonly number[]): Promise<Batch> {
    return this.#pick(await this.#records(), positions, this.depth);
  }

  /** New batches of the records at these positions; this one is left as it is. */
  async cut(parts: readonly (readonly number[])[]): Promise<Batch[]> {
    const all = await this.#records();
    return parts.map((positions) => this.#pick(all, positions, this.depth + 1));
  }

  /** Records that stand for all: the smallest where size is the matter, else at random. */
  positionsToProbe(count: number, reason: SplitReason): number[] {
    const weights = this.#ends.map((end, i) =>
      reason === "too_large" ? end - (this.#ends[i - 1] ?? 0) : Math.random(),
    );
    return [...weights.keys()].sort((a, b) => weights[a]! - weights[b]!).slice(0, count);
  }

  #pick(all: Uint8Array, positions: readonly number[], depth: number): Batch {
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
    const { sealedAt, wave } = this;
    return new Batch(concat(slices), ends, receipts, sealedAt, wave, this.#wrap, this.#budget, depth);
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

/** zlib hands out a view of its 16 KiB chunk, or of a shared pool. */
function fit(bytes: Uint8Array): Uint8Array {
  const slack = bytes.buffer.byteLength - bytes.byteLength;
  return slack > bytes.byteLength * MAX_SLACK ? concat([bytes]) : bytes;
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
