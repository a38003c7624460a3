import { mayRepeatDescendants } from "../../../query/totals.ts";
import { TraceFacts, type RowFacts } from "../../../query/trace-facts.ts";
import { TraceSums } from "./trace-sums.ts";
import { NO_VALUE, type TraceValues } from "./trace-values.ts";

/** From as many rows on, sums that were made to be moved are kept: to make them anew takes a millisecond and more. */
const MIN_ROWS_TO_KEEP_SUMS = 1000;

/** A trace that is being written: its rows' facts, and how many of them each term stands for. */
export class TraceState {
  readonly projectId: string;
  readonly traceId: string;
  readonly rid: number;
  readonly facts = new TraceFacts();
  /** Terms that got their first row, or lost their last, since they were written. */
  readonly changedTerms = new Set<number>();
  readonly #termCounts = new Map<number, number>();
  /** What its row in `trace_summaries` says, `null` when there is none yet. */
  written: { startTime: number; durationMs: number } | null = null;
  /** Under what its rows are in the sums of their hours. Those of this call come there when it ends. */
  values: TraceValues = NO_VALUE;
  /** {@link sums} of a large trace that were moved once: they follow its rows. */
  keptSums: TraceSums | null = null;
  /** Rows that report usage and may repeat what is below them: an agent, a step, an outer call. */
  readonly #reportingParents = new Map<string, RowFacts>();

  constructor(projectId: string, traceId: string, rid: number) {
    this.projectId = projectId;
    this.traceId = traceId;
    this.rid = rid;
  }

  get size(): number {
    return this.facts.rows.size;
  }

  put(facts: RowFacts): void {
    const before = this.facts.rows.get(facts.id);
    for (const term of facts.terms) this.#countTerm(term, 1);
    for (const term of before?.terms ?? []) this.#countTerm(term, -1);
    if (facts.report !== null && mayRepeatDescendants(facts.type)) this.#reportingParents.set(facts.id, facts);
    else if (before !== undefined) this.#reportingParents.delete(facts.id);
    this.facts.put(facts);
  }

  /** Rows of which sums were told something else than what holds now, since what is below them came after them or changed. */
  findChangedRepeats(): RowFacts[] {
    return [...this.#reportingParents.values()].filter(
      (facts) => facts.repeatsUsage !== undefined && facts.repeatsUsage !== this.facts.repeatsUsage(facts),
    );
  }

  /** What its rows add to the sums of their hours. @param replaced rows that are there still, though others took their place. */
  sums(replaced: readonly RowFacts[]): TraceSums {
    if (this.keptSums !== null) return this.keptSums;
    const known = [...this.facts.rows.values()].filter((facts) => facts.repeatsUsage !== undefined);
    const sums = new TraceSums([...known, ...replaced]);
    if (this.size >= MIN_ROWS_TO_KEEP_SUMS) this.keptSums = sums;
    return sums;
  }

  hasTerm(term: number): boolean {
    return this.#termCounts.has(term);
  }

  #countTerm(term: number, change: 1 | -1): void {
    const count = (this.#termCounts.get(term) ?? 0) + change;
    if (count === 0) this.#termCounts.delete(term);
    else this.#termCounts.set(term, count);
    if (count === 0 || (count === 1 && change === 1)) this.changedTerms.add(term);
  }
}
