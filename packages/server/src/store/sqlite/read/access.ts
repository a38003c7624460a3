import type { QueryNode, QueryTarget } from "../../../query/language/ast.ts";
import type { SqlValue } from "../columns.ts";
import { MEASURES, comparison, toGlob, type FilterCompiler } from "./compile.ts";
import { join, sql, type Runner, type Sql } from "./sql.ts";
import { TermIndex, termFieldOf } from "./term-index.ts";

/** Entries of an index that are counted to learn how rare a clause is: one or two milliseconds. */
const MAX_COUNTED = 10_000;
/** Alternatives that are looked up one by one; SQLite unites the rows of at most 500. Of more, each row is asked. */
const MAX_LOOKED_UP = 100;

/** A place where the rows of a clause can be looked up. */
export interface Access {
  /** Selects `rid`: of traces, or of observations. It may give more than the clause asks for, and one more than once. */
  rows: Sql;
  of: QueryTarget;
  /** Of `rows`; up to {@link MAX_COUNTED}, and one more where there are more. */
  count: number;
  /** An index of the rows' own table in which the clause's rows stand together, in the order of their start. */
  byStart?: string | undefined;
}

/** What is known of a clause, or of several that hold together. */
export interface Estimate {
  /** The part of all rows that it selects, as a guess. */
  part: number;
  /** Clauses that can be looked up. */
  accesses: Access[];
}

/** All rows, by the number of the last one: what was deleted, and other projects, count as well. */
export interface Sizes {
  traces: number;
  observations: number;
}

const ALL: Estimate = { part: 1, accesses: [] };

/** Columns of `trace_summaries` by which a trace is found, and the index that does it. */
const EQUAL: Partial<Record<string, { column: string; index: string }>> = {
  user: { column: "user_id", index: "traces_by_user" },
  session: { column: "session_id", index: "traces_by_session" },
  traceName: { column: "name", index: "traces_by_name" },
};

const RANGES: Partial<Record<string, string>> = {
  start: "start_time",
  latency: "duration",
  firstToken: "first_token",
  cost: "cost",
  tokens: "tokens",
  observations: "observations",
  errors: "errors",
};

/**
 * Says where a query's rows can be looked up, and how many they are, by counting entries of indexes up to a bound. SQLite's own planner has no
 * counts here: statistics of a table that grows from nothing to millions of rows in a day are wrong for most of it.
 */
export class AccessFinder {
  readonly #runner: Runner;
  readonly #projectId: string;
  readonly #target: QueryTarget;
  readonly #filter: FilterCompiler;
  readonly #terms: TermIndex;
  readonly sizes: Sizes;

  constructor(runner: Runner, projectId: string, target: QueryTarget, filter: FilterCompiler) {
    this.#runner = runner;
    this.#projectId = projectId;
    this.#target = target;
    this.#filter = filter;
    this.#terms = new TermIndex(runner, projectId);
    const last = (table: string): number =>
      runner.get<{ last: number | null }>(sql(`SELECT max(rid) AS last FROM ${table}`))?.last ?? 0;
    this.sizes = { traces: Math.max(1, last("trace_summaries")), observations: Math.max(1, last("observation_rows")) };
  }

  /** Of clauses that all hold. */
  all(estimates: readonly Estimate[]): Estimate {
    return {
      part: estimates.reduce((part, each) => part * each.part, 1),
      accesses: estimates.flatMap(({ accesses }) => accesses),
    };
  }

  estimate(node: QueryNode): Estimate {
    switch (node.kind) {
      case "and":
        return this.all(node.nodes.map((child) => this.estimate(child)));
      case "or":
        return this.#either(node.nodes);
      case "text": {
        const rids = this.#filter.text.find(node.pattern);
        if (rids === null) return ALL;
        const rows = sql("SELECT value AS rid FROM json_each(?)", JSON.stringify(rids));
        return this.#known({ rows, of: this.#target, count: rids.length });
      }
      case "match":
        return this.#match(node.field.name, node.field.key, node.value, node.wildcard);
      case "range":
        return this.#range(node);
      case "not":
      case "has":
      case "flag":
        return ALL;
    }
  }

  /** Traces, or observations, that began in the range. */
  between(from: number | undefined, to: number | undefined): Estimate {
    if (from === undefined && to === undefined) return ALL;
    const table = this.#target === "traces" ? "trace_summaries" : "observation_rows";
    return this.#lookUp(
      sql(
        `SELECT rid FROM ${table} WHERE project_id = ? AND start_time >= ? AND start_time < ?`,
        this.#projectId,
        from ?? -Number.MAX_VALUE,
        to ?? Number.MAX_VALUE,
      ),
      this.#target,
    );
  }

  /**
   * Traces among which the longest observations are, since none takes longer than its trace but for one that still runs. As many of the
   * longest traces give observations that are at least this long; shorter traces have none that are longer.
   *
   * @param below only observations that take at most this are looked for.
   */
  longest(limit: number, below = Number.MAX_VALUE): Estimate {
    const found = this.#runner.get<{ shortest: number | null; n: number }>(
      sql(
        `SELECT min(duration) AS shortest, count(*) AS n FROM (
           SELECT o.duration FROM (SELECT rid FROM trace_summaries INDEXED BY traces_by_duration
             WHERE project_id = ? AND duration < ? ORDER BY duration DESC LIMIT ?) longest
           CROSS JOIN observation_rows o INDEXED BY observations_by_trace ON o.trace = longest.rid
           WHERE o.duration < ? ORDER BY o.duration DESC LIMIT ?)`,
        this.#projectId,
        below,
        limit,
        below,
        limit,
      ),
    );
    if (found?.shortest === null || found === undefined || found.n < limit) return ALL;
    return this.#atLeast(sql("duration >= ?", found.shortest));
  }

  /** Traces that last as long as some observation of them, and those that run. */
  #atLeast(condition: Sql): Estimate {
    const long = this.#traces(condition.text, ...condition.params);
    return this.#lookUp(join([long, this.#traces("duration = -1")], " UNION ALL "), "traces");
  }

  /** What is one or the other can be looked up where each of them can. */
  #either(nodes: readonly QueryNode[]): Estimate {
    if (nodes.length > MAX_LOOKED_UP) return ALL;
    const estimates = nodes.map((node) => this.estimate(node));
    const part = Math.min(
      1,
      estimates.reduce((sum, each) => sum + each.part, 0),
    );
    const accesses = estimates.map((each) => fewest(each.accesses));
    const [first] = accesses;
    const known = accesses.filter((access) => access !== undefined && access.of === first?.of) as Access[];
    const count = known.reduce((sum, access) => sum + access.count, 0);
    if (first === undefined || known.length < nodes.length || count > MAX_COUNTED) return { part, accesses: [] };
    const rows = join(
      known.map(({ rows: { text, params } }) => sql(`SELECT rid FROM (${text})`, ...params)),
      " UNION ALL ",
    );
    return { part, accesses: [{ rows, of: first.of, count }] };
  }

  #match(name: string, key: string | null, value: string, wildcard: boolean): Estimate {
    const onTraces = this.#target === "traces";
    // Empty values have no terms.
    if (value === "" || (wildcard && /^\*+$/.test(value))) return ALL;
    if (name === "scores") return wildcard ? ALL : this.#score(key, value);
    if (name === "level" && value === "ERROR") return this.#withErrors();
    if (name === "metadata") return key === null ? ALL : this.#term(`metadata.${key}`, value, wildcard);
    const term = termFieldOf(this.#target, name as never);
    if (term !== undefined) return this.#term(term, value, wildcard);
    if (wildcard) return ALL;
    if ((name === "id" && onTraces) || name === "trace") {
      return this.#lookUp(this.#traces("trace_id = ?", value), "traces");
    }
    if (name === "status" && onTraces && value !== "ok") {
      return this.#lookUp(this.#traces("status <> 'ok' AND status = ?", value), "traces", "traces_not_ok");
    }
    const equal = EQUAL[name === "name" && onTraces ? "traceName" : name];
    if (equal === undefined) return ALL;
    return this.#lookUp(this.#traces(`${equal.column} = ?`, value), "traces", equal.index);
  }

  #range({ field, min, max }: QueryNode & { kind: "range" }): Estimate {
    if (field.name === "scores" || field.name === "metadata") return ALL;
    const onTraces = this.#target === "traces";
    if (onTraces && field.name === "errors" && min !== null && (min.value > 0 || !min.inclusive)) {
      if (max === null) return this.#withErrors();
    }
    const column = RANGES[field.name];
    const from = min === null ? [] : [sql(`${column} ${min.inclusive ? ">=" : ">"} ?`, min.value)];
    const to = max === null ? [] : [sql(`${column} ${max.inclusive ? "<=" : "<"} ?`, max.value)];
    if (column === undefined) return ALL;
    if (onTraces) {
      const bounds = join(
        MEASURES.has(field.name) ? [...from, ...to, sql(`${column} >= 0`)] : [...from, ...to],
        " AND ",
      );
      return this.#lookUp(this.#traces(bounds.text, ...bounds.params), "traces");
    }
    // No observation takes longer than its trace, but for one that still runs.
    if (field.name !== "latency" || min === null) return ALL;
    return this.#atLeast(from[0] ?? sql("1"));
  }

  #withErrors(): Estimate {
    if (this.#target === "traces") return this.#lookUp(this.#traces("errors > 0"), "traces", "traces_with_errors");
    const rows = sql("SELECT rid FROM observation_rows WHERE project_id = ? AND level = 'ERROR'", this.#projectId);
    return this.#lookUp(rows, "observations", "observations_with_errors");
  }

  #traces(condition: string, ...params: SqlValue[]): Sql {
    return sql(`SELECT rid FROM trace_summaries WHERE project_id = ? AND ${condition}`, this.#projectId, ...params);
  }

  #term(field: string, value: string, wildcard: boolean): Estimate {
    if (wildcard) return this.#lookUp(this.#terms.tracesLike(field, toGlob(value)), "traces");
    const id = this.#terms.find(field, value);
    if (id === undefined)
      return { part: 0, accesses: [{ rows: sql("SELECT value AS rid FROM json_each('[]')"), of: "traces", count: 0 }] };
    return this.#lookUp(sql("SELECT trace AS rid FROM trace_terms WHERE term = ?", id), "traces");
  }

  #score(key: string | null, value: string): Estimate {
    if (key === null) return ALL;
    const [test, param] = comparison("s.string_value", value, false);
    const number = Number(value);
    const isNumber = value.trim() !== "" && Number.isFinite(number);
    const either = isNumber ? sql(`(${test} OR s.value = ?)`, param, number) : sql(test, param);
    return this.#lookUp(
      sql(
        `SELECT t.rid AS rid FROM scores s CROSS JOIN trace_summaries t ON t.project_id = s.project_id AND t.trace_id = s.trace_id
         WHERE s.project_id = ? AND s.name = ? AND ${either.text}`,
        this.#projectId,
        key,
        ...either.params,
      ),
      "traces",
    );
  }

  #lookUp(rows: Sql, of: QueryTarget, byStart?: string): Estimate {
    const counted = this.#runner.get<{ n: number }>(
      sql(`SELECT count(*) AS n FROM (SELECT 1 FROM (${rows.text}) LIMIT ${MAX_COUNTED + 1})`, ...rows.params),
    );
    return this.#known({ rows, of, count: counted?.n ?? 0, byStart });
  }

  #known(access: Access): Estimate {
    const all = this.sizes[access.of];
    // Of what is common only this is known: it lies between what was counted and all.
    const part = access.count > MAX_COUNTED ? Math.sqrt(MAX_COUNTED / Math.max(all, MAX_COUNTED)) : access.count / all;
    return { part: Math.min(1, part), accesses: [access] };
  }
}

/** The one with the fewest rows, if it was counted to its end. */
export function fewest(accesses: readonly Access[]): Access | undefined {
  const counted = accesses.filter(({ count }) => count <= MAX_COUNTED);
  return counted.reduce<Access | undefined>(
    (least, each) => (least === undefined || each.count < least.count ? each : least),
    undefined,
  );
}
