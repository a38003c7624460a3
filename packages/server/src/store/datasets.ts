import type { StoredDataset, StoredDatasetItem, StoredDatasetRun, StoredDatasetRunItem } from "../model/dataset.ts";

/** A page of a list that counts: newest first, then by id downwards. */
export interface NumberedPage {
  /** 1 to {@link MAX_DATASET_PAGE}. */
  limit: number;
  offset: number;
  /** As of `getObservation`: a store may leave out what a JSON text has beyond this many characters and one; the text is then no JSON. */
  head?: number | undefined;
}

export const MAX_DATASET_PAGE = 1000;

export interface Counted<T> {
  data: T[];
  /** Of all pages. */
  total: number;
}

export interface DatasetItemFilter {
  /** Any of these, at most {@link MAX_DATASET_PAGE}. */
  ids?: readonly string[] | undefined;
  datasetId?: string | undefined;
  sourceTraceId?: string | undefined;
  sourceObservationId?: string | undefined;
  status?: StoredDatasetItem["status"] | undefined;
  /** Items as they were at this time, in epoch milliseconds; deleted ones too, if they were there then. */
  asOf?: number | undefined;
}

export interface DatasetReads {
  getDataset(projectId: string, name: string): Promise<StoredDataset | null>;
  listDatasets(projectId: string, page: NumberedPage): Promise<Counted<StoredDataset>>;
  getDatasetItem(projectId: string, id: string): Promise<StoredDatasetItem | null>;
  listDatasetItems(
    projectId: string,
    filter: DatasetItemFilter,
    page: NumberedPage,
  ): Promise<Counted<StoredDatasetItem>>;
  getDatasetRun(projectId: string, datasetId: string, name: string): Promise<StoredDatasetRun | null>;
  listDatasetRuns(projectId: string, datasetId: string, page: NumberedPage): Promise<Counted<StoredDatasetRun>>;
  listDatasetRunItems(projectId: string, runId: string, page: NumberedPage): Promise<Counted<StoredDatasetRunItem>>;
}

/** Fields left out keep their value. */
export interface DatasetInput {
  /** Of a dataset that is made now; one that is there keeps its own. */
  id: string;
  name: string;
  /** Renames it. */
  newName?: string | undefined;
  description?: string | null | undefined;
  metadata?: string | null | undefined;
  inputSchema?: string | null | undefined;
  expectedOutputSchema?: string | null | undefined;
  now: number;
}

export interface DatasetItemInput {
  id: string;
  input?: string | null | undefined;
  expectedOutput?: string | null | undefined;
  metadata?: string | null | undefined;
  sourceTraceId?: string | null | undefined;
  sourceObservationId?: string | null | undefined;
  status?: StoredDatasetItem["status"] | undefined;
}

export interface DatasetItemsWrite {
  datasetName: string;
  items: readonly DatasetItemInput[];
  /** Leaves items that are there as they are. */
  onlyNew?: boolean | undefined;
  now: number;
  /** Estimate of the memory that the items hold. */
  bytes: number;
}

export interface DatasetRunItemInput {
  /** Of what is made now: the same run is found by its name, the same link by its parts. */
  id: string;
  runId: string;
  runName: string;
  runDescription?: string | null | undefined;
  runMetadata?: string | null | undefined;
  datasetItemId: string;
  traceId: string;
  observationId: string | null;
  createdAt?: number | undefined;
  now: number;
}

/** Each is one commit. Where a name or id has to be there and is not, they throw {@link NotStoredError}. */
export interface DatasetWrites {
  /** Makes the dataset, or updates the one of this name. @throws {ConflictError} when `newName` is taken. */
  putDataset(projectId: string, input: DatasetInput): Promise<StoredDataset>;
  /** With its items and runs. @returns false when it was not there. */
  deleteDataset(projectId: string, name: string): Promise<boolean>;
  /**
   * Makes items, or updates those with these ids. @returns those that were made or changed.
   *
   * @throws {ConflictError} for an id in another dataset; nothing is written then.
   */
  putDatasetItems(projectId: string, write: DatasetItemsWrite): Promise<StoredDatasetItem[]>;
  /** With the items of runs that name it. */
  deleteDatasetItem(projectId: string, id: string, now: number): Promise<boolean>;
  /** Makes the run where it is new. */
  putDatasetRunItem(projectId: string, input: DatasetRunItemInput): Promise<StoredDatasetRunItem>;
  deleteDatasetRun(projectId: string, datasetId: string, name: string): Promise<boolean>;
}
