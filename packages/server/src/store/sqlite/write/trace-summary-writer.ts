import type Database from "libsql";
import type { TraceFactsSummary } from "../../../query/trace-facts.ts";

/** The row of a trace in `trace_summaries`. */
export class TraceSummaryWriter {
  readonly #database: Database.Database;
  readonly #update;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#update = database.prepare(
      `UPDATE trace_summaries SET root = ?, start_time = ?, end_time = ?, duration = ?, cost = ?, cost_incomplete = ?, tokens = ?,
       input_tokens = ?, output_tokens = ?, first_token = ?, observations = ?, errors = ?, status = ?, name = ?, user_id = ?,
       session_id = ?, environment = ?, release = ?, version = ?, public = ?, tags = ?, models = ? WHERE rid = ?`,
    );
  }

  /** Takes the number; what it stands for follows in the same transaction. */
  prepareInsert(): Database.Statement {
    return this.#database.prepare(
      `INSERT INTO trace_summaries (project_id, trace_id, root, start_time, duration, cost, cost_incomplete, tokens, first_token,
       observations, errors, status, name, environment, public) VALUES (?, ?, 0, 0, -1, -1, 0, -1, -1, 0, 0, '', '', '', 0)`,
    );
  }

  write(rid: number, trace: TraceFactsSummary): void {
    const { startTime, endTime, firstTokenTime } = trace;
    this.#update.run([
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
      trace.environment ?? "default",
      trace.release,
      trace.version,
      trace.public === true ? 1 : 0,
      trace.tags === null ? null : JSON.stringify(trace.tags),
      trace.models.length === 0 ? null : JSON.stringify(trace.models),
      rid,
    ]);
  }
}
