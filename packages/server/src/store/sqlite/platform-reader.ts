import type { CustomPrice, Project } from "../../api/settings.ts";
import type { CountReads, StoredCounts } from "../counts.ts";
import type { PriceReads } from "../prices.ts";
import type { ProjectReads, StoredKey } from "../projects.ts";
import type { SettingReads } from "../settings.ts";
import type { Sync } from "../store.ts";
import type { Database } from "./database.ts";

const KEY_COLUMNS = `public_key AS publicKey, project_id AS projectId, secret_hash AS secretHash, secret_hint AS secretHint,
  note, created_at AS createdAt, last_used_at AS lastUsedAt`;

type PriceRow = Omit<CustomPrice, "prices"> & { prices: string };

/** Projects, keys, prices and settings. */
export function createPlatformReads(
  database: Database.Database,
): Sync<ProjectReads> & Sync<PriceReads> & Sync<SettingReads> & Sync<CountReads> {
  const projects = database.prepare(
    "SELECT id, name, created_at AS createdAt FROM projects ORDER BY id <> 'default', name, id",
  );
  const keys = database.prepare(
    `SELECT ${KEY_COLUMNS} FROM api_keys WHERE ? IN (project_id, '*') ORDER BY created_at, public_key`,
  );
  const prices = database.prepare(
    `SELECT id, match, provider, prices, created_at AS createdAt FROM prices WHERE project_id = ?
     ORDER BY created_at DESC, id`,
  );
  const setting = database.prepare("SELECT value FROM settings WHERE name = ?");
  const counts = database.prepare(
    `SELECT (SELECT count(*) FROM trace_summaries WHERE project_id = ?) AS traces,
       (SELECT count(*) FROM observation_rows WHERE project_id = ?) AS observations`,
  );
  return {
    countStored(projectId) {
      const { traces, observations } = counts.get([projectId, projectId]) as StoredCounts;
      return { traces, observations };
    },
    listProjects: () => projects.all() as Project[],
    // No project is called "*": see readProjectInput.
    listKeys: (projectId = "*") => keys.all([projectId]) as StoredKey[],
    listPrices: (projectId) =>
      (prices.all([projectId]) as PriceRow[]).map((row) => ({
        ...row,
        prices: JSON.parse(row.prices) as CustomPrice["prices"],
      })),
    readSetting(name) {
      const row = setting.get([name]) as { value: string } | undefined;
      return row === undefined ? null : (JSON.parse(row.value) as unknown);
    },
  };
}
