/** Buckets grow by a tenth: the middle of one is within 5 % of all that is in it. */
const GROWTH = Math.log(1.1);

/** Counts of durations by size. Merges with others, and takes back what was added. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** @param ms from 0 on. @param count -1 takes one back. */
  add(ms: number, count = 1): void {
    this.addTo(bucketOf(ms), count);
  }

  /** @param bucket of {@link bucketOf}. */
  addTo(bucket: number, count: number): void {
    const sum = (this.#counts.get(bucket) ?? 0) + count;
    if (sum === 0) this.#counts.delete(bucket);
    else this.#counts.set(bucket, sum);
    this.#total += count;
  }

  /** @param sign -1 takes it back. */
  merge(other: Histogram, sign: 1 | -1 = 1): void {
    for (const [bucket, count] of other.#counts) this.addTo(bucket, sign * count);
  }

  /** @param entries as {@link toJSON} gives them. */
  mergeEntries(entries: Iterable<readonly [bucket: number, count: number]>): void {
    for (const [bucket, count] of entries) this.addTo(bucket, count);
  }

  get total(): number {
    return this.#total;
  }

  /** The value that a part of all is not above; `null` when nothing was counted. */
  percentile(part: number): number | null {
    if (this.#total <= 0) return null;
    let seen = 0;
    const wanted = part * this.#total;
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      seen += this.#counts.get(bucket) ?? 0;
      if (seen >= wanted) return bucket === Number.MIN_SAFE_INTEGER ? 0 : Math.exp((bucket + 0.5) * GROWTH);
    }
    return null;
  }

  toJSON(): [number, number][] {
    return [...this.#counts];
  }
}

/** @param ms from 0 on. */
export function bucketOf(ms: number): number {
  return ms < 0.001 ? Number.MIN_SAFE_INTEGER : Math.floor(Math.log(ms) / GROWTH);
}
