import type { ScoreReads } from "../scores.ts";
import type { Sync } from "../store.ts";
import { decodeScore, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

export function createScoreReads(database: Database.Database): Sync<ScoreReads> {
  const ofTrace = database.prepare("SELECT * FROM scores WHERE project_id = ? AND trace_id = ? ORDER BY timestamp, id");
  return {
    listScores(projectId, traceId) {
      const rows = ofTrace.all([projectId, traceId]) as Record<string, SqlValue>[];
      return rows.map((row) => decodeScore(projectId, row));
    },
  };
}
