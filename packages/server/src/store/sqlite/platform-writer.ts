import type { BatchWrites } from "../batch.ts";
import type { PriceWrites } from "../prices.ts";
import type { ProjectWrites } from "../projects.ts";
import type { RowReads } from "../rows.ts";
import type { SettingWrites } from "../settings.ts";
import type { Sync } from "../store.ts";
import type { Database } from "./database.ts";
import { costChanges } from "../../pricing/cost-changes.ts";

/** Projects, keys, prices and settings. */
export function createPlatformWrites(
  database: Database.Database,
  batches: Sync<BatchWrites>,
  rows: Sync<RowReads>,
): Sync<ProjectWrites> & Sync<PriceWrites> & Sync<SettingWrites> {
  // Not while one of this id is being deleted: what is left of it would go with the new one's.
  const addProject = database.prepare(
    `INSERT OR IGNORE INTO projects (id, name, created_at) SELECT ?1, ?2, ?3
     WHERE NOT EXISTS (SELECT 1 FROM begun_deletions WHERE project_id = ?1 AND trace_id = '')`,
  );
  const setName = database.prepare("UPDATE projects SET name = ? WHERE id = ?");
  const addKey = database.prepare(
    `INSERT OR IGNORE INTO api_keys (public_key, project_id, secret_hash, secret_hint, note, created_at, last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropKey = database.prepare("DELETE FROM api_keys WHERE project_id = ? AND public_key = ?");
  const touchKey = database.prepare(
    "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE public_key = ?",
  );
  const addPrice = database.prepare(
    "INSERT OR REPLACE INTO prices (project_id, id, match, provider, prices, created_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const dropPrice = database.prepare("DELETE FROM prices WHERE project_id = ? AND id = ?");
  const setSetting = database.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)");
  return {
    createProject: ({ id, name, createdAt }) => addProject.run([id, name, createdAt]).changes > 0,
    renameProject: (projectId, name) => setName.run([name, projectId]).changes > 0,
    createKey(key) {
      const { publicKey, projectId, secretHash, secretHint, note, createdAt, lastUsedAt } = key;
      return addKey.run([publicKey, projectId, secretHash, secretHint, note, createdAt, lastUsedAt]).changes > 0;
    },
    deleteKey: (projectId, publicKey) => dropKey.run([projectId, publicKey]).changes > 0,
    noteKeyUse(uses) {
      for (const { publicKey, lastUsedAt } of uses) touchKey.run([lastUsedAt, publicKey]);
    },
    writePrice(projectId, { id, match, provider, prices, createdAt }) {
      addPrice.run([projectId, id, match, provider, JSON.stringify(prices), createdAt]);
    },
    deletePrice: (projectId, id) => dropPrice.run([projectId, id]).changes > 0,
    writeCosts(projectId, traceId, costs) {
      // Read here, in the one writer: what came in since the cost was computed is kept.
      const stored = rows.readRows(
        projectId,
        traceId,
        costs.map(({ id }) => id),
      );
      const changed = costChanges(stored, costs);
      if (changed.length > 0) batches.writeBatch(projectId, { observations: changed, scores: [], bytes: 0 });
      return changed.length;
    },
    writeSetting(name, value) {
      setSetting.run([name, JSON.stringify(value)]);
    },
  };
}
