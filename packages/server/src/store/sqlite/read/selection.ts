import type { QueryTarget } from "../../../query/language/ast.ts";
import type { Selection } from "../../observations.ts";
import { AccessFinder, fewest, type Access, type Estimate } from "./access.ts";
import { FilterCompiler, and } from "./compile.ts";
import type { NameIndex } from "./name-index.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** How the rows are wanted. */
export interface Wanted {
  /** The column that they are sorted by; `null`: all are read, in any order. */
  sort: string | null;
  descending?: boolean | undefined;
  /** Only rows whose value of `sort` is at most this are wanted, as on a later page. */
  below?: number | undefined;
  /** Rows that are read before the caller has enough. */
  limit: number;
  /** True when the caller reads columns of `t` for observations too. */
  withTrace?: boolean | undefined;
}

/** FROM and WHERE. */
export interface Selected extends Sql {
  /** True when the rows of one clause are gathered; otherwise an index is walked. */
  isGathered: boolean;
}

/** All rows. */
export const ANY_ORDER: Wanted = { sort: null, limit: Number.POSITIVE_INFINITY };

const ROW_START = "observations_by_start_time";

/** Indexes of `trace_summaries` that begin with the project and a column, and end with start and id. */
const TRACE_ORDERS: Partial<Record<string, string>> = {
  start_time: "traces_by_start_time",
  duration: "traces_by_duration",
  cost: "traces_by_cost",
  tokens: "traces_by_tokens",
  first_token: "traces_by_first_token",
  name: "traces_by_name",
  errors: "traces_by_errors",
  observations: "traces_by_observations",
};

/** What an index has rows of, as it says it: SQLite does not see it in a value that is bound. */
const PARTS: Partial<Record<string, string>> = { observations_with_errors: "o.level = 'ERROR'" };

/**
 * Turns a selection into FROM and WHERE, and says by which index its rows are found. Either the rows of the rarest clause are gathered and
 * sorted, or an index is walked in the list's order and each row is asked, whichever looks at fewer rows. SQLite is told which (INDEXED BY): left
 * to itself it takes any clause with an index for a rare one.
 */
export class Selector {
  readonly #runner: Runner;
  readonly #names: NameIndex;

  constructor(runner: Runner, names: NameIndex) {
    this.#runner = runner;
    this.#names = names;
  }

  /** All rows in the order of their start; the caller adds the range. */
  walkByStart(projectId: string, target: QueryTarget, filter: Selection["filter"]): Sql {
    const where = conditions(projectId, target, { filter }, this.#compiler(projectId, target));
    return walk(target, where, "start_time");
  }

  /** The conditions alone, over `trace_summaries t`. */
  whereTrace(projectId: string, selection: Selection): Sql {
    return conditions(projectId, "traces", selection, this.#compiler(projectId, "traces"));
  }

  select(projectId: string, target: QueryTarget, selection: Selection, wanted: Wanted): Selected {
    const { filter, from, to } = selection;
    const compiler = this.#compiler(projectId, target);
    const where = conditions(projectId, target, selection, compiler);
    const isPlain = filter === null || filter === undefined;
    // Nothing to choose from.
    if (isPlain && (wanted.sort === "start_time" || wanted.sort === null)) {
      return walk(target, where, "start_time", wanted.withTrace);
    }
    const finder = new AccessFinder(this.#runner, projectId, target, compiler);
    const range = finder.between(from, to);
    const clauses = isPlain ? finder.all(longest(finder, target, selection, wanted)) : finder.estimate(filter);
    const access = choose(target, finder, clauses, range, wanted);
    if (access === null) return walk(target, where, wanted.sort ?? "start_time", wanted.withTrace);
    if (typeof access === "string") return walkPart(target, where, access, wanted.withTrace);
    return gather(target, where, access, wanted.withTrace);
  }

  #compiler(projectId: string, target: QueryTarget): FilterCompiler {
    return new FilterCompiler(this.#runner, this.#names, projectId, target);
  }
}

/** @returns rows to gather, the name of an index to walk, or `null` to walk the one of the order. */
function choose(
  target: QueryTarget,
  finder: AccessFinder,
  clauses: Estimate,
  range: Estimate,
  { sort, limit }: Wanted,
): Access | string | null {
  const { sizes } = finder;
  const least = fewest([...clauses.accesses, ...range.accesses]);
  const rowsOf = ({ of, count }: Access): number =>
    of === target ? count : count * Math.max(1, sizes.observations / sizes.traces);
  const gathered = least === undefined ? Number.POSITIVE_INFINITY : rowsOf(least);
  const all = sizes[target];
  // Where no index has the order, all rows are sorted.
  const isOrdered = sort !== null && (target === "traces" || sort === "start_time");
  const isByStart = sort === "start_time";
  const met = (part: number): number => (part === 0 ? all : Math.min(all, limit / part));
  const inRange = isByStart || !isOrdered ? range.part : 1;
  const walked = Math.min(all * inRange, isOrdered ? met(isByStart ? clauses.part : clauses.part * range.part) : all);
  if (isByStart) {
    for (const { byStart, of, count } of clauses.accesses) {
      // All that stand there have the clause already.
      const own = Math.min(count, met(Math.min(1, (clauses.part * all) / Math.max(1, count))));
      if (byStart !== undefined && of === target && own <= Math.min(walked, gathered)) return byStart;
    }
  }
  return least !== undefined && gathered <= walked ? least : null;
}

/** Observations by duration have no index of their own: they are looked for in the traces that last as long. */
function longest(finder: AccessFinder, target: QueryTarget, { from, to }: Selection, wanted: Wanted): Estimate[] {
  const { sort, descending, limit, below } = wanted;
  const isAsked = target === "observations" && sort === "duration" && descending === true;
  if (!isAsked || from !== undefined || to !== undefined) return [];
  return [finder.longest(limit, below)];
}

function conditions(
  projectId: string,
  target: QueryTarget,
  { filter, from, to }: Selection,
  compiler: FilterCompiler,
): Sql {
  const main = target === "traces" ? "t" : "o";
  const parts = [sql(`${main}.project_id = ?`, projectId)];
  if (from !== undefined) parts.push(sql(`${main}.start_time >= ?`, from));
  if (to !== undefined) parts.push(sql(`${main}.start_time < ?`, to));
  if (filter !== null && filter !== undefined) parts.push(compiler.compile(filter));
  return and(...parts);
}

function walk(target: QueryTarget, where: Sql, sort: string, withTrace = false): Selected {
  if (target === "traces") {
    return source(`trace_summaries t INDEXED BY ${TRACE_ORDERS[sort] ?? "traces_by_start_time"}`, where);
  }
  return source(`observation_rows o INDEXED BY ${ROW_START}${joinTrace(where, withTrace)}`, where);
}

/** Over the rows of one clause. */
function walkPart(target: QueryTarget, where: Sql, index: string, withTrace = false): Selected {
  if (target === "traces") return source(`trace_summaries t INDEXED BY ${index}`, where);
  const part = PARTS[index];
  const tables = `observation_rows o INDEXED BY ${index}${joinTrace(where, withTrace)}`;
  return source(tables, part === undefined ? where : and(sql(part), where));
}

function gather(target: QueryTarget, where: Sql, { rows, of }: Access, withTrace = false): Selected {
  const [main, key] = target === "traces" ? ["trace_summaries t NOT INDEXED", "t.rid"] : ROWS[of];
  const tables = target === "traces" ? main : `${main}${joinTrace(where, withTrace)}`;
  const chosen = sql(`${key} IN (SELECT rid FROM (${rows.text}))`, ...rows.params);
  return source(tables, and(chosen, where), true);
}

/** How observations are reached from what was found. */
const ROWS = {
  observations: ["observation_rows o NOT INDEXED", "o.rid"],
  traces: ["observation_rows o INDEXED BY observations_by_trace", "o.trace"],
} as const;

/** Only where it is asked for: it is a look-up a row. The order of the join is fixed, from the observation to its trace. */
function joinTrace({ text }: Sql, withTrace: boolean): string {
  return withTrace || /\bt\./.test(text) ? " CROSS JOIN trace_summaries t ON t.rid = o.trace" : "";
}

function source(tables: string, { text, params }: Sql, isGathered = false): Selected {
  return { text: `FROM ${tables} WHERE ${text}`, params, isGathered };
}
