/** What a chart over time shows. `null` is "nothing measured" and leaves a gap. */
export interface ChartSeries {
  label: string;
  /** A CSS colour, or a custom property of the tokens: `var(--kind-agent)`. */
  color: string;
  values: readonly (number | null)[];
  /** A dashed line, so that series are told apart without colour. */
  dash?: readonly number[];
}

export interface ChartData {
  /** Epoch milliseconds, ascending, one a point. */
  times: readonly number[];
  series: readonly ChartSeries[];
}

/** The series on top of each other, the first at the bottom; what is unknown counts as nothing. */
export function stack({ times, series }: ChartData): (number | null)[][] {
  const sums = times.map(() => 0);
  return series.map(({ values }) =>
    times.map((_, index) => {
      sums[index] = (sums[index] ?? 0) + (values[index] ?? 0);
      return sums[index] ?? 0;
    }),
  );
}

export function hasValues({ series }: ChartData): boolean {
  return series.some(({ values }) => values.some((value) => value !== null && value !== 0));
}
