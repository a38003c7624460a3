import { TooManyGroupsError } from "../../store/errors.ts";
import { Accumulator } from "./accumulator.ts";
import { dimensionsOf, measuresOf, type Dimension, type Facts, type Measure } from "./facts.ts";
import { TIME_FIELD, metricName, type AggregateQuery, type AggregateRow, type ScoreCondition } from "./query.ts";
import { nextStep, stepStart, writeStep } from "./time.ts";

/** Groups of one answer: what has more is asked for with a filter. */
export const MAX_GROUPS = 20_000;

interface Group {
  row: AggregateRow;
  metrics: Accumulator[];
}

/** Takes rows and gives groups; the same for every store. */
export class AggregateTable {
  readonly #query: AggregateQuery;
  readonly #dimensions: readonly (readonly [name: string, dimension: Dimension])[];
  readonly #measures: readonly Measure[];
  readonly #conditions: readonly (readonly [condition: ScoreCondition, dimension: Dimension])[];
  readonly #groups = new Map<string, Group>();

  constructor(query: AggregateQuery) {
    const dimensions = dimensionsOf(query.view);
    const measures = measuresOf(query.view);
    const dimension = (name: string): Dimension => known(dimensions.get(name), name);
    this.#query = query;
    this.#dimensions = query.dimensions.map((name) => [name, dimension(name)] as const);
    this.#measures = query.metrics.map(({ measure }) => known(measures.get(measure), measure));
    this.#conditions = query.conditions.map((condition) => [condition, dimension(condition.dimension)] as const);
  }

  /** What `add` looks at. */
  get facts(): ReadonlySet<string> {
    const used = [...this.#dimensions, ...this.#conditions].map(([, dimension]) => dimension);
    return new Set(["time", ...[...used, ...this.#measures].flatMap(({ facts }) => facts)]);
  }

  /** @throws {TooManyGroupsError} */
  add(facts: Facts): void {
    if (!this.#conditions.every(([condition, dimension]) => holds(condition, dimension.read(facts)))) return;
    const { granularity } = this.#query;
    const values = this.#measures.map((measure) => measure.read(facts));
    const time =
      granularity === null
        ? {}
        : { [TIME_FIELD]: writeStep(stepStart(Number(facts["time"]), granularity), granularity) };
    for (const place of this.#places(facts)) {
      const group = this.#group({ ...place, ...time });
      for (const [index, value] of values.entries()) if (value !== null) group.metrics[index]?.add(value);
    }
  }

  toRows(): AggregateRow[] {
    const { dimensions, granularity, orderBy, limit, bins, metrics } = this.#query;
    if (dimensions.length === 0 && granularity === null) this.#group({});
    if (dimensions.length === 0 && orderBy.length === 0) this.#fill();
    const rows = [...this.#groups.values()].map(({ row, metrics: accumulators }) => ({
      ...row,
      ...Object.fromEntries(
        metrics.map((metric, index) => [metricName(metric), accumulators[index]?.result(bins) ?? null]),
      ),
    }));
    const [first] = metrics;
    const order = [...orderBy];
    if (order.length === 0 && granularity !== null) order.push({ field: TIME_FIELD, descending: false });
    else if (order.length === 0 && first !== undefined) order.push({ field: metricName(first), descending: true });
    // What is equal goes by its names, so that the first of many are the same ones each time.
    for (const field of [...dimensions, TIME_FIELD]) order.push({ field, descending: false });
    return rows.toSorted((a, b) => compareRows(a, b, order)).slice(0, limit);
  }

  /** One, or one for each value of a list. A row without any is in the group of `null`. */
  #places(facts: Facts): AggregateRow[] {
    let places: AggregateRow[] = [{}];
    for (const [name, dimension] of this.#dimensions) {
      const value = dimension.read(facts);
      const values: readonly unknown[] = Array.isArray(value) ? (value.length === 0 ? [null] : value) : [value];
      places = places.flatMap((place) => values.map((one) => ({ ...place, [name]: one })));
    }
    return places;
  }

  #group(row: AggregateRow): Group {
    const key = JSON.stringify(Object.values(row));
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) {
        throw new TooManyGroupsError(
          `There are more than ${MAX_GROUPS} groups: ask with a filter, for a shorter time, or by fewer dimensions.`,
        );
      }
      const metrics = this.#query.metrics.map(({ aggregation }) => new Accumulator(aggregation));
      this.#groups.set(key, (group = { row, metrics }));
    }
    return group;
  }

  /** Steps without a row, as far as they are given. */
  #fill(): void {
    const { granularity, from, to, limit } = this.#query;
    if (granularity === null) return;
    let start = stepStart(from, granularity);
    for (let count = 0; start < to && count < limit; count += 1) {
      this.#group({ [TIME_FIELD]: writeStep(start, granularity) });
      start = nextStep(start, granularity);
    }
  }
}

function known<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`There is no dimension or measure ${name}.`);
  return found;
}

/** Missing values last, whatever the direction. */
function compareRows(a: AggregateRow, b: AggregateRow, order: AggregateQuery["orderBy"]): number {
  for (const { field, descending } of order) {
    const [x, y] = [a[field] ?? null, b[field] ?? null];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? 1 : -1;
    const sign = typeof x === "number" && typeof y === "number" ? x - y : textOf(x) < textOf(y) ? -1 : 1;
    return descending ? -sign : sign;
  }
  return 0;
}

/** A histogram has no order of its own, and is sorted by some. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function holds({ operator, value }: ScoreCondition, actual: ReturnType<Dimension["read"]>): boolean {
  const all = Array.isArray(actual) ? (actual as readonly string[]) : [actual as string | number | boolean | null];
  if (operator === "is null" || operator === "is not null") {
    return all.every((one) => one === null) === (operator === "is null");
  }
  const texts = all.flatMap((one) => (one === null ? [] : [String(one)]));
  if (Array.isArray(value)) {
    const wanted = value as readonly string[];
    if (operator === "all of") return wanted.every((text) => texts.includes(text));
    return wanted.some((text) => texts.includes(text)) === (operator === "any of");
  }
  if (typeof value === "number") {
    const [number] = all;
    return typeof number === "number" && compares(operator, number, value);
  }
  const text = String(value);
  switch (operator) {
    case "=":
      return texts.includes(text);
    case "<>":
      return !texts.includes(text);
    case "contains":
      return texts.some((one) => one.includes(text));
    case "does not contain":
      return !texts.some((one) => one.includes(text));
    case "starts with":
      return texts.some((one) => one.startsWith(text));
    default:
      return texts.some((one) => one.endsWith(text));
  }
}

function compares(operator: string, a: number, b: number): boolean {
  switch (operator) {
    case "=":
      return a === b;
    case "<>":
      return a !== b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "<":
      return a < b;
    default:
      return a <= b;
  }
}
