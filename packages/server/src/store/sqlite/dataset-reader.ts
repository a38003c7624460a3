import type { StoredDataset, StoredDatasetItem, StoredDatasetRun, StoredDatasetRunItem } from "../../model/dataset.ts";
import type { Counted, DatasetItemFilter, DatasetReads, NumberedPage } from "../datasets.ts";
import type { Sync } from "../store.ts";
import type { SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

/** A JSON text of any length; with `head`, no more than that and the one that tells that there is more. */
function json(column: string, head: number | undefined): string {
  return head === undefined ? column : `substr(${column}, 1, ${head + 1})`;
}

const selectDataset = (head?: number): string => `
  SELECT id, name, description, ${json("metadata", head)} AS metadata, ${json("input_schema", head)} AS inputSchema,
    ${json("expected_output_schema", head)} AS expectedOutputSchema,
    created_at AS createdAt, updated_at AS updatedAt,
    (SELECT count(*) FROM dataset_items i WHERE i.project_id = d.project_id AND i.dataset_id = d.id AND i.valid_to IS NULL) AS itemCount,
    (SELECT count(*) FROM dataset_runs r WHERE r.project_id = d.project_id AND r.dataset_id = d.id) AS runCount
  FROM datasets d`;
const selectItem = (head?: number): string => `
  SELECT i.id, i.dataset_id AS datasetId, d.name AS datasetName, ${json("i.input", head)} AS input,
    ${json("i.expected_output", head)} AS expectedOutput, ${json("i.metadata", head)} AS metadata,
    i.source_trace_id AS sourceTraceId, i.source_observation_id AS sourceObservationId, i.status,
    i.created_at AS createdAt, i.valid_from AS updatedAt
  FROM dataset_items i JOIN datasets d ON d.project_id = i.project_id AND d.id = i.dataset_id`;
const selectRun = (head?: number): string => `
  SELECT r.id, r.dataset_id AS datasetId, d.name AS datasetName, r.name, r.description, ${json("r.metadata", head)} AS metadata,
    r.created_at AS createdAt, r.updated_at AS updatedAt,
    (SELECT count(*) FROM dataset_run_items x WHERE x.project_id = r.project_id AND x.run_id = r.id) AS itemCount
  FROM dataset_runs r JOIN datasets d ON d.project_id = r.project_id AND d.id = r.dataset_id`;
const RUN_ITEM = `
  SELECT x.id, x.run_id AS datasetRunId, r.name AS datasetRunName, x.item_id AS datasetItemId, x.trace_id AS traceId,
    x.observation_id AS observationId, x.created_at AS createdAt, x.updated_at AS updatedAt
  FROM dataset_run_items x JOIN dataset_runs r ON r.project_id = x.project_id AND r.id = x.run_id`;

/** Also what the writer looks at before it writes. */
export class DatasetReader {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  dataset(projectId: string, name: string): StoredDataset | null {
    return this.#one(`${selectDataset()} WHERE project_id = ? AND name = ?`, [projectId, name]) as StoredDataset | null;
  }

  datasets(projectId: string, page: NumberedPage): Counted<StoredDataset> {
    return this.#page(selectDataset(page.head), "datasets d", "d", "d.project_id = ?", [projectId], page);
  }

  item(projectId: string, id: string): StoredDatasetItem | null {
    return this.#one(`${selectItem()} WHERE i.project_id = ? AND i.id = ? AND i.valid_to IS NULL`, [
      projectId,
      id,
    ]) as StoredDatasetItem | null;
  }

  items(projectId: string, filter: DatasetItemFilter, page: NumberedPage): Counted<StoredDatasetItem> {
    const conditions = ["i.project_id = ?"];
    const values: SqlValue[] = [projectId];
    const equals = (column: string, value: string | undefined): void => {
      if (value === undefined) return;
      conditions.push(`i.${column} = ?`);
      values.push(value);
    };
    if (filter.ids !== undefined) {
      conditions.push(`i.id IN (${filter.ids.map(() => "?").join(", ")})`);
      values.push(...filter.ids);
    }
    equals("dataset_id", filter.datasetId);
    equals("source_trace_id", filter.sourceTraceId);
    equals("source_observation_id", filter.sourceObservationId);
    equals("status", filter.status);
    if (filter.asOf === undefined) conditions.push("i.valid_to IS NULL");
    else {
      conditions.push("i.valid_from <= ? AND (i.valid_to IS NULL OR i.valid_to > ?)");
      values.push(filter.asOf, filter.asOf);
    }
    return this.#page(selectItem(page.head), "dataset_items i", "i", conditions.join(" AND "), values, page);
  }

  run(projectId: string, datasetId: string, name: string): StoredDatasetRun | null {
    const where = "WHERE r.project_id = ? AND r.dataset_id = ? AND r.name = ?";
    return this.#one(`${selectRun()} ${where}`, [projectId, datasetId, name]) as StoredDatasetRun | null;
  }

  runs(projectId: string, datasetId: string, page: NumberedPage): Counted<StoredDatasetRun> {
    const where = "r.project_id = ? AND r.dataset_id = ?";
    return this.#page(selectRun(page.head), "dataset_runs r", "r", where, [projectId, datasetId], page);
  }

  runItem(projectId: string, id: string): StoredDatasetRunItem | null {
    return this.#one(`${RUN_ITEM} WHERE x.project_id = ? AND x.id = ?`, [projectId, id]) as StoredDatasetRunItem | null;
  }

  runItems(projectId: string, runId: string, page: NumberedPage): Counted<StoredDatasetRunItem> {
    const where = "x.project_id = ? AND x.run_id = ?";
    return this.#page(RUN_ITEM, "dataset_run_items x", "x", where, [projectId, runId], page);
  }

  /** Not by `get`, which adds a member of its own to the row. */
  #one(sql: string, values: SqlValue[]): unknown {
    return this.#database.prepare(sql).all(values)[0] ?? null;
  }

  #page<T>(
    select: string,
    table: string,
    alias: string,
    where: string,
    values: SqlValue[],
    { limit, offset }: NumberedPage,
  ): Counted<T> {
    const order = `ORDER BY ${alias}.created_at DESC, ${alias}.id DESC LIMIT ? OFFSET ?`;
    const data = this.#database.prepare(`${select} WHERE ${where} ${order}`).all([...values, limit, offset]) as T[];
    const counted = this.#database.prepare(`SELECT count(*) AS total FROM ${table} WHERE ${where}`).get(values);
    return { data, total: (counted as { total: number }).total };
  }
}

export function createDatasetReads(database: Database.Database): Sync<DatasetReads> {
  const reader = new DatasetReader(database);
  return {
    getDataset: (projectId, name) => reader.dataset(projectId, name),
    listDatasets: (projectId, page) => reader.datasets(projectId, page),
    getDatasetItem: (projectId, id) => reader.item(projectId, id),
    listDatasetItems: (projectId, filter, page) => reader.items(projectId, filter, page),
    getDatasetRun: (projectId, datasetId, name) => reader.run(projectId, datasetId, name),
    listDatasetRuns: (projectId, datasetId, page) => reader.runs(projectId, datasetId, page),
    listDatasetRunItems: (projectId, runId, page) => reader.runItems(projectId, runId, page),
  };
}
