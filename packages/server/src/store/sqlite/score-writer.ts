import type { ScoreWrites } from "../scores.ts";
import type { Sync } from "../store.ts";
import { decodeScore, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

export function createScoreWrites(database: Database.Database): Sync<ScoreWrites> {
  return {
    deleteScore(projectId, id) {
      const rows = database.prepare("SELECT * FROM scores WHERE project_id = ? AND id = ?").all([projectId, id]);
      const [row] = rows as Record<string, SqlValue>[];
      if (row === undefined) return null;
      database.prepare("DELETE FROM scores WHERE project_id = ? AND id = ?").run([projectId, id]);
      return decodeScore(projectId, row);
    },
  };
}
