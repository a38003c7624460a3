import type { StoredObservation } from "../../model/observation.ts";
import type { QueryTarget } from "../../query/language/ast.ts";
import type { Counted } from "../datasets.ts";
import type { Sync } from "../store.ts";
import {
  MAX_IDS_OF_TRACE,
  payloadChars,
  type SessionSelection,
  type StoredSession,
  type WholeObservation,
  type WholeOptions,
  type WholePage,
  type WholeReads,
  type WholeTrace,
} from "../whole-rows.ts";
import type { PayloadRow } from "./columns.ts";
import type { ReadContext } from "./observation-reader.ts";
import { join, sql, type Row, type Sql } from "./read/sql.ts";
import { WITH_PAYLOAD, decodeWhole } from "./row-reader.ts";

export function createWholeReads(context: ReadContext): Sync<WholeReads> {
  const reader = new WholeReader(context);
  return {
    selectObservations: (projectId, options) =>
      reader.page(projectId, "observations", options, (rid) => reader.observation(projectId, rid)),
    selectTraces: (projectId, options) =>
      reader.page(projectId, "traces", options, (rid) => reader.trace(projectId, rid)),
    countSelected: (projectId, target, selection) =>
      reader.count(context.lists.selection(projectId, target, selection, false)),
    selectSessions: (projectId, selection) => reader.sessions(projectId, selection),
  };
}

class WholeReader {
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  page<T extends { row: StoredObservation } | { root: StoredObservation }>(
    projectId: string,
    target: QueryTarget,
    options: WholeOptions,
    read: (rid: number) => T,
  ): WholePage<T> {
    const { limit, offset = 0, maxPayloadChars = Infinity } = options;
    const { statement, cursorOf } = this.#context.lists.pageStatement(projectId, target, options);
    const found = this.#context.runner.all(sql(`${statement.text} OFFSET ?`, ...statement.params, offset));
    const data: T[] = [];
    let chars = 0;
    for (const { rid } of found.slice(0, limit)) {
      const entry = read(Number(rid));
      chars += payloadChars("row" in entry ? entry.row : entry.root);
      if (data.length > 0 && chars > maxPayloadChars) break;
      data.push(entry);
    }
    const last = found[data.length - 1];
    const hasMore = last !== undefined && found.length > data.length;
    return { data, nextCursor: hasMore ? cursorOf(last) : null };
  }

  observation(projectId: string, rid: number): WholeObservation {
    const { row, trace } = this.#row(rid);
    return { row, trace: this.#context.lists.trace(projectId, trace) };
  }

  trace(projectId: string, rid: number): WholeTrace {
    const { runner, lists } = this.#context;
    const stored = runner.get(sql("SELECT root, version, public FROM trace_summaries WHERE rid = ?", rid));
    const ids = runner.all<{ id: string }>(
      sql(`SELECT id FROM observation_rows WHERE trace = ? ORDER BY start_time, id LIMIT ${MAX_IDS_OF_TRACE}`, rid),
    );
    const version = stored?.["version"];
    const summary = lists.trace(projectId, rid);
    return {
      summary,
      version: typeof version === "string" ? version : null,
      public: stored?.["public"] === 1,
      root: this.#row(Number(stored?.["root"])).row,
      observationIds: ids.map(({ id }) => id),
      scoreIds: summary.scoreCount === 0 ? [] : lists.rowScores.ids(projectId, summary.traceId, MAX_IDS_OF_TRACE),
    };
  }

  count(selection: Sql): number {
    const counted = this.#context.runner.get<{ n: number }>(
      sql(`SELECT count(*) AS n ${selection.text}`, ...selection.params),
    );
    return counted?.n ?? 0;
  }

  sessions(projectId: string, { environments, from, to, limit, offset }: SessionSelection): Counted<StoredSession> {
    const having = [sql("1")];
    if (environments !== undefined) {
      having.push(sql("environment IN (SELECT value FROM json_each(?))", JSON.stringify(environments)));
    }
    if (from !== undefined) having.push(sql("createdAt >= ?", from));
    if (to !== undefined) having.push(sql("createdAt < ?", to));
    const condition = join(having, " AND ");
    // SQLite takes the other columns of the row that has the minimum.
    const all = sql(
      `SELECT session_id AS id, min(start_time) AS createdAt, environment FROM trace_summaries
       WHERE project_id = ? AND session_id IS NOT NULL GROUP BY session_id HAVING ${condition.text}`,
      projectId,
      ...condition.params,
    );
    const { runner } = this.#context;
    const data = runner.all<Row & StoredSession>(
      sql(`${all.text} ORDER BY createdAt DESC, id DESC LIMIT ? OFFSET ?`, ...all.params, limit, offset),
    );
    return {
      data: data.map(({ id, createdAt, environment }) => ({ id, createdAt, environment })),
      total: this.count(sql(`FROM (${all.text})`, ...all.params)),
    };
  }

  #row(rid: number): { row: StoredObservation; trace: number } {
    const stored = this.#context.runner.get<PayloadRow>(sql(`${WITH_PAYLOAD} WHERE o.rid = ?`, rid));
    if (stored === undefined) throw new Error(`The database has lost observation ${rid}.`);
    return { row: decodeWhole(stored, this.#context.blobs), trace: Number(stored["trace"]) };
  }
}
