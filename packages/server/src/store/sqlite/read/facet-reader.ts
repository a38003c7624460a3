import type { Facet } from "../../../api/lists.ts";
import type { QueryTarget } from "../../../query/language/ast.ts";
import { FIELDS, type FieldName } from "../../../query/language/fields.ts";
import { withoutField } from "../../../query/language/without-field.ts";
import { MAX_FACET_SAMPLE, MAX_FACET_VALUES, type Selection } from "../../observations.ts";
import type { Selector } from "./selection.ts";
import { sql, type Runner, type Sql } from "./sql.ts";
import { termFieldOf } from "./term-index.ts";

/** Columns that hold a facet field's value, by target; others are in `trace_terms`. */
const COLUMNS: Record<QueryTarget, Partial<Record<FieldName, string>>> = {
  traces: {
    name: "t.name",
    status: "t.status",
    user: "t.user_id",
    environment: "t.environment",
    release: "t.release",
    tag: "t.tags",
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
    tag: "t.tags",
  },
};

type Counts = Map<string, number>;

/** Counts the values of what a list selects. */
export class FacetReader {
  readonly #runner: Runner;
  readonly #selector: Selector;

  constructor(runner: Runner, selector: Selector) {
    this.#runner = runner;
    this.#selector = selector;
  }

  /** Fields that the query says nothing about have the same sample, which is read once. */
  countFacets(projectId: string, target: QueryTarget, selection: Selection): Facet[] {
    const fields = FIELDS.filter((field) => field.facet && field.targets.includes(target)).map(({ name }) => name);
    const bySample = new Map<string, { selection: Selection; fields: FieldName[] }>();
    for (const name of fields) {
      const filter = withoutField(selection.filter ?? null, name);
      const key = JSON.stringify(filter);
      const sample = bySample.get(key);
      if (sample === undefined) bySample.set(key, { selection: { ...selection, filter }, fields: [name] });
      else sample.fields.push(name);
    }
    const counts = new Map<FieldName, Counts>();
    for (const sample of bySample.values()) {
      const isColumn = (name: FieldName): boolean => COLUMNS[target][name] !== undefined;
      this.#countColumns(projectId, target, sample.selection, sample.fields.filter(isColumn), counts);
      const terms = sample.fields.filter((name) => !isColumn(name));
      if (terms.length > 0) this.#countTerms(projectId, sample.selection, terms, counts);
    }
    return fields.map((name) => toFacet(name, counts.get(name) ?? new Map()));
  }

  /** A column of values at a time, as JSON: single cells would take several times as long on their way out of the database. */
  #countColumns(
    projectId: string,
    target: QueryTarget,
    selection: Selection,
    fields: readonly FieldName[],
    counts: Map<FieldName, Counts>,
  ): void {
    if (fields.length === 0) return;
    const columns = fields.map((name, index) => `${COLUMNS[target][name]} AS c${index}`).join(", ");
    const sample = this.#sample(projectId, target, selection, columns);
    const arrays = fields.map((_, index) => `json_group_array(c${index})`).join(", ");
    const [texts = []] = this.#runner.raw<string[]>(sql(`SELECT ${arrays} FROM (${sample.text})`, ...sample.params));
    for (const [index, name] of fields.entries()) {
      const values = countValues(JSON.parse(texts[index] ?? "[]") as (string | null)[]);
      counts.set(name, name === "tag" ? countTags(values) : values);
    }
  }

  #countTerms(
    projectId: string,
    selection: Selection,
    fields: readonly FieldName[],
    counts: Map<FieldName, Counts>,
  ): void {
    const sample = this.#sample(projectId, "traces", selection, "t.rid AS rid");
    const terms = this.#runner.get<{ terms: string | null }>(
      sql(
        `SELECT group_concat(x.term) AS terms FROM (${sample.text}) sample CROSS JOIN trace_terms x ON x.trace = sample.rid`,
        ...sample.params,
      ),
    )?.terms;
    const met = countValues((terms ?? "").split(","));
    const names = new Map(fields.map((name) => [termFieldOf("traces", name) ?? name, name]));
    const rows = this.#runner.raw<[id: number, field: string, value: string]>(
      sql(
        `SELECT m.id, m.field, m.value FROM json_each(?) j CROSS JOIN terms m ON m.id = j.value
         WHERE m.field IN (SELECT value FROM json_each(?))`,
        `[${[...met.keys()].join(",")}]`,
        JSON.stringify([...names.keys()]),
      ),
    );
    for (const [id, field, value] of rows) {
      const name = names.get(field) as FieldName;
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, met.get(String(id)) ?? 0);
      counts.set(name, values);
    }
  }

  #sample(projectId: string, target: QueryTarget, selection: Selection, columns: string): Sql {
    const main = target === "traces" ? "t" : "o";
    const wanted = { sort: "start_time", limit: MAX_FACET_SAMPLE, withTrace: true };
    const { text, params } = this.#selector.select(projectId, target, selection, wanted);
    return sql(`SELECT ${columns} ${text} ORDER BY ${main}.start_time DESC LIMIT ${MAX_FACET_SAMPLE}`, ...params);
  }
}

function countValues(values: readonly (string | null)[]): Counts {
  const counts: Counts = new Map();
  for (const value of values) {
    if (value !== null && value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** From counts of lists of tags. */
function countTags(lists: Counts): Counts {
  const counts: Counts = new Map();
  for (const [json, count] of lists) {
    for (const tag of JSON.parse(json) as string[]) counts.set(tag, (counts.get(tag) ?? 0) + count);
  }
  return counts;
}

function toFacet(field: FieldName, counts: Counts): Facet {
  const sorted = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return {
    field,
    values: sorted.slice(0, MAX_FACET_VALUES).map(([value, count]) => ({ value, count })),
    truncated: sorted.length > MAX_FACET_VALUES,
  };
}
