import type { StoredDataset, StoredDatasetItem, StoredDatasetRun, StoredDatasetRunItem } from "../../model/dataset.ts";
import { parseOrNull } from "../../http/json-body.ts";
import { iso } from "../page.ts";

// As Langfuse's API tells them: https://github.com/langfuse/langfuse, `fern/apis/server/definition/commons.yml`.

export function datasetShape(projectId: string, dataset: StoredDataset): object {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    metadata: parseOrNull(dataset.metadata),
    inputSchema: parseOrNull(dataset.inputSchema),
    expectedOutputSchema: parseOrNull(dataset.expectedOutputSchema),
    projectId,
    ...timesOf(dataset),
  };
}

/** @param mediaReferences see {@link describeItemMedia}. */
export function datasetItemShape(item: StoredDatasetItem, mediaReferences: readonly object[]): object {
  return {
    ...item,
    input: parseOrNull(item.input),
    expectedOutput: parseOrNull(item.expectedOutput),
    metadata: parseOrNull(item.metadata),
    mediaReferences,
    ...timesOf(item),
  };
}

export function datasetRunShape(stored: StoredDatasetRun): object {
  const { itemCount: _, ...run } = stored;
  return { ...run, metadata: parseOrNull(run.metadata) ?? {}, ...timesOf(run) };
}

export function datasetRunItemShape(item: StoredDatasetRunItem): object {
  return { ...item, ...timesOf(item) };
}

function timesOf({ createdAt, updatedAt }: { createdAt: number; updatedAt: number }): object {
  return { createdAt: iso(createdAt), updatedAt: iso(updatedAt) };
}
