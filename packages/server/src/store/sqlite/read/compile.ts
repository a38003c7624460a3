import type { FieldRef, QueryNode, QueryTarget } from "../../../query/language/ast.ts";
import { join, sql, type Runner, type Sql } from "./sql.ts";
import { termFieldOf, TermIndex } from "./term-index.ts";
import { TextSearch } from "./text-search.ts";
import type { NameIndex } from "./name-index.ts";

/** Columns of `t`, the trace; and of `o`, the observation. */
const TRACE_COLUMNS: Partial<Record<string, string>> = {
  name: "t.name",
  user: "t.user_id",
  session: "t.session_id",
  environment: "t.environment",
  release: "t.release",
  version: "t.version",
  id: "t.trace_id",
  status: "t.status",
  start: "t.start_time",
  end: "t.end_time",
  latency: "t.duration",
  firstToken: "t.first_token",
  cost: "t.cost",
  tokens: "t.tokens",
  inputTokens: "t.input_tokens",
  outputTokens: "t.output_tokens",
  errors: "t.errors",
  observations: "t.observations",
  public: "t.public",
};

const OBSERVATION_COLUMNS: Partial<Record<string, string>> = {
  ...TRACE_COLUMNS,
  traceName: "t.name",
  trace: "t.trace_id",
  name: "o.name",
  type: "o.type",
  level: "o.level",
  status: "o.status",
  statusMessage: "o.status_message",
  model: "o.model",
  provider: "o.provider",
  prompt: "o.prompt_name",
  id: "o.id",
  start: "o.start_time",
  end: "o.end_time",
  latency: "o.duration",
  firstToken: "o.first_token",
  cost: "o.total_cost",
  tokens: "o.tokens",
  inputTokens: "o.input_tokens",
  outputTokens: "o.output_tokens",
  root: "o.is_root",
  parent: "o.parent_id",
};

/** -1 in these columns means that there is none. */
export const MEASURES = new Set(["latency", "firstToken", "cost", "tokens"]);

/**
 * Turns a query into a condition over `trace_summaries t`, and `observation_rows o` where it is about observations. It says what is
 * selected, each row being asked by itself; where rows are looked for is the business of `access.ts`.
 */
export class FilterCompiler {
  readonly #projectId: string;
  readonly #target: QueryTarget;
  readonly #terms: TermIndex;
  /** What the query's words were found in, so that they are looked up once. */
  readonly text: TextSearch;

  constructor(runner: Runner, names: NameIndex, projectId: string, target: QueryTarget) {
    this.#projectId = projectId;
    this.#target = target;
    this.#terms = new TermIndex(runner, projectId);
    this.text = new TextSearch(runner, names, projectId, target);
  }

  compile(node: QueryNode): Sql {
    switch (node.kind) {
      case "and":
      case "or": {
        return joinInHalves(
          node.nodes.map((child) => this.compile(child)),
          node.kind === "and" ? " AND " : " OR ",
        );
      }
      case "not": {
        const inner = this.compile(node.node);
        // NULL is "no", and so its opposite is "yes".
        return sql(`NOT ifnull(${inner.text}, 0)`, ...inner.params);
      }
      case "text":
        return this.text.condition(node.pattern);
      case "match":
        return this.#match(node.field, node.value, node.wildcard);
      case "range":
        return this.#range(node);
      case "has":
        return this.#has(node.field);
      case "flag": {
        const column = this.#column(node.field) ?? "t.public";
        return sql(`${column} = ${node.value ? 1 : 0}`);
      }
    }
  }

  #column({ name }: FieldRef): string | undefined {
    return (this.#target === "traces" ? TRACE_COLUMNS : OBSERVATION_COLUMNS)[name];
  }

  #match(field: FieldRef, value: string, wildcard: boolean): Sql {
    if (field.name === "metadata") return this.#metadata(field, { value, wildcard });
    if (field.name === "scores") {
      const [test, param] = comparison("s.string_value", value, wildcard);
      const number = Number(value);
      if (wildcard || value.trim() === "" || !Number.isFinite(number)) return this.#score(field, sql(test, param));
      return this.#score(field, sql(`(${test} OR s.value = ?)`, param, number));
    }
    if (field.name === "level" && value === "ERROR" && this.#target === "traces") return sql("t.errors > 0");
    const column = this.#column(field);
    if (field.name === "tag") {
      const [test, param] = comparison("value", value, wildcard);
      return sql(`EXISTS (SELECT 1 FROM json_each(t.tags) WHERE ${test})`, param);
    }
    if (field.name === "statusMessage" && this.#target === "traces") {
      const [test, param] = comparison("a.status_message", value, wildcard);
      return sql(
        `EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND a.status_message <> '' AND ${test})`,
        param,
      );
    }
    if (column === undefined) return this.#term(termFieldOf(this.#target, field.name) ?? "", value, wildcard);
    const own = sql(...comparison(column, value, wildcard));
    // Says what the partial index over the few traces of another status is there for.
    return column === "t.status" && value !== "ok" && !wildcard ? and(sql("t.status <> 'ok'"), own) : own;
  }

  /** Traces that have the term. */
  #term(field: string, value: string, wildcard: boolean): Sql {
    if (wildcard) {
      return sql(
        `EXISTS (SELECT 1 FROM trace_terms x JOIN terms m ON m.id = x.term
         WHERE x.trace = t.rid AND m.project_id = ? AND m.field = ? AND m.value GLOB ?)`,
        this.#projectId,
        field,
        toGlob(value),
      );
    }
    // No trace has term 0.
    const id = this.#terms.find(field, value) ?? 0;
    return sql("EXISTS (SELECT 1 FROM trace_terms x WHERE x.trace = t.rid AND x.term = ?)", id);
  }

  #range(node: QueryNode & { kind: "range" }): Sql {
    const { field, min, max } = node;
    const bounds = (column: string): Sql => {
      const parts: Sql[] = [];
      if (min !== null) parts.push(sql(`${column} ${min.inclusive ? ">=" : ">"} ?`, min.value));
      if (max !== null) parts.push(sql(`${column} ${max.inclusive ? "<=" : "<"} ?`, max.value));
      return parts.length === 0 ? sql("1") : join(parts, " AND ");
    };
    if (field.name === "scores") return this.#score(field, bounds("s.value"));
    if (field.name === "metadata") return this.#metadata(field, bounds("number"));
    const column = this.#column(field);
    if (column === undefined) throw new Error(`${field.name} is no number of ${this.#target}.`);
    const parts = [bounds(column)];
    if (MEASURES.has(field.name)) parts.push(sql(`${column} >= 0`));
    // Says what the partial index over traces with errors is there for.
    if (column === "t.errors" && min !== null && (min.value > 0 || !min.inclusive)) parts.push(sql("t.errors > 0"));
    return and(...parts);
  }

  #has(field: FieldRef): Sql {
    if (field.name === "scores") return this.#score(field, sql("1"));
    if (field.name === "metadata") return this.#metadata(field, sql("1"));
    if (field.name === "tag") return sql("t.tags IS NOT NULL");
    const column = this.#column(field);
    if (column !== undefined) {
      if (MEASURES.has(field.name)) return sql(`${column} >= 0`);
      return sql(`(${column} IS NOT NULL AND ${column} <> '')`);
    }
    if (field.name === "statusMessage") {
      return sql("EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND a.status_message <> '')");
    }
    return sql(
      `EXISTS (SELECT 1 FROM trace_terms x JOIN terms m ON m.id = x.term WHERE x.trace = t.rid AND m.field = ?)`,
      termFieldOf(this.#target, field.name) ?? field.name,
    );
  }

  #score(field: FieldRef, test: Sql): Sql {
    const name = field.key === null ? sql("1") : sql("s.name = ?", field.key);
    const where = and(sql("s.project_id = ?", this.#projectId), name, test);
    const own = this.#target === "observations" ? " AND s.observation_id = o.id" : "";
    return sql(
      `EXISTS (SELECT 1 FROM scores s WHERE s.trace_id = t.trace_id${own} AND ${where.text})`,
      ...where.params,
    );
  }

  #metadata(field: FieldRef, test: Sql | { value: string; wildcard: boolean }): Sql {
    const { key } = field;
    const onTraces = this.#target === "traces";
    if (onTraces) {
      if (key === null) return this.#hasAnyMetadata();
      if ("value" in test) return this.#term(`metadata.${key}`, test.value, test.wildcard);
      const number = sql(test.text.replaceAll("number", "CAST(m.value AS REAL)"), ...test.params);
      const looksNumeric = test.text === "1" ? "1" : "m.value GLOB '*[0-9]*' AND m.value NOT GLOB '*[^0-9.eE+-]*'";
      return sql(
        `EXISTS (SELECT 1 FROM trace_terms x JOIN terms m ON m.id = x.term
         WHERE x.trace = t.rid AND m.project_id = ? AND m.field = ? AND ${looksNumeric} AND ${number.text})`,
        this.#projectId,
        `metadata.${key}`,
        ...number.params,
      );
    }
    if (key === null) {
      return sql(
        "EXISTS (SELECT 1 FROM observation_payloads p WHERE p.obs = o.rid AND (p.metadata IS NOT NULL OR p.trace_metadata IS NOT NULL))",
      );
    }
    const text = "CASE j.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(j.value AS TEXT) END";
    const exists = (condition: Sql): Sql =>
      sql(
        `EXISTS (SELECT 1 FROM observation_payloads p, json_each(coalesce(p.metadata_keys, p.metadata)) j
         WHERE p.obs = o.rid AND j.key = ? AND j.type IN ('text', 'integer', 'real', 'true', 'false') AND ${condition.text})`,
        key,
        ...condition.params,
      );
    if (!("value" in test)) {
      if (test.text === "1") return exists(sql(`${text} <> ''`));
      const number = sql(test.text.replaceAll("number", "CAST(j.value AS REAL)"), ...test.params);
      return exists(
        sql(`${text} GLOB '*[0-9]*' AND ${text} NOT GLOB '*[^0-9.eE+-]*' AND ${number.text}`, ...number.params),
      );
    }
    const [compared, param] = comparison(`(${text})`, test.value, test.wildcard);
    return exists(sql(compared, param));
  }

  #hasAnyMetadata(): Sql {
    return sql(
      `EXISTS (SELECT 1 FROM observation_rows a JOIN observation_payloads p ON p.obs = a.rid
       WHERE a.trace = t.rid AND (p.metadata IS NOT NULL OR p.trace_metadata IS NOT NULL))`,
    );
  }
}

/** Thousands of values in a row would be an expression thousands deep, and SQLite takes one of 1000: https://sqlite.org/limits.html */
function joinInHalves(parts: readonly Sql[], separator: string): Sql {
  if (parts.length > 2) {
    const half = parts.length >> 1;
    return joinInHalves(
      [joinInHalves(parts.slice(0, half), separator), joinInHalves(parts.slice(half), separator)],
      separator,
    );
  }
  const { text, params } = join(parts, separator);
  return sql(`(${text})`, ...params);
}

export function and(...parts: readonly Sql[]): Sql {
  const joined = join(parts, " AND ");
  return parts.length === 1 ? joined : sql(`(${joined.text})`, ...joined.params);
}

export function comparison(column: string, value: string, wildcard: boolean): [text: string, param: string] {
  return wildcard ? [`${column} GLOB ?`, toGlob(value)] : [`${column} = ?`, value];
}

/** Stands for NUL, at which SQLite would take a pattern for ended. No text that is stored has one. */
const NO_CHARACTER = "[^\u0001-\u{10FFFF}]";

/** Only `*` has a meaning in a query. */
export function toGlob(value: string): string {
  return value.replaceAll(/[[?]/g, (char) => `[${char}]`).replaceAll("\0", NO_CHARACTER);
}
