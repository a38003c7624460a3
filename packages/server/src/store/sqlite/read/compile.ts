import type { FieldRef, QueryNode, QueryTarget } from "../../../query/language/ast.ts";
import { fieldOf } from "../../../query/language/fields.ts";
import { MAX_TERM_CHARS } from "../../../search/metadata.ts";
import { join, sql, type Runner, type Sql } from "./sql.ts";
import { compileText } from "./text-filter.ts";
import type { NameIndex } from "./name-index.ts";

/** With at most this many traces behind it, a term is looked up first; with more, each trace in turn is asked for the term. */
const RARE_TRACES = 4000;

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

/** Fields whose values `trace_terms` has, under which name. */
const TERM_FIELDS: Partial<Record<string, string>> = {
  observation: "name",
  type: "type",
  level: "level",
  model: "model",
  provider: "provider",
  prompt: "prompt",
  tag: "tag",
  environment: "environment",
  release: "release",
  version: "version",
};

/** -1 in these columns means that there is none. */
const MEASURES = new Set(["latency", "firstToken", "cost", "tokens"]);

/** Turns a query into a condition over `trace_summaries t`, and `observation_rows o` where it is about observations. */
export class FilterCompiler {
  readonly #runner: Runner;
  readonly #names: NameIndex;
  readonly #projectId: string;
  readonly #target: QueryTarget;

  constructor(runner: Runner, names: NameIndex, projectId: string, target: QueryTarget) {
    this.#runner = runner;
    this.#names = names;
    this.#projectId = projectId;
    this.#target = target;
  }

  compile(node: QueryNode): Sql {
    switch (node.kind) {
      case "and":
      case "or": {
        const joined = join(
          node.nodes.map((child) => this.compile(child)),
          node.kind === "and" ? " AND " : " OR ",
        );
        return sql(`(${joined.text})`, ...joined.params);
      }
      case "not": {
        const inner = this.compile(node.node);
        // NULL is "no", and so its opposite is "yes".
        return sql(`NOT ifnull(${inner.text}, 0)`, ...inner.params);
      }
      case "text":
        return compileText(this.#runner, this.#names, this.#projectId, this.#target, node.pattern);
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
    const exact = column === undefined ? null : comparison(column, value, wildcard);
    const term = TERM_FIELDS[this.#target === "observations" && field.name === "name" ? "observation" : field.name];
    const isAny = this.#target === "traces" && column === undefined;
    const byTerm = term === undefined ? null : this.#term(term, value, wildcard, isAny);
    if (field.name === "tag") {
      const [test, param] = comparison("value", value, wildcard);
      const own = sql(`EXISTS (SELECT 1 FROM json_each(t.tags) WHERE ${test})`, param);
      return byTerm === null ? own : and(byTerm, own);
    }
    if (field.name === "statusMessage" && this.#target === "traces") {
      const [test, param] = comparison("a.status_message", value, wildcard);
      return sql(`EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND ${test})`, param);
    }
    if (exact === null) return byTerm ?? sql("0");
    // Says what the partial index over the few traces of another status is there for.
    const hint = column === "t.status" && value !== "ok" && !wildcard ? sql("t.status <> 'ok'") : null;
    const own = sql(exact[0], exact[1]);
    return and(...[byTerm, hint, own].filter((part) => part !== null));
  }

  /**
   * Traces that have the term. @param mustTell false when another condition decides and this one only narrows: then common terms are
   * left out.
   */
  #term(field: string, value: string, wildcard: boolean, mustTell: boolean): Sql | null {
    if (wildcard) {
      if (!mustTell) return null;
      return sql(
        `EXISTS (SELECT 1 FROM trace_terms x JOIN terms m ON m.id = x.term
         WHERE x.trace = t.rid AND m.project_id = ? AND m.field = ? AND m.value GLOB ?)`,
        this.#projectId,
        field,
        toGlob(value),
      );
    }
    const found = this.#runner.get<{ id: number }>(
      sql(
        "SELECT id FROM terms WHERE project_id = ? AND field = ? AND value = ?",
        this.#projectId,
        field,
        value.slice(0, MAX_TERM_CHARS),
      ),
    );
    if (found === undefined) return sql("0");
    if (this.#isRare(sql("SELECT 1 FROM trace_terms WHERE term = ?", found.id), RARE_TRACES)) {
      return sql("t.rid IN (SELECT trace FROM trace_terms WHERE term = ?)", found.id);
    }
    return mustTell ? sql("EXISTS (SELECT 1 FROM trace_terms x WHERE x.trace = t.rid AND x.term = ?)", found.id) : null;
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
      return sql("EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND a.status_message IS NOT NULL)");
    }
    return sql(
      `EXISTS (SELECT 1 FROM trace_terms x JOIN terms m ON m.id = x.term WHERE x.trace = t.rid AND m.field = ?)`,
      TERM_FIELDS[fieldOf(field.name).name] ?? field.name,
    );
  }

  #score(field: FieldRef, test: Sql): Sql {
    const name = field.key === null ? sql("1") : sql("s.name = ?", field.key);
    const where = and(sql("s.project_id = ?", this.#projectId), name, test);
    const matching = sql(`SELECT s.trace_id FROM scores s WHERE ${where.text}`, ...where.params);
    const own = this.#target === "observations" ? " AND s.observation_id = o.id" : "";
    const exists = sql(
      `EXISTS (SELECT 1 FROM scores s WHERE s.trace_id = t.trace_id${own} AND ${where.text})`,
      ...where.params,
    );
    if (!this.#isRare(matching, RARE_TRACES)) return exists;
    const among = sql(`t.trace_id IN (${matching.text})`, ...matching.params);
    return this.#target === "traces" ? among : and(among, exists);
  }

  #metadata(field: FieldRef, test: Sql | { value: string; wildcard: boolean }): Sql {
    const { key } = field;
    const onTraces = this.#target === "traces";
    if (onTraces) {
      if (key === null) return this.#hasAnyMetadata();
      if ("value" in test) return this.#term(`metadata.${key}`, test.value, test.wildcard, true) ?? sql("0");
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
      if (test.text === "1") return exists(test);
      const number = sql(test.text.replaceAll("number", "CAST(j.value AS REAL)"), ...test.params);
      return exists(
        sql(`${text} GLOB '*[0-9]*' AND ${text} NOT GLOB '*[^0-9.eE+-]*' AND ${number.text}`, ...number.params),
      );
    }
    const [compared, param] = comparison(`(${text})`, test.value, test.wildcard);
    const byTerm = this.#term(`metadata.${key}`, test.value, test.wildcard, false);
    const own = exists(sql(compared, param));
    return byTerm === null ? own : and(byTerm, own);
  }

  #hasAnyMetadata(): Sql {
    return sql(
      `EXISTS (SELECT 1 FROM observation_rows a JOIN observation_payloads p ON p.obs = a.rid
       WHERE a.trace = t.rid AND (p.metadata IS NOT NULL OR p.trace_metadata IS NOT NULL))`,
    );
  }

  #isRare(rows: Sql, limit: number): boolean {
    const counted = this.#runner.get<{ n: number }>(
      sql(`SELECT count(*) AS n FROM (${rows.text} LIMIT ${limit + 1})`, ...rows.params),
    );
    return (counted?.n ?? 0) <= limit;
  }
}

export function and(...parts: readonly Sql[]): Sql {
  const joined = join(parts, " AND ");
  return parts.length === 1 ? joined : sql(`(${joined.text})`, ...joined.params);
}

function comparison(column: string, value: string, wildcard: boolean): [text: string, param: string] {
  return wildcard ? [`${column} GLOB ?`, toGlob(value)] : [`${column} = ?`, value];
}

/** Only `*` has a meaning in a query. */
function toGlob(value: string): string {
  return value.replaceAll(/[[?]/g, (char) => `[${char}]`);
}
