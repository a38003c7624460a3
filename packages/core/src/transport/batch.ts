import { platform } from "#platform";
import type { ByteBudget } from "../pipeline/budget.ts";
import type { Receipt } from "../pipeline/ledger.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Wrap, WrittenRecords } from "./lane-format.ts";
import type { SpoolEntry } from "./spool.ts";
import type { Split, SplitReason } from "./split.ts";

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
  /** Where its buffer goes when nobody reads it any more. */
  pool: BufferPool | undefined;
  /** Requests under way that read its bytes. */
  readers = 0;
  /** Its file, shared with the parts it is cut into. */
  entry: SpoolEntry | undefined;
  /** The end of each record within the records' bytes; the first starts at 0. */
  readonly ends: readonly number[];
  readonly #wrap: Wrap;
  readonly #budget: ByteBudget;
  /** The bare records, or the whole body gzipped. */
  #bytes: Uint8Array;
  #gzipped = false;
  #compressing: Promise<void> | undefined;
  #released = false;

  constructor(
    { bytes, ends }: WrittenRecords,
    receipts: readonly Receipt[],
    sealedAt: number,
    wave: number,
    wrap: Wrap,
    budget: ByteBudget,
    depth = 0,
  ) {
    this.#bytes = bytes;
    this.ends = ends;
    this.receipts = receipts;
    this.sealedAt = sealedAt;
    this.wave = wave;
    this.depth = depth;
    this.#wrap = wrap;
    this.#budget = budget;
    budget.charge(bytes.byteLength);
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

  /** As it is held now. `headBytes`: what stands before the records when it is gzipped. */
  stored(): { bytes: Uint8Array; gzipped: boolean; headBytes: number } {
    return { bytes: this.#bytes, gzipped: this.#gzipped, headBytes: this.#gzipped ? this.#headBytes() : 0 };
  }

  /** What `wrap` puts around a run of records depends on its length only. */
  #headBytes(): number {
    return this.#wrap(new Uint8Array(this.ends.at(-1) ?? 0)).head.byteLength;
  }

  /** Compresses off the thread, where the runtime can; the batch may be sent or released meanwhile. */
  compress(): Promise<void> {
    this.#compressing ??= this.#compress();
    return this.#compressing;
  }

  async #compress(): Promise<void> {
    if (this.#released) return;
    const zipping = platform.gzip(this.body());
    if (!zipping) return;
    const zipped = await zipping;
    // What does not shrink is kept as it is: it is read back more cheaply.
    if (this.#released || zipped.byteLength >= this.#bytes.byteLength) return;
    this.#budget.release(this.#bytes.byteLength - zipped.byteLength);
    this.#recycle();
    this.#bytes = zipped;
    this.#gzipped = true;
  }

  #recycle(): void {
    if (this.readers === 0 && !this.#gzipped) this.pool?.give(this.#bytes);
  }

  /** As {@link release}, when a backend has taken it: its buffer is written to again. */
  releaseDelivered(): boolean {
    if (!this.release()) return false;
    this.#recycle();
    return true;
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
    const weights = this.ends.map((end, i) => (reason === "too_large" ? end - (this.ends[i - 1] ?? 0) : Math.random()));
    return [...weights.keys()].sort((a, b) => weights[a]! - weights[b]!).slice(0, count);
  }

  #pick(all: Uint8Array, positions: readonly number[], depth: number): Batch {
    const slices: Uint8Array[] = [];
    const ends: number[] = [];
    let length = 0;
    for (const position of positions) {
      const slice = all.subarray(position === 0 ? 0 : this.ends[position - 1], this.ends[position]);
      slices.push(slice);
      length += slice.byteLength;
      ends.push(length);
    }
    const receipts = positions.map((position) => this.receipts[position]!);
    const { sealedAt, wave } = this;
    const written = { bytes: concat(slices), ends };
    const part = new Batch(written, receipts, sealedAt, wave, this.#wrap, this.#budget, depth);
    part.entry = this.entry;
    this.entry?.retain();
    return part;
  }

  /** Gives its bytes back; false when that was done before. Who gets `true` settles the receipts. */
  release(): boolean {
    if (this.#released) return false;
    this.#released = true;
    this.entry?.release();
    this.#budget.release(this.#bytes.byteLength);
    return true;
  }

  async #records(): Promise<Uint8Array> {
    if (!this.#gzipped) return this.#bytes;
    const body = await platform.gunzip(this.#bytes);
    const start = this.#headBytes();
    return body.subarray(start, start + (this.ends.at(-1) ?? 0));
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
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
