import type { DatasetItem } from "../api/datasets.ts";

/** A dataset as stores keep it. Metadata and schemas are JSON texts, `null` when absent. Times are epoch milliseconds. */
export interface StoredDataset {
  id: string;
  /** Unique in the project. */
  name: string;
  description: string | null;
  metadata: string | null;
  inputSchema: string | null;
  expectedOutputSchema: string | null;
  createdAt: number;
  updatedAt: number;
  itemCount: number;
  runCount: number;
}

/** `input`, `expectedOutput` and `metadata` are JSON texts. */
export interface StoredDatasetItem {
  id: string;
  datasetId: string;
  datasetName: string;
  input: string | null;
  expectedOutput: string | null;
  metadata: string | null;
  sourceTraceId: string | null;
  sourceObservationId: string | null;
  status: DatasetItem["status"];
  createdAt: number;
  updatedAt: number;
}

/** What was run over a dataset: its name and, by {@link StoredDatasetRunItem}, which trace came of which item. */
export interface StoredDatasetRun {
  id: string;
  datasetId: string;
  datasetName: string;
  name: string;
  description: string | null;
  metadata: string | null;
  createdAt: number;
  updatedAt: number;
  itemCount: number;
}

export interface StoredDatasetRunItem {
  id: string;
  datasetRunId: string;
  datasetRunName: string;
  datasetItemId: string;
  traceId: string;
  observationId: string | null;
  createdAt: number;
  updatedAt: number;
}
