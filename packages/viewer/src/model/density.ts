import type { DensityResponse } from "../api/types.ts";

/** Heights and places of the strip above a list, as shares of its height and width. */
export interface DensityLayout {
  bars: { left: number; width: number; height: number; errorHeight: number; index: number }[];
  marks: {
    left: number;
    kind: "duration" | "cost";
    value: number;
    traceId: string;
    observationId: string | null;
    time: number;
  }[];
}

/** The tallest bar is the busiest moment. By the root, so that a quiet hour beside a busy one is still seen. */
export function layoutDensity(density: DensityResponse): DensityLayout {
  const { from, to, buckets } = density;
  const span = Math.max(1, to - from);
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const height = (count: number): number => Math.sqrt(count / most);
  const width = buckets.length === 0 ? 0 : 1 / buckets.length;
  const bars = buckets.flatMap(({ count, errors }, index) =>
    count === 0
      ? []
      : [{ index, left: index * width, width, height: height(count), errorHeight: height(count) * (errors / count) }],
  );
  const marks = density.outliers
    .filter(({ time }) => time >= from && time <= to)
    .map((outlier) => ({ ...outlier, left: (outlier.time - from) / span }));
  return { bars, marks };
}

/** The time between two shares of the strip, at least one bucket wide; `null` for a click without a way. */
export function brushedRange(
  density: Pick<DensityResponse, "from" | "to" | "bucketMs">,
  a: number,
  b: number,
): { from: number; to: number } | null {
  const span = density.to - density.from;
  const clamp = (share: number): number => Math.min(1, Math.max(0, share));
  const [start, end] = [clamp(Math.min(a, b)) * span, clamp(Math.max(a, b)) * span];
  if (end - start < span * 0.004) return null;
  const from = Math.floor(start / density.bucketMs) * density.bucketMs;
  const to = Math.ceil(end / density.bucketMs) * density.bucketMs;
  return { from: Math.round(density.from + from), to: Math.round(density.from + to) };
}
