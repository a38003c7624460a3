import type { Page, SessionDetail, SessionSummary, UserSummary } from "../../../api/lists.ts";
import type { TraceSummary } from "../../../api/types.ts";
import { summarizeSession, summarizeUser } from "../../../query/groups.ts";
import { decodeCursor, encodeCursor, type CursorKey } from "../../cursor.ts";
import { MAX_SESSION_TRACES, type GroupOptions } from "../../groups.ts";
import type { ScoreReads } from "../../scores.ts";
import type { Sync } from "../../store.ts";
import type { PayloadRow, PayloadValue } from "../columns.ts";
import type { BlobReader } from "../payload/blob-reader.ts";
import type { ListReader } from "./list-reader.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Traces of one session or user that are summed up; beyond it, the oldest are left out. */
const MAX_SUMMED_TRACES = 2000;

/** Traces read in one step of a walk. */
const WALK_STEP = 500;

/** A group at the newest of its traces that is selected. */
interface Met {
  id: string;
  start: number;
  trace: string;
}

type GroupColumn = "session_id" | "user_id";

/** Sessions and users: traces by what they have in common. */
export class GroupReader {
  readonly #runner: Runner;
  readonly #lists: ListReader;
  readonly #blobs: BlobReader;
  readonly #scores: Sync<ScoreReads>;

  constructor(runner: Runner, lists: ListReader, blobs: BlobReader, scores: Sync<ScoreReads>) {
    this.#runner = runner;
    this.#lists = lists;
    this.#blobs = blobs;
    this.#scores = scores;
  }

  listSessions(projectId: string, options: GroupOptions): Page<SessionSummary> {
    return this.#list(projectId, "session_id", options, summarizeSession);
  }

  listUsers(projectId: string, options: GroupOptions): Page<UserSummary> {
    return this.#list(projectId, "user_id", options, summarizeUser);
  }

  getSession(projectId: string, sessionId: string): SessionDetail | null {
    const rids = this.#rids(projectId, "session_id", sessionId);
    if (rids.length === 0) return null;
    const kept = rids.slice(0, MAX_SESSION_TRACES);
    return {
      session: summarizeSession(sessionId, this.#traces(projectId, rids)),
      traces: kept.map((rid) => ({ ...this.#lists.trace(projectId, rid), ...this.#rootPayload(rid) })),
      truncated: rids.length > kept.length,
      scores: this.#runner
        .all<{ trace_id: string }>(
          sql(
            "SELECT DISTINCT trace_id FROM trace_summaries WHERE project_id = ? AND session_id = ?",
            projectId,
            sessionId,
          ),
        )
        .flatMap((row) => this.#scores.listScores(projectId, row.trace_id))
        .concat(this.#scores.findScores(projectId, { sessionId: [sessionId] }, { limit: 1000 }).data),
    };
  }

  /**
   * Walks the selected traces from the newest on and takes each group where it comes first. A group that came on an earlier page has a newer
   * trace than the one it is met at, which one look at the index tells.
   */
  #list<T>(
    projectId: string,
    column: GroupColumn,
    options: GroupOptions,
    summarize: (id: string, traces: readonly TraceSummary[]) => T,
  ): Page<T> {
    const { text, params } = this.#lists.selection(projectId, "traces", options);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, ["number", "string"]);
    const found: Met[] = [];
    const seen = new Set<string>();
    let at = after;
    // In steps, so that no read stays open when enough is found.
    for (let isLast = false; !isLast && found.length <= options.limit;) {
      const step = this.#step(column, { text, params }, at);
      isLast = step.length < WALK_STEP;
      const last = step.at(-1);
      if (last !== undefined) at = [last.start, last.trace];
      for (const row of step) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        if (after !== undefined && this.#hasNewer(column, { text, params }, row)) continue;
        found.push(row);
        if (found.length > options.limit) break;
      }
    }
    const page = found.slice(0, options.limit);
    const last = page.at(-1);
    return {
      data: page.map(({ id }) => summarize(id, this.#traces(projectId, this.#rids(projectId, column, id)))),
      nextCursor: last !== undefined && found.length > page.length ? encodeCursor([last.start, last.trace]) : null,
    };
  }

  #step(column: GroupColumn, { text, params }: Sql, at: CursorKey | undefined): Met[] {
    const seek = at === undefined ? sql("") : sql(" AND (t.start_time, t.trace_id) < (?, ?)", ...at);
    return this.#runner.all<Met>(
      sql(
        `SELECT t.${column} AS id, t.start_time AS start, t.trace_id AS trace ${text} AND t.${column} IS NOT NULL${seek.text}
         ORDER BY t.start_time DESC, t.trace_id DESC LIMIT ${WALK_STEP}`,
        ...params,
        ...seek.params,
      ),
    );
  }

  /** Then an earlier page has it. */
  #hasNewer(column: GroupColumn, { text, params }: Sql, { id, start, trace }: Met): boolean {
    const newer = sql(
      `SELECT 1 AS n ${text} AND t.${column} = ? AND (t.start_time, t.trace_id) > (?, ?) LIMIT 1`,
      ...params,
      id,
      start,
      trace,
    );
    return this.#runner.get(newer) !== undefined;
  }

  /** Oldest first. */
  #rids(projectId: string, column: GroupColumn, id: string): number[] {
    const rows = this.#runner.all<{ rid: number }>(
      sql(
        `SELECT rid FROM trace_summaries WHERE project_id = ? AND ${column} = ? ORDER BY start_time DESC, trace_id DESC LIMIT ?`,
        projectId,
        id,
        MAX_SUMMED_TRACES,
      ),
    );
    return rows.map((row) => row.rid).toReversed();
  }

  #traces(projectId: string, rids: readonly number[]): TraceSummary[] {
    return rids.map((rid) => this.#lists.trace(projectId, rid));
  }

  #rootPayload(rid: number): { rootId: string; input: unknown; output: unknown } {
    const row = this.#runner.get<PayloadRow & { id: string }>(
      sql(
        `SELECT o.id, p.input, p.output FROM trace_summaries t JOIN observation_rows o ON o.rid = t.root
         JOIN observation_payloads p ON p.obs = o.rid WHERE t.rid = ?`,
        rid,
      ),
    );
    const read = (column: "input" | "output"): unknown => {
      const text = this.#blobs.text((row?.[column] ?? null) as PayloadValue);
      return text === null ? null : (JSON.parse(text) as unknown);
    };
    return { rootId: row?.id ?? "", input: read("input"), output: read("output") };
  }
}
