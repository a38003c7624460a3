import type { SessionSummary, UserSummary } from "../../../api/lists.ts";
import type { Totals } from "../../../api/types.ts";
import { takeTexts } from "../../row-bounds.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Traces of one session or user that are summed up; beyond it, the oldest are left out. */
export const MAX_SUMMED_TRACES = 2000;

export type GroupColumn = "session_id" | "user_id";

interface Sums {
  traces: number;
  errors: number;
  firstStart: number;
  lastStart: number;
  running: number;
  end: number | null;
  tokens: number | null;
  input: number | null;
  output: number | null;
  cost: number | null;
  incomplete: number;
}

/**
 * As `summarizeSession` and `summarizeUser` of `query/groups`, but inside of the database: a page of sessions may have tens of thousands of
 * traces, of each of which a list's row would be three statements.
 */
export class GroupSummaries {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  session(projectId: string, sessionId: string): SessionSummary {
    const traces = tracesOf(projectId, "session_id", sessionId);
    const sums = this.#sums(traces);
    // Each user once, in the order of their first traces.
    const users = this.#runner.all<{ user: string }>(
      sql(
        `SELECT user_id AS user FROM
         (SELECT user_id, row_number() OVER (ORDER BY start_time, trace_id) AS place FROM (${traces.text}))
         WHERE user_id IS NOT NULL GROUP BY user_id ORDER BY min(place)`,
        ...traces.params,
      ),
    );
    const first = this.#edge(traces, "ASC");
    return {
      sessionId,
      projectId,
      startTime: sums.firstStart,
      endTime: sums.running > 0 ? null : sums.end,
      traceCount: sums.traces,
      errorCount: sums.errors,
      userIds: takeTexts(users.map(({ user }) => user)),
      userCount: users.length,
      environment: first?.environment ?? "default",
      inputPreview: first?.input ?? null,
      outputPreview: this.#edge(traces, "DESC")?.output ?? null,
      ...totalsOf(sums),
    };
  }

  user(projectId: string, userId: string): UserSummary {
    const traces = tracesOf(projectId, "user_id", userId);
    const sums = this.#sums(traces);
    const sessions = this.#runner.get<{ n: number }>(
      sql(`SELECT count(DISTINCT session_id) AS n FROM (${traces.text})`, ...traces.params),
    );
    return {
      userId,
      projectId,
      firstSeen: sums.firstStart,
      lastSeen: sums.lastStart,
      traceCount: sums.traces,
      sessionCount: sessions?.n ?? 0,
      errorCount: sums.errors,
      ...totalsOf(sums),
    };
  }

  #sums(traces: Sql): Sums {
    const present = (column: string): string => `sum(CASE WHEN ${column} >= 0 THEN ${column} END)`;
    return this.#runner.get<Sums>(
      sql(
        `SELECT count(*) AS traces, sum(errors) AS errors, min(start_time) AS firstStart, max(start_time) AS lastStart,
         sum(end_time IS NULL) AS running, max(end_time) AS end, ${present("tokens")} AS tokens, sum(input_tokens) AS input,
         sum(output_tokens) AS output, ${present("cost")} AS cost, max(cost_incomplete) AS incomplete FROM (${traces.text})`,
        ...traces.params,
      ),
    ) as Sums;
  }

  #edge(
    traces: Sql,
    order: "ASC" | "DESC",
  ): { environment: string; input: string | null; output: string | null } | undefined {
    return this.#runner.get(
      sql(
        `SELECT edge.environment, r.input_preview AS input, r.output_preview AS output
         FROM (SELECT * FROM (${traces.text}) ORDER BY start_time ${order}, trace_id ${order} LIMIT 1) edge
         LEFT JOIN observation_rows r ON r.rid = edge.root`,
        ...traces.params,
      ),
    );
  }
}

function tracesOf(projectId: string, column: GroupColumn, id: string): Sql {
  return sql(
    `SELECT * FROM trace_summaries WHERE project_id = ? AND ${column} = ?
     ORDER BY start_time DESC, trace_id DESC LIMIT ${MAX_SUMMED_TRACES}`,
    projectId,
    id,
  );
}

function totalsOf({ tokens, input, output, cost, incomplete }: Sums): Totals {
  return { totalTokens: tokens, inputTokens: input, outputTokens: output, cost, costIncomplete: incomplete === 1 };
}
