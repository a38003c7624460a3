import type { StoredDataset, StoredDatasetItem, StoredDatasetRun, StoredDatasetRunItem } from "../../model/dataset.ts";
import { changeDataset, changeDatasetItem, changeDatasetRun } from "../dataset-changes.ts";
import type {
  Counted,
  DatasetInput,
  DatasetItemFilter,
  DatasetItemsWrite,
  DatasetReads,
  DatasetRunItemInput,
  DatasetWrites,
  NumberedPage,
} from "../datasets.ts";
import { ConflictError, NotStoredError } from "../errors.ts";

/** `validTo` is `null` on the version that holds. */
type ItemVersion = StoredDatasetItem & { validTo: number | null };

interface ProjectDatasets {
  datasets: Map<string, StoredDataset>;
  items: ItemVersion[];
  runs: Map<string, StoredDatasetRun>;
  runItems: Map<string, StoredDatasetRunItem>;
}

export class MemoryDatasets implements DatasetReads, DatasetWrites {
  readonly #projects = new Map<string, ProjectDatasets>();

  deleteOfProject(projectId: string): void {
    this.#projects.delete(projectId);
  }

  async getDataset(projectId: string, name: string): Promise<StoredDataset | null> {
    const project = this.#project(projectId);
    const dataset = [...project.datasets.values()].find((candidate) => candidate.name === name);
    return dataset === undefined ? null : counted(project, dataset);
  }

  async listDatasets(projectId: string, page: NumberedPage): Promise<Counted<StoredDataset>> {
    const project = this.#project(projectId);
    return cut(
      [...project.datasets.values()].map((dataset) => counted(project, dataset)),
      page,
    );
  }

  async getDatasetItem(projectId: string, id: string): Promise<StoredDatasetItem | null> {
    const project = this.#project(projectId);
    const item = project.items.find((version) => version.id === id && version.validTo === null);
    return item === undefined ? null : named(project, item);
  }

  async listDatasetItems(
    projectId: string,
    { asOf, ids, ...filter }: DatasetItemFilter,
    page: NumberedPage,
  ): Promise<Counted<StoredDatasetItem>> {
    const project = this.#project(projectId);
    const holds = ({ updatedAt, validTo }: ItemVersion): boolean =>
      asOf === undefined ? validTo === null : updatedAt <= asOf && (validTo === null || validTo > asOf);
    const found = project.items.filter(
      (item) =>
        holds(item) &&
        (ids === undefined || ids.includes(item.id)) &&
        Object.entries(filter).every(
          ([key, value]) => value === undefined || item[key as keyof typeof filter] === value,
        ),
    );
    return cut(
      found.map((item) => named(project, item)),
      page,
    );
  }

  async getDatasetRun(projectId: string, datasetId: string, name: string): Promise<StoredDatasetRun | null> {
    const runs = await this.listDatasetRuns(projectId, datasetId, { limit: Infinity, offset: 0 });
    return runs.data.find((run) => run.name === name) ?? null;
  }

  async listDatasetRuns(projectId: string, datasetId: string, page: NumberedPage): Promise<Counted<StoredDatasetRun>> {
    const project = this.#project(projectId);
    const runs = [...project.runs.values()].filter((run) => run.datasetId === datasetId);
    const items = [...project.runItems.values()];
    return cut(
      runs.map((run) => ({
        ...run,
        datasetName: project.datasets.get(run.datasetId)?.name ?? "",
        itemCount: items.filter((item) => item.datasetRunId === run.id).length,
      })),
      page,
    );
  }

  async listDatasetRunItems(projectId: string, runId: string, page: NumberedPage) {
    const items = [...this.#project(projectId).runItems.values()].filter((item) => item.datasetRunId === runId);
    return cut(items, page);
  }

  async putDataset(projectId: string, input: DatasetInput): Promise<StoredDataset> {
    const { newName } = input;
    if (newName !== undefined && newName !== input.name && (await this.getDataset(projectId, newName)) !== null) {
      throw new ConflictError(`There is a dataset ${newName} already.`);
    }
    const dataset = changeDataset(await this.getDataset(projectId, input.name), input);
    this.#project(projectId).datasets.set(dataset.id, dataset);
    return dataset;
  }

  async deleteDataset(projectId: string, name: string): Promise<boolean> {
    const dataset = await this.getDataset(projectId, name);
    if (dataset === null) return false;
    const project = this.#project(projectId);
    for (const run of project.runs.values()) {
      if (run.datasetId === dataset.id) await this.deleteDatasetRun(projectId, dataset.id, run.name);
    }
    project.items = project.items.filter((item) => item.datasetId !== dataset.id);
    project.datasets.delete(dataset.id);
    return true;
  }

  async putDatasetItems(projectId: string, { datasetName, items, onlyNew, now }: DatasetItemsWrite) {
    const dataset = await this.getDataset(projectId, datasetName);
    if (dataset === null) throw new NotStoredError(`There is no dataset ${datasetName}.`);
    const written: StoredDatasetItem[] = [];
    const before = this.#project(projectId).items;
    try {
      for (const input of items) {
        const item = await this.getDatasetItem(projectId, input.id);
        if (item !== null && onlyNew === true) continue;
        const changed = changeDatasetItem(item, dataset, input, now);
        const project = this.#project(projectId);
        project.items = [
          ...project.items.map((version) => (version.id === input.id ? endAt(version, now) : version)),
          { ...changed, validTo: null },
        ].filter((version) => version.id !== input.id || version.validTo !== version.updatedAt);
        written.push(changed);
      }
    } catch (error) {
      this.#project(projectId).items = before;
      throw error;
    }
    return written;
  }

  async deleteDatasetItem(projectId: string, id: string, now: number): Promise<boolean> {
    if ((await this.getDatasetItem(projectId, id)) === null) return false;
    const project = this.#project(projectId);
    project.items = project.items.map((version) => (version.id === id ? endAt(version, now) : version));
    for (const item of project.runItems.values()) if (item.datasetItemId === id) project.runItems.delete(item.id);
    return true;
  }

  async putDatasetRunItem(projectId: string, input: DatasetRunItemInput): Promise<StoredDatasetRunItem> {
    const item = await this.getDatasetItem(projectId, input.datasetItemId);
    if (item === null) throw new NotStoredError(`There is no dataset item ${input.datasetItemId}.`);
    const run = changeDatasetRun(await this.getDatasetRun(projectId, item.datasetId, input.runName), item, input);
    const project = this.#project(projectId);
    project.runs.set(run.id, run);
    const runItem: StoredDatasetRunItem = {
      id: input.id,
      datasetRunId: run.id,
      datasetRunName: run.name,
      datasetItemId: item.id,
      traceId: input.traceId,
      observationId: input.observationId,
      createdAt: project.runItems.get(input.id)?.createdAt ?? input.createdAt ?? input.now,
      updatedAt: input.now,
    };
    project.runItems.set(runItem.id, runItem);
    return runItem;
  }

  async deleteDatasetRun(projectId: string, datasetId: string, name: string): Promise<boolean> {
    const run = await this.getDatasetRun(projectId, datasetId, name);
    if (run === null) return false;
    const project = this.#project(projectId);
    project.runs.delete(run.id);
    for (const item of project.runItems.values()) if (item.datasetRunId === run.id) project.runItems.delete(item.id);
    return true;
  }

  #project(projectId: string): ProjectDatasets {
    let project = this.#projects.get(projectId);
    if (project === undefined) {
      project = { datasets: new Map(), items: [], runs: new Map(), runItems: new Map() };
      this.#projects.set(projectId, project);
    }
    return project;
  }
}

function counted(project: ProjectDatasets, dataset: StoredDataset): StoredDataset {
  return {
    ...dataset,
    itemCount: project.items.filter((item) => item.datasetId === dataset.id && item.validTo === null).length,
    runCount: [...project.runs.values()].filter((run) => run.datasetId === dataset.id).length,
  };
}

/** Without what only this store knows, and under the name that the dataset has now. */
function named(project: ProjectDatasets, version: ItemVersion): StoredDatasetItem {
  const { validTo: _, ...item } = version;
  return { ...item, datasetName: project.datasets.get(item.datasetId)?.name ?? "" };
}

function endAt(version: ItemVersion, now: number): ItemVersion {
  return version.validTo === null ? { ...version, validTo: now } : version;
}

function cut<T extends { createdAt: number; id: string }>(all: T[], { limit, offset }: NumberedPage): Counted<T> {
  const sorted = all.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  return { data: sorted.slice(offset, offset + limit), total: all.length };
}
