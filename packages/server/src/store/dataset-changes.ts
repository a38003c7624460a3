import type { StoredDataset, StoredDatasetItem, StoredDatasetRun } from "../model/dataset.ts";
import type { DatasetInput, DatasetItemInput, DatasetRunItemInput } from "./datasets.ts";
import { ConflictError } from "./errors.ts";

// What a write makes of what is there: the same for every store.

export function changeDataset(before: StoredDataset | null, input: DatasetInput): StoredDataset {
  const { id, name, newName, now, ...given } = input;
  const base = before ?? {
    id,
    description: null,
    metadata: null,
    inputSchema: null,
    expectedOutputSchema: null,
    createdAt: now,
    itemCount: 0,
    runCount: 0,
  };
  return { ...base, ...defined(given), name: newName ?? name, updatedAt: now };
}

/** @throws {ConflictError} for an item of another dataset. */
export function changeDatasetItem(
  before: StoredDatasetItem | null,
  dataset: Pick<StoredDataset, "id" | "name">,
  input: DatasetItemInput,
  now: number,
): StoredDatasetItem {
  if (before !== null && before.datasetId !== dataset.id) {
    throw new ConflictError(
      `The dataset item with id ${input.id} already exists in a dataset other than ${dataset.name}.`,
    );
  }
  const base: Omit<StoredDatasetItem, "datasetId" | "datasetName" | "updatedAt"> = before ?? {
    id: input.id,
    input: null,
    expectedOutput: null,
    metadata: null,
    sourceTraceId: null,
    sourceObservationId: null,
    status: "ACTIVE",
    createdAt: now,
  };
  return { ...base, ...defined(input), datasetId: dataset.id, datasetName: dataset.name, updatedAt: now };
}

export function changeDatasetRun(
  before: StoredDatasetRun | null,
  item: Pick<StoredDatasetItem, "datasetId" | "datasetName">,
  { runId, runName, runDescription, runMetadata, createdAt, now }: DatasetRunItemInput,
): StoredDatasetRun {
  const base = before ?? { id: runId, description: null, metadata: null, createdAt: createdAt ?? now, itemCount: 0 };
  return {
    ...base,
    ...defined({ description: runDescription, metadata: runMetadata }),
    datasetId: item.datasetId,
    datasetName: item.datasetName,
    name: runName,
    updatedAt: now,
  };
}

/** Without members that are `undefined`, so that spreading it leaves what is there. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
