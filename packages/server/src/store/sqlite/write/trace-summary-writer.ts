import type Database from "libsql";
import type { TraceFactsSummary } from "../../../query/trace-facts.ts";
import type { SqlValue } from "../columns.ts";
import type { TraceState } from "./trace-state.ts";
import { NO_VALUE } from "./trace-values.ts";

const COLUMNS = [
  "root",
  "start_time",
  "end_time",
  "duration",
  "cost",
  "cost_incomplete",
  "tokens",
  "input_tokens",
  "output_tokens",
  "first_token",
  "observations",
  "errors",
  "status",
  "name",
  "user_id",
  "session_id",
  "environment",
  "release",
  "version",
  "public",
  "tags",
  "models",
] as const;

const START_TIME = COLUMNS.indexOf("start_time");
const DURATION = COLUMNS.indexOf("duration");

/** The row of a trace in `trace_summaries`: written once a call, however many of its rows came. */
export class TraceSummaryWriter {
  readonly #lastRid;
  readonly #insert;
  readonly #update;
  #nextRid: number;

  constructor(database: Database.Database) {
    this.#lastRid = database.prepare("SELECT max(rid) AS last FROM trace_summaries");
    const all = ["project_id", "trace_id", ...COLUMNS, "rid"];
    this.#insert = database.prepare(
      `INSERT INTO trace_summaries (${all.join(", ")}, summed_as_trace) VALUES (${all.map(() => "?").join(", ")}, 1)`,
    );
    this.#update = database.prepare(
      `UPDATE trace_summaries SET ${COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE rid = ?`,
    );
    this.#nextRid = this.#readNextRid();
  }

  /** A number for a trace that is new. */
  takeRid(): number {
    this.#nextRid += 1;
    return this.#nextRid - 1;
  }

  /** @returns what of it the sums of an hour have. */
  write(state: TraceState, summary: TraceFactsSummary): { startTime: number; durationMs: number } {
    const values = valuesOf(summary);
    if (state.written !== null) this.#update.run([...values, state.rid]);
    else this.#insert.run([state.projectId, state.traceId, ...values, state.rid]);
    return { startTime: Number(values[START_TIME]), durationMs: Number(values[DURATION]) };
  }

  /** After a rollback, or when another process has written. */
  reset(): void {
    this.#nextRid = this.#readNextRid();
  }

  #readNextRid(): number {
    return ((this.#lastRid.get() as { last: number | null }).last ?? 0) + 1;
  }
}

/** In the order of {@link COLUMNS}. */
function valuesOf(trace: TraceFactsSummary): SqlValue[] {
  const { startTime, endTime, firstTokenTime } = trace;
  return [
    trace.root.rid,
    startTime,
    endTime,
    endTime === null ? -1 : endTime - startTime,
    trace.cost ?? -1,
    trace.costIncomplete ? 1 : 0,
    trace.totalTokens ?? -1,
    trace.inputTokens,
    trace.outputTokens,
    firstTokenTime === null ? -1 : Math.max(0, firstTokenTime - startTime),
    trace.observationCount,
    trace.errorCount,
    trace.root.status,
    trace.name,
    trace.userId,
    trace.sessionId,
    trace.environment ?? NO_VALUE.environment,
    trace.release,
    trace.version,
    trace.public === true ? 1 : 0,
    trace.tags === null ? null : JSON.stringify(trace.tags),
    trace.models.length === 0 ? null : JSON.stringify(trace.models),
  ];
}
