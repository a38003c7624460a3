import type { ObservationLevel, ObservationStatus, ObservationType } from "../api/types.ts";
import type { ObservationRow } from "../model/observation.ts";
import { compareRows } from "./summary.ts";
import { countTokens, mayRepeatDescendants } from "./totals.ts";

/** What of a row its trace's summary depends on. Kept in memory for traces that are being written. */
export interface RowFacts {
  /** The store's own name of the row. */
  rid: number;
  /** Names of what can be looked for; see `term-writer.ts`. */
  terms: readonly number[];
  id: string;
  parentId: string | null;
  isRoot: boolean;
  type: ObservationType;
  name: string;
  startTime: number;
  endTime: number | null;
  firstTokenTime: number | null;
  level: ObservationLevel;
  status: ObservationStatus;
  rank: number;
  model: string | null;
  /** `null` for a row that reports neither usage nor cost, or whose usage is an aggregate. */
  report: Report | null;
  traceFields: TraceFields | null;
  /** What the sums of its hour were told: its usage repeats what is below it and is not in them. Absent while they know nothing of the row. */
  repeatsUsage?: boolean | undefined;
}

interface Report {
  usage: Record<string, number> | null;
  tokens: { input: number; output: number; total: number } | null;
  cost: number | null;
}

export interface TraceFields {
  traceName: string | null;
  userId: string | null;
  sessionId: string | null;
  tags: string[] | null;
  environment: string | null;
  release: string | null;
  public: boolean | null;
  version: string | null;
}

const TRACE_FIELDS = [
  "traceName",
  "userId",
  "sessionId",
  "tags",
  "environment",
  "release",
  "public",
  "version",
] as const;

export function factsOf(
  rid: number,
  terms: readonly number[],
  row: Pick<
    ObservationRow,
    | Exclude<keyof RowFacts, "rid" | "terms" | "firstTokenTime" | "report" | "traceFields" | "repeatsUsage">
    | "completionStartTime"
    | "usage"
    | "cost"
    | "usageAggregate"
    | keyof TraceFields
  >,
): RowFacts {
  const reports = !row.usageAggregate && (row.usage !== null || row.cost !== null);
  return {
    rid,
    terms,
    id: row.id,
    parentId: row.parentId,
    isRoot: row.isRoot,
    type: row.type,
    name: row.name,
    startTime: row.startTime,
    endTime: row.endTime,
    firstTokenTime: row.completionStartTime,
    level: row.level,
    status: row.status,
    rank: row.rank,
    model: row.model,
    report: reports
      ? {
          usage: row.usage,
          tokens: row.usage === null ? null : countTokens(row.usage),
          cost: row.cost?.["total"] ?? null,
        }
      : null,
    traceFields: TRACE_FIELDS.some((field) => row[field] !== null)
      ? {
          traceName: row.traceName,
          userId: row.userId,
          sessionId: row.sessionId,
          tags: row.tags,
          environment: row.environment,
          release: row.release,
          public: row.public,
          version: row.version,
        }
      : null,
  };
}

export interface TraceFactsSummary extends Omit<TraceFields, "traceName"> {
  root: RowFacts;
  name: string;
  startTime: number;
  endTime: number | null;
  firstTokenTime: number | null;
  observationCount: number;
  errorCount: number;
  models: string[];
  totalTokens: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  cost: number | null;
  costIncomplete: boolean;
}

/**
 * A trace's summary that follows its rows one by one: what `summarizeTrace` computes from all of them, without going over all of them for
 * each that arrives. `trace-facts.prop.test.ts` holds the two together.
 */
export class TraceFacts {
  readonly rows = new Map<string, RowFacts>();
  #sums = new Sums();
  /** A row changed in a way that cannot be taken back from the sums: they are made anew when they are asked for. */
  #isStale = false;

  put(facts: RowFacts): void {
    const before = this.rows.get(facts.id);
    this.rows.set(facts.id, facts);
    if (this.#isStale) return;
    if (before === undefined) this.#sums.add(facts, this.rows);
    else if (!this.#sums.replace(before, facts, this.rows)) this.#isStale = true;
  }

  summarize(): TraceFactsSummary {
    return this.#current().summarize(this.rows);
  }

  /** As `countsUsage`: false where the row reports nothing. */
  repeatsUsage({ id, type, report }: Pick<RowFacts, "id" | "type" | "report">): boolean {
    return report !== null && mayRepeatDescendants(type) && this.#current().isReportedBelow(id);
  }

  #current(): Sums {
    if (this.#isStale) {
      this.#sums = new Sums();
      for (const facts of this.rows.values()) this.#sums.add(facts, this.rows);
      this.#isStale = false;
    }
    return this.#sums;
  }
}

type Earliest = RowFacts | null;

class Sums {
  #startTime = Number.POSITIVE_INFINITY;
  #endTime = Number.NEGATIVE_INFINITY;
  #firstTokenTime = Number.POSITIVE_INFINITY;
  #running = 0;
  #errors = 0;
  readonly #models = new Map<string, RowFacts>();
  #withoutParent: Earliest = null;
  #markedRoot: Earliest = null;
  readonly #fields = new Map<keyof TraceFields, RowFacts>();
  readonly #hasReportingDescendant = new Set<string>();
  /** Of those that may repeat their descendants. */
  readonly #counted = new Set<string>();
  #withTokens = 0;
  #withCost = 0;
  #unpriced = 0;
  readonly #tokens = { input: 0, output: 0, total: 0 };
  #cost = 0;

  add(facts: RowFacts, rows: ReadonlyMap<string, RowFacts>): void {
    this.#startTime = Math.min(this.#startTime, facts.startTime);
    if (facts.endTime === null) this.#running += 1;
    else this.#endTime = Math.max(this.#endTime, facts.endTime);
    if (facts.firstTokenTime !== null) this.#firstTokenTime = Math.min(this.#firstTokenTime, facts.firstTokenTime);
    if (facts.level === "ERROR") this.#errors += 1;
    if (facts.model !== null) this.#models.set(facts.model, earliest(this.#models.get(facts.model), facts));
    if (facts.parentId === null) this.#withoutParent = earliest(this.#withoutParent, facts);
    if (facts.isRoot) this.#markedRoot = earliest(this.#markedRoot, facts);
    if (facts.traceFields !== null) {
      for (const field of TRACE_FIELDS) {
        if (facts.traceFields[field] !== null) this.#fields.set(field, earliest(this.#fields.get(field), facts));
      }
    }
    if (facts.report !== null) this.#count(facts, facts.report, 1);
    // Its descendants may have come before it and found no way further up.
    if (facts.report !== null || this.#hasReportingDescendant.has(facts.id)) this.#markAncestors(facts, rows);
  }

  /** An end after its start, as it usually is: adds what is new. @returns false when something would have to be taken back. */
  replace(before: RowFacts, after: RowFacts, rows: ReadonlyMap<string, RowFacts>): boolean {
    const isPlain =
      before.report === null &&
      before.level !== "ERROR" &&
      before.endTime === null &&
      before.firstTokenTime === null &&
      keepsFields(before.traceFields, after.traceFields) &&
      before.startTime === after.startTime &&
      before.parentId === after.parentId &&
      before.isRoot === after.isRoot &&
      (before.model === null || before.model === after.model);
    if (!isPlain) return false;
    this.#running -= 1;
    this.add(after, rows);
    return true;
  }

  isReportedBelow(id: string): boolean {
    return this.#hasReportingDescendant.has(id);
  }

  summarize(rows: ReadonlyMap<string, RowFacts>): TraceFactsSummary {
    const root = this.#withoutParent ?? this.#markedRoot ?? findOrphan(rows);
    if (root === null) throw new Error("A trace has at least one row.");
    const field = <F extends keyof TraceFields>(name: F): TraceFields[F] | null =>
      rows.get(root.id)?.traceFields?.[name] ?? this.#fields.get(name)?.traceFields?.[name] ?? null;
    const models = [...this.#models.values()].sort(compareRows).map((row) => row.model ?? "");
    const hasTokens = this.#withTokens > 0;
    return {
      root,
      name: field("traceName") ?? root.name,
      userId: field("userId"),
      sessionId: field("sessionId"),
      tags: field("tags"),
      environment: field("environment"),
      release: field("release"),
      public: field("public"),
      version: field("version"),
      startTime: this.#startTime,
      endTime: this.#running > 0 ? null : this.#endTime,
      firstTokenTime: Number.isFinite(this.#firstTokenTime) ? this.#firstTokenTime : null,
      observationCount: rows.size,
      errorCount: this.#errors,
      models: [...new Set(models)],
      totalTokens: hasTokens ? this.#tokens.total : null,
      inputTokens: hasTokens ? this.#tokens.input : null,
      outputTokens: hasTokens ? this.#tokens.output : null,
      cost: this.#withCost > 0 ? this.#cost : null,
      costIncomplete: this.#unpriced > 0,
    };
  }

  /** @param sign 1 to add, -1 to take back. */
  #count(facts: RowFacts, { tokens, cost }: Report, sign: 1 | -1): void {
    if (mayRepeatDescendants(facts.type)) {
      // What is taken back was counted before: rows come in any order.
      if (sign === -1 && !this.#counted.delete(facts.id)) return;
      if (sign === 1 && this.#hasReportingDescendant.has(facts.id)) return;
      if (sign === 1) this.#counted.add(facts.id);
    }
    if (tokens !== null) {
      this.#withTokens += sign;
      this.#tokens.input += sign * tokens.input;
      this.#tokens.output += sign * tokens.output;
      this.#tokens.total += sign * tokens.total;
    }
    if (cost !== null) {
      this.#withCost += sign;
      this.#cost += sign * cost;
    } else if (tokens !== null && tokens.total > 0) this.#unpriced += sign;
  }

  /** Everything above has a descendant that reports; of what is no model call its own numbers no longer count. */
  #markAncestors(facts: RowFacts, rows: ReadonlyMap<string, RowFacts>): void {
    // Stopping at a marked ancestor keeps this linear, and ends on a cycle of parents too.
    for (let id = facts.parentId; id !== null && !this.#hasReportingDescendant.has(id);) {
      this.#hasReportingDescendant.add(id);
      const ancestor = rows.get(id);
      if (ancestor !== undefined && ancestor.report !== null && mayRepeatDescendants(ancestor.type)) {
        this.#count(ancestor, ancestor.report, -1);
      }
      id = ancestor?.parentId ?? null;
    }
  }
}

function keepsFields(before: TraceFields | null, after: TraceFields | null): boolean {
  if (before === null) return true;
  return TRACE_FIELDS.every((field) => before[field] === null || String(before[field]) === String(after?.[field]));
}

function earliest(a: RowFacts | null | undefined, b: RowFacts): RowFacts {
  return a === null || a === undefined || compareRows(b, a) <= 0 ? b : a;
}

function findOrphan(rows: ReadonlyMap<string, RowFacts>): RowFacts | null {
  let first: Earliest = null;
  let orphan: Earliest = null;
  for (const row of rows.values()) {
    first = earliest(first, row);
    if (row.parentId !== null && !rows.has(row.parentId)) orphan = earliest(orphan, row);
  }
  return orphan ?? first;
}
