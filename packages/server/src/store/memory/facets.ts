import type { DensityResponse, Facet } from "../../api/lists.ts";
import type { QueryTarget } from "../../query/language/ast.ts";
import { valuesOf, type Subject } from "../../query/language/evaluate.ts";
import { FIELDS } from "../../query/language/fields.ts";
import { withoutField } from "../../query/language/without-field.ts";
import { MAX_FACET_SAMPLE, MAX_FACET_VALUES, type Selection } from "../observations.ts";

const OUTLIERS = 10;

export function countFacets(
  target: QueryTarget,
  selection: Selection,
  select: (selection: Selection) => Subject[],
): Facet[] {
  return FIELDS.filter((field) => field.facet && field.targets.includes(target)).map(({ name }) => {
    const filter = withoutField(selection.filter ?? null, name);
    const sample = select({ ...selection, filter })
      .toSorted((a, b) => timeOf(b) - timeOf(a))
      .slice(0, MAX_FACET_SAMPLE);
    const counts = new Map<string, number>();
    for (const subject of sample) {
      const values = valuesOf({ name, key: null }, subject).filter((value) => value !== null && value !== "");
      for (const value of new Set(values.map(String))) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return {
      field: name,
      values: sorted.slice(0, MAX_FACET_VALUES).map(([value, count]) => ({ value, count })),
      truncated: sorted.length > MAX_FACET_VALUES,
    };
  });
}

/** @param compare as a list that is sorted by this has them. */
export function measureDensity(
  subjects: readonly Subject[],
  selection: Selection,
  buckets: number,
  compare: (field: "duration" | "cost", a: Subject, b: Subject) => number,
): DensityResponse {
  const times = subjects.map(timeOf);
  const from = selection.from ?? Math.floor(times.length === 0 ? 0 : Math.min(...times));
  const high = times.length === 0 ? 0 : Math.max(...times);
  const to = Math.max(from + buckets, selection.to ?? Math.floor(high) + 1);
  const bucketMs = Math.ceil((to - from) / buckets);
  const filled: DensityResponse["buckets"] = Array.from({ length: Math.ceil((to - from) / bucketMs) }, () => ({
    count: 0,
    errors: 0,
    cost: null,
    maxDurationMs: null,
  }));
  for (const subject of subjects) {
    const bucket = filled[Math.floor((timeOf(subject) - from) / bucketMs)];
    if (bucket === undefined) continue;
    const { duration, cost, hasError } = measure(subject);
    bucket.count += 1;
    if (hasError) bucket.errors += 1;
    if (cost !== null) bucket.cost = (bucket.cost ?? 0) + cost;
    if (duration !== null) bucket.maxDurationMs = Math.max(bucket.maxDurationMs ?? 0, duration);
  }
  const outliers = (["duration", "cost"] as const).flatMap((kind) =>
    subjects
      .filter((subject) => (measure(subject)[kind] ?? 0) > 0)
      .toSorted((a, b) => compare(kind, b, a))
      .slice(0, OUTLIERS)
      .map((subject) => {
        const { trace, observation } = subject;
        const value = measure(subject)[kind] ?? 0;
        return {
          kind,
          time: timeOf(subject),
          value,
          traceId: trace.summary.traceId,
          observationId: observation?.id ?? null,
        };
      }),
  );
  return { from, to, bucketMs, buckets: filled, outliers };
}

function timeOf({ trace, observation }: Subject): number {
  return (observation ?? trace.summary).startTime;
}

function measure({ trace: { summary }, observation }: Subject): {
  duration: number | null;
  cost: number | null;
  hasError: boolean;
} {
  if (observation === null) {
    return { duration: summary.durationMs, cost: summary.cost, hasError: summary.errorCount > 0 };
  }
  const { startTime, endTime, cost, level } = observation;
  return {
    duration: endTime === null ? null : endTime - startTime,
    cost: cost?.["total"] ?? null,
    hasError: level === "ERROR",
  };
}
