import type { Page, SessionDetail, SessionSummary, SessionTrace, UserSummary } from "../../../api/lists.ts";
import { decodeCursor, encodeCursor, type CursorKey } from "../../cursor.ts";
import { MAX_SESSION_TRACES, type GroupOptions } from "../../groups.ts";
import { MAX_SESSION_SCORES, SessionPayloads, boundTexts, joinSessionScores } from "../../row-bounds.ts";
import type { ScoreReads } from "../../scores.ts";
import type { Sync } from "../../store.ts";
import type { PayloadRow, PayloadValue } from "../columns.ts";
import type { BlobReader } from "../payload/blob-reader.ts";
import type { ListReader } from "./list-reader.ts";
import { GroupSummaries, MAX_SUMMED_TRACES, type GroupColumn } from "./group-summaries.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

const INDEXES: Record<GroupColumn, string> = { session_id: "traces_by_session", user_id: "traces_by_user" };

/** Traces read in one step of a walk. */
const WALK_STEP = 500;

/** A group at the newest of its traces that is selected. */
interface Met {
  id: string;
  start: number;
  trace: string;
}

/** Sessions and users: traces by what they have in common. */
export class GroupReader {
  readonly #runner: Runner;
  readonly #lists: ListReader;
  readonly #blobs: BlobReader;
  readonly #scores: Sync<ScoreReads>;
  readonly #summaries: GroupSummaries;

  constructor(runner: Runner, lists: ListReader, blobs: BlobReader, scores: Sync<ScoreReads>) {
    this.#runner = runner;
    this.#lists = lists;
    this.#blobs = blobs;
    this.#scores = scores;
    this.#summaries = new GroupSummaries(runner);
  }

  listSessions(projectId: string, options: GroupOptions): Page<SessionSummary> {
    return this.#list(projectId, "session_id", options, (id) => this.#summaries.session(projectId, id));
  }

  listUsers(projectId: string, options: GroupOptions): Page<UserSummary> {
    return this.#list(projectId, "user_id", options, (id) => this.#summaries.user(projectId, id));
  }

  getSession(projectId: string, sessionId: string): SessionDetail | null {
    const rids = this.#rids(projectId, "session_id", sessionId);
    if (rids.length === 0) return null;
    const kept = rids.slice(0, MAX_SESSION_TRACES);
    const payloads = new SessionPayloads();
    const traces = kept.map((rid) => ({
      ...boundTexts(this.#lists.trace(projectId, rid)),
      ...this.#rootPayload(rid, payloads),
    }));
    const own = this.#scores.findRowScores(projectId, { sessionId: [sessionId] }, { limit: MAX_SESSION_SCORES });
    return {
      session: this.#summaries.session(projectId, sessionId),
      traces,
      truncated: rids.length > kept.length,
      ...joinSessionScores(traces, own),
    };
  }

  /**
   * Walks the selected traces from the newest on and takes each group where it comes first. A group that came on an earlier page has a newer
   * trace than the one it is met at, which one look at the index tells.
   */
  #list<T>(projectId: string, column: GroupColumn, options: GroupOptions, summarize: (id: string) => T): Page<T> {
    const selected = this.#lists.selector.whereTrace(projectId, options);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, column, ["number", "string"]);
    const found: Met[] = [];
    const seen = new Set<string>();
    let at = after;
    // In steps, so that no read stays open when enough is found.
    for (let isLast = false; !isLast && found.length <= options.limit;) {
      const step = this.#step(column, selected, at, seen);
      isLast = step.length < WALK_STEP;
      const last = step.at(-1);
      if (last !== undefined) at = [last.start, last.trace];
      for (const row of step) {
        if (seen.has(row.id)) continue;
        seen.add(row.id);
        if (after !== undefined && this.#hasNewer(column, selected, row)) continue;
        found.push(row);
        if (found.length > options.limit) break;
      }
    }
    const page = found.slice(0, options.limit);
    const last = page.at(-1);
    return {
      data: page.map(({ id }) => summarize(id)),
      nextCursor:
        last !== undefined && found.length > page.length ? encodeCursor(column, [last.start, last.trace]) : null,
    };
  }

  /** @param seen groups that are passed over where they lie: one may have most of the traces. */
  #step(column: GroupColumn, where: Sql, at: CursorKey | undefined, seen: ReadonlySet<string>): Met[] {
    const seek = at === undefined ? sql("") : sql(" AND (t.start_time, t.trace_id) < (?, ?)", ...at);
    return this.#runner.all<Met>(
      sql(
        `SELECT t.${column} AS id, t.start_time AS start, t.trace_id AS trace
         FROM trace_summaries t INDEXED BY traces_by_start_time WHERE ${where.text}${seek.text}
         AND t.${column} IS NOT NULL AND t.${column} NOT IN (SELECT value FROM json_each(?))
         ORDER BY t.start_time DESC, t.trace_id DESC LIMIT ${WALK_STEP}`,
        ...where.params,
        ...seek.params,
        JSON.stringify([...seen]),
      ),
    );
  }

  /** Then an earlier page has it. */
  #hasNewer(column: GroupColumn, where: Sql, { id, start, trace }: Met): boolean {
    const newer = sql(
      `SELECT 1 AS n FROM trace_summaries t INDEXED BY ${INDEXES[column]} WHERE ${where.text}
       AND t.${column} = ? AND (t.start_time, t.trace_id) > (?, ?) LIMIT 1`,
      ...where.params,
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

  #rootPayload(
    rid: number,
    payloads: SessionPayloads,
  ): Pick<SessionTrace, "rootId" | "input" | "output" | "truncated"> {
    const row = this.#runner.get<PayloadRow & { id: string }>(
      sql(
        `SELECT o.id, p.input, p.output FROM trace_summaries t JOIN observation_rows o ON o.rid = t.root
         JOIN observation_payloads p ON p.obs = o.rid WHERE t.rid = ?`,
        rid,
      ),
    );
    const taken = payloads.take((column, maxChars) =>
      this.#blobs.text((row?.[column] ?? null) as PayloadValue, maxChars),
    );
    return { rootId: row?.id ?? "", ...taken };
  }
}
