import type { StoredDataset, StoredDatasetItem, StoredDatasetRun, StoredDatasetRunItem } from "../../model/dataset.ts";
import { changeDataset, changeDatasetItem, changeDatasetRun } from "../dataset-changes.ts";
import type { DatasetInput, DatasetItemsWrite, DatasetRunItemInput, DatasetWrites } from "../datasets.ts";
import { ConflictError, NotStoredError } from "../errors.ts";
import type { Sync } from "../store.ts";
import type { SqlValue } from "./columns.ts";
import { DatasetReader } from "./dataset-reader.ts";
import type { Database } from "./database.ts";

export function createDatasetWrites(database: Database.Database): Sync<DatasetWrites> {
  const writer = new DatasetWriter(database);
  return {
    putDataset: (projectId, input) => writer.putDataset(projectId, input),
    deleteDataset: (projectId, name) => writer.deleteDataset(projectId, name),
    putDatasetItems: (projectId, write) => writer.putItems(projectId, write),
    deleteDatasetItem: (projectId, id, now) => writer.deleteItem(projectId, id, now),
    putDatasetRunItem: (projectId, input) => writer.putRunItem(projectId, input),
    deleteDatasetRun: (projectId, datasetId, name) => writer.deleteRun(projectId, datasetId, name),
  };
}

class DatasetWriter {
  readonly #database: Database.Database;
  readonly #reader: DatasetReader;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#reader = new DatasetReader(database);
  }

  putDataset(projectId: string, input: DatasetInput): StoredDataset {
    const { newName } = input;
    if (newName !== undefined && newName !== input.name && this.#reader.dataset(projectId, newName) !== null) {
      throw new ConflictError(`There is a dataset ${newName} already.`);
    }
    const dataset = changeDataset(this.#reader.dataset(projectId, input.name), input);
    this.#run(
      `INSERT OR REPLACE INTO datasets
       (project_id, id, name, description, metadata, input_schema, expected_output_schema, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      projectId,
      dataset.id,
      dataset.name,
      dataset.description,
      dataset.metadata,
      dataset.inputSchema,
      dataset.expectedOutputSchema,
      dataset.createdAt,
      dataset.updatedAt,
    );
    return dataset;
  }

  deleteDataset(projectId: string, name: string): boolean {
    const dataset = this.#reader.dataset(projectId, name);
    if (dataset === null) return false;
    const runs = "SELECT id FROM dataset_runs WHERE project_id = ? AND dataset_id = ?";
    const { id } = dataset;
    this.#run(`DELETE FROM dataset_run_items WHERE project_id = ? AND run_id IN (${runs})`, projectId, projectId, id);
    this.#run("DELETE FROM dataset_runs WHERE project_id = ? AND dataset_id = ?", projectId, id);
    this.#run("DELETE FROM dataset_items WHERE project_id = ? AND dataset_id = ?", projectId, id);
    this.#run("DELETE FROM datasets WHERE project_id = ? AND id = ?", projectId, id);
    return true;
  }

  putItems(projectId: string, { datasetName, items, onlyNew, now }: DatasetItemsWrite): StoredDatasetItem[] {
    const dataset = this.#reader.dataset(projectId, datasetName);
    if (dataset === null) throw new NotStoredError(`There is no dataset ${datasetName}.`);
    const written: StoredDatasetItem[] = [];
    for (const input of items) {
      const before = this.#reader.item(projectId, input.id);
      if (before !== null && onlyNew === true) continue;
      const item = changeDatasetItem(before, dataset, input, now);
      this.#endItem(projectId, item.id, now);
      this.#run(
        `INSERT OR REPLACE INTO dataset_items
         (project_id, id, valid_from, dataset_id, input, expected_output, metadata, source_trace_id, source_observation_id,
          status, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        projectId,
        item.id,
        now,
        item.datasetId,
        item.input,
        item.expectedOutput,
        item.metadata,
        item.sourceTraceId,
        item.sourceObservationId,
        item.status,
        item.createdAt,
      );
      written.push(item);
    }
    return written;
  }

  deleteItem(projectId: string, id: string, now: number): boolean {
    if (this.#endItem(projectId, id, now) === 0) return false;
    this.#run("DELETE FROM dataset_run_items WHERE project_id = ? AND item_id = ?", projectId, id);
    // Links of items have no trace; see MediaLink.
    this.#run("DELETE FROM media_links WHERE project_id = ? AND trace_id = '' AND observation_id = ?", projectId, id);
    return true;
  }

  putRunItem(projectId: string, input: DatasetRunItemInput): StoredDatasetRunItem {
    const item = this.#reader.item(projectId, input.datasetItemId);
    if (item === null) throw new NotStoredError(`There is no dataset item ${input.datasetItemId}.`);
    const run = changeDatasetRun(this.#reader.run(projectId, item.datasetId, input.runName), item, input);
    this.#putRun(projectId, run);
    const before = this.#reader.runItem(projectId, input.id);
    const createdAt = before?.createdAt ?? input.createdAt ?? input.now;
    this.#run(
      `INSERT OR REPLACE INTO dataset_run_items
       (project_id, id, run_id, item_id, trace_id, observation_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      projectId,
      input.id,
      run.id,
      item.id,
      input.traceId,
      input.observationId,
      createdAt,
      input.now,
    );
    const written = this.#reader.runItem(projectId, input.id);
    if (written === null) throw new Error(`The run item ${input.id} was not written.`);
    return written;
  }

  deleteRun(projectId: string, datasetId: string, name: string): boolean {
    const run = this.#reader.run(projectId, datasetId, name);
    if (run === null) return false;
    this.#run("DELETE FROM dataset_run_items WHERE project_id = ? AND run_id = ?", projectId, run.id);
    this.#run("DELETE FROM dataset_runs WHERE project_id = ? AND id = ?", projectId, run.id);
    return true;
  }

  #putRun(projectId: string, run: StoredDatasetRun): void {
    this.#run(
      `INSERT OR REPLACE INTO dataset_runs
       (project_id, id, dataset_id, name, description, metadata, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      projectId,
      run.id,
      run.datasetId,
      run.name,
      run.description,
      run.metadata,
      run.createdAt,
      run.updatedAt,
    );
  }

  /** @returns how many rows it changed: one, or none where there was no such item. */
  #endItem(projectId: string, id: string, now: number): number {
    const sql = "UPDATE dataset_items SET valid_to = ? WHERE project_id = ? AND id = ? AND valid_to IS NULL";
    return this.#run(sql, now, projectId, id);
  }

  #run(sql: string, ...values: SqlValue[]): number {
    return this.#database.prepare(sql).run(values).changes;
  }
}
