import type { Aggregation } from "./query.ts";

/** Values kept for percentiles and histograms of one group; of more, a sample of this many. */
export const MAX_SAMPLE = 20_000;

const PERCENTILES: Partial<Record<Aggregation, number>> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 };

/** One metric of one group. */
export class Accumulator {
  readonly #aggregation: Aggregation;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  readonly #sample: number[] = [];

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation;
  }

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    if (this.#aggregation !== "histogram" && PERCENTILES[this.#aggregation] === undefined) return;
    if (this.#sample.length < MAX_SAMPLE) this.#sample.push(value);
    else {
      // Each value is as likely to be in the sample (https://en.wikipedia.org/wiki/Reservoir_sampling, Algorithm R).
      const place = Math.floor(Math.random() * this.#count);
      if (place < MAX_SAMPLE) this.#sample[place] = value;
    }
  }

  /** `null` where there is nothing to tell: a mean of nothing. */
  result(bins: number): number | null | [lower: number, upper: number, height: number][] {
    switch (this.#aggregation) {
      case "count":
        return this.#count;
      case "sum":
        return this.#sum;
      case "histogram":
        return this.#histogram(bins);
      default:
    }
    if (this.#count === 0) return null;
    if (this.#aggregation === "avg") return this.#sum / this.#count;
    if (this.#aggregation === "min") return this.#min;
    if (this.#aggregation === "max") return this.#max;
    return this.#percentile(PERCENTILES[this.#aggregation] ?? 0);
  }

  /** Between the two nearest values, by their distance. */
  #percentile(part: number): number {
    const sorted = this.#sample.toSorted((a, b) => a - b);
    const place = part * (sorted.length - 1);
    const lower = sorted[Math.floor(place)] ?? 0;
    const upper = sorted[Math.ceil(place)] ?? lower;
    return lower + (upper - lower) * (place - Math.floor(place));
  }

  /** Bins of one width from the least to the largest; heights of a sample stand for all. */
  #histogram(bins: number): [number, number, number][] {
    if (this.#count === 0) return [];
    const [min, max] = [this.#min, this.#max];
    if (min === max) return [[min, max, this.#count]];
    const width = (max - min) / bins;
    const heights = Array.from({ length: bins }, () => 0);
    for (const value of this.#sample) {
      const bin = Math.min(bins - 1, Math.floor((value - min) / width));
      heights[bin] = (heights[bin] ?? 0) + 1;
    }
    const scale = this.#count / this.#sample.length;
    return heights.map((height, bin) => [
      min + bin * width,
      bin === bins - 1 ? max : min + (bin + 1) * width,
      height * scale,
    ]);
  }
}
