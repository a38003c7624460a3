import type { DensityResponse, Facet } from "../../../api/lists.ts";
import type { QueryTarget } from "../../../query/language/ast.ts";
import { FIELDS, type FieldName } from "../../../query/language/fields.ts";
import { withoutField } from "../../../query/language/without-field.ts";
import { MAX_FACET_SAMPLE, MAX_FACET_VALUES, type Selection } from "../../observations.ts";
import type { ListReader } from "./list-reader.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Columns that hold a facet field's value, by target; `null`: in `trace_terms`, under that name. */
const COLUMNS: Record<QueryTarget, Partial<Record<FieldName, string>>> = {
  traces: {
    name: "t.name",
    status: "t.status",
    user: "t.user_id",
    environment: "t.environment",
    release: "t.release",
  },
  observations: {
    name: "o.name",
    type: "o.type",
    level: "o.level",
    status: "o.status",
    model: "o.model",
    provider: "o.provider",
    user: "t.user_id",
    environment: "t.environment",
    release: "t.release",
  },
};

const TERMS: Partial<Record<FieldName, string>> = {
  observation: "name",
  type: "type",
  level: "level",
  model: "model",
  provider: "provider",
};

const OUTLIERS = 10;

/** Counts over what a list selects. */
export class FacetReader {
  readonly #runner: Runner;
  readonly #lists: ListReader;

  constructor(runner: Runner, lists: ListReader) {
    this.#runner = runner;
    this.#lists = lists;
  }

  countFacets(projectId: string, target: QueryTarget, selection: Selection): Facet[] {
    return FIELDS.filter((field) => field.facet && field.targets.includes(target)).map(({ name }) => {
      const filter = withoutField(selection.filter ?? null, name);
      const sample = this.#sample(projectId, target, { ...selection, filter });
      const rows = this.#runner.all<{ value: string; count: number }>(this.#counts(target, name, sample));
      return {
        field: name,
        values: rows.slice(0, MAX_FACET_VALUES).map(({ value, count }) => ({ value, count })),
        truncated: rows.length > MAX_FACET_VALUES,
      };
    });
  }

  #counts(target: QueryTarget, name: FieldName, sample: Sql): Sql {
    const tables =
      target === "traces" ? "trace_summaries t" : "observation_rows o JOIN trace_summaries t ON t.rid = o.trace";
    const main = target === "traces" ? "t" : "o";
    const order = `ORDER BY count DESC, value LIMIT ${MAX_FACET_VALUES + 1}`;
    if (name === "tag") {
      return sql(
        `SELECT j.value AS value, count(*) AS count FROM ${tables}, json_each(t.tags) j
         WHERE ${main}.rid IN (${sample.text}) GROUP BY j.value ${order}`,
        ...sample.params,
      );
    }
    const column = COLUMNS[target][name];
    if (column !== undefined) {
      return sql(
        `SELECT ${column} AS value, count(*) AS count FROM ${tables}
         WHERE ${main}.rid IN (${sample.text}) AND ${column} <> '' GROUP BY ${column} ${order}`,
        ...sample.params,
      );
    }
    return sql(
      `SELECT m.value AS value, count(*) AS count FROM (${sample.text}) s CROSS JOIN trace_terms x CROSS JOIN terms m
       WHERE x.trace = s.rid AND m.id = x.term AND m.field = ? GROUP BY m.id ${order}`,
      ...sample.params,
      TERMS[name] ?? name,
    );
  }

  #sample(projectId: string, target: QueryTarget, selection: Selection): Sql {
    const main = target === "traces" ? "t" : "o";
    const selected = this.#lists.selection(projectId, target, selection);
    return sql(
      `SELECT ${main}.rid AS rid ${selected.text} ORDER BY ${main}.start_time DESC LIMIT ${MAX_FACET_SAMPLE}`,
      ...selected.params,
    );
  }

  density(projectId: string, target: QueryTarget, selection: Selection, buckets: number): DensityResponse {
    const main = target === "traces" ? "t" : "o";
    const selected = this.#lists.selection(projectId, target, selection);
    const range = this.#runner.get<{ low: number | null; high: number | null }>(
      sql(
        `SELECT min(${main}.start_time) AS low, max(${main}.start_time) AS high ${selected.text}`,
        ...selected.params,
      ),
    );
    const from = selection.from ?? Math.floor(range?.low ?? 0);
    const to = Math.max(from + buckets, selection.to ?? Math.floor(range?.high ?? 0) + 1);
    const bucketMs = Math.ceil((to - from) / buckets);
    const cost = target === "traces" ? "t.cost" : "o.total_cost";
    const errors = target === "traces" ? "t.errors > 0" : "o.level = 'ERROR'";
    const rows = this.#runner.all<{ bucket: number; n: number; errors: number; cost: number | null; duration: number }>(
      sql(
        `SELECT CAST((${main}.start_time - ?) / ? AS INTEGER) AS bucket, count(*) AS n, sum(${errors}) AS errors,
         sum(CASE WHEN ${cost} >= 0 THEN ${cost} END) AS cost, max(${main}.duration) AS duration
         ${selected.text} GROUP BY bucket`,
        from,
        bucketMs,
        ...selected.params,
      ),
    );
    const filled: DensityResponse["buckets"] = Array.from({ length: Math.ceil((to - from) / bucketMs) }, () => ({
      count: 0,
      errors: 0,
      cost: null,
      maxDurationMs: null,
    }));
    for (const { bucket, n, errors: failed, cost: sum, duration } of rows) {
      if (bucket < 0 || bucket >= filled.length) continue;
      filled[bucket] = { count: n, errors: failed, cost: sum, maxDurationMs: duration < 0 ? null : duration };
    }
    const outliers = [
      ...this.#outliers(projectId, target, selection, "duration"),
      ...this.#outliers(projectId, target, selection, "cost"),
    ];
    return { from, to, bucketMs, buckets: filled, outliers };
  }

  #outliers(
    projectId: string,
    target: QueryTarget,
    selection: Selection,
    kind: "duration" | "cost",
  ): DensityResponse["outliers"] {
    const sort = { field: kind, descending: true } as const;
    const { statement } = this.#lists.pageStatement(projectId, target, { ...selection, sort, limit: OUTLIERS - 1 });
    const main = target === "traces" ? "t" : "o";
    const id = target === "traces" ? "NULL" : "o.id";
    const extended = sql(
      statement.text.replace("SELECT ", `SELECT ${main}.trace_id AS trace, ${id} AS own, `),
      ...statement.params,
    );
    return this.#runner
      .all<{ k0: number; k1: number; trace: string; own: string | null }>(extended)
      .filter((row) => row.k0 > 0)
      .map((row) => ({ kind, time: row.k1, value: row.k0, traceId: row.trace, observationId: row.own }));
  }
}
