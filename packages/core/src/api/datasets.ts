import type { HttpClient } from "./http-client.ts";
import { Listing, numberedPage, type ListOptions } from "./listing.ts";
import type {
  Dataset,
  DatasetInput,
  DatasetItem,
  DatasetItemInput,
  DatasetRun,
  DatasetRunItem,
  DatasetRunItemInput,
  DatasetRunWithItems,
} from "./types.ts";

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

export interface DatasetItemListOptions extends ListOptions {
  datasetName?: string | undefined;
  sourceTraceId?: string | undefined;
  sourceObservationId?: string | undefined;
  /** The items as they were at this time; needs `datasetName`. */
  version?: Date | undefined;
}

export interface DatasetRunItemListOptions extends ListOptions {
  datasetId: string;
  runName: string;
}

/** Answers are taken at their word: the backend is of the caller's choosing. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says which type the route answers
const asIs = <T>(item: unknown): T => item as T;
const part = encodeURIComponent;

export interface Datasets {
  /** Creates the dataset, or updates the one of this name. */
  create(dataset: DatasetInput, options?: RequestOptions): Promise<Dataset>;
  /** @throws NotFoundError */
  get(name: string, options?: RequestOptions): Promise<Dataset>;
  list(options?: ListOptions): Listing<Dataset>;
}

export function createDatasets(http: HttpClient): Datasets {
  return {
    create: (dataset, { signal } = {}) =>
      http.request({ method: "POST", path: "/api/public/v2/datasets", body: dataset, signal }).then(asIs<Dataset>),
    get: (name, { signal } = {}) =>
      http.request({ path: `/api/public/v2/datasets/${part(name)}`, signal }).then(asIs<Dataset>),
    list: (options) => listNumbered(http, "/api/public/v2/datasets", options),
  };
}

export interface DatasetItems {
  /** Creates the item, or updates the one with this id. */
  create(item: DatasetItemInput, options?: RequestOptions): Promise<DatasetItem>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<DatasetItem>;
  /** Newest first. */
  list(options?: DatasetItemListOptions): Listing<DatasetItem>;
  /** Deletes the item and its run items. */
  delete(id: string, options?: RequestOptions): Promise<void>;
}

export function createDatasetItems(http: HttpClient): DatasetItems {
  const path = "/api/public/dataset-items";
  return {
    create: (item, { signal } = {}) => {
      // An id of ours makes the request safe to repeat when its answer got lost.
      const body = { ...item, id: item.id ?? crypto.randomUUID() };
      return http.request({ method: "POST", path, body, signal }).then(asIs<DatasetItem>);
    },
    get: (id, { signal } = {}) => http.request({ path: `${path}/${part(id)}`, signal }).then(asIs<DatasetItem>),
    list: (options) => listNumbered(http, path, options),
    delete: async (id, { signal } = {}) => {
      await http.request({ method: "DELETE", path: `${path}/${part(id)}`, signal });
    },
  };
}

/**
 * What ran over a dataset. Langfuse 4 has experiments in their place: it answers these reads with 404, so with a
 * `NotFoundError`.
 */
export interface DatasetRuns {
  list(datasetName: string, options?: ListOptions): Listing<DatasetRun>;
  get(datasetName: string, runName: string, options?: RequestOptions): Promise<DatasetRunWithItems>;
  /** Deletes the run and its items. */
  delete(datasetName: string, runName: string, options?: RequestOptions): Promise<void>;
}

export function createDatasetRuns(http: HttpClient): DatasetRuns {
  const pathOf = (datasetName: string): string => `/api/public/datasets/${part(datasetName)}/runs`;
  const runPath = (datasetName: string, runName: string): string => `${pathOf(datasetName)}/${part(runName)}`;
  return {
    list: (datasetName, options) => listNumbered(http, pathOf(datasetName), options),
    get: (datasetName, runName, { signal } = {}) =>
      http.request({ path: runPath(datasetName, runName), signal }).then(asIs<DatasetRunWithItems>),
    delete: async (datasetName, runName, { signal } = {}) => {
      await http.request({ method: "DELETE", path: runPath(datasetName, runName), signal });
    },
  };
}

export interface DatasetRunItems {
  /**
   * Links a trace to the item it was made from. Not repeated when its answer is lost, since the route takes no id and
   * would link twice.
   */
  create(item: DatasetRunItemInput, options?: RequestOptions): Promise<DatasetRunItem>;
  list(options: DatasetRunItemListOptions): Listing<DatasetRunItem>;
}

export function createDatasetRunItems(http: HttpClient): DatasetRunItems {
  const path = "/api/public/dataset-run-items";
  return {
    create: (item, { signal } = {}) =>
      http.request({ method: "POST", path, body: item, signal, isIdempotent: false }).then(asIs<DatasetRunItem>),
    list: (options) => listNumbered(http, path, options),
  };
}

/** A route that counts its pages; whatever is no option of ours is a filter of the route. */
export function listNumbered<T>(
  http: HttpClient,
  path: string,
  { limit, cursor, signal, ...filters }: ListOptions & object = {},
  read: (item: unknown) => T = asIs<T>,
): Listing<T> {
  return new Listing(async (page) => {
    const query = { ...filters, limit, page };
    return numberedPage(await http.request({ path, query, signal }), read);
  }, cursor);
}
