import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { withQuery } from "../routes.ts";
import { getJson, sendJson } from "./http.ts";
import type {
  AddObservationsInput,
  AddObservationsResponse,
  Dataset,
  DatasetExportFormat,
  DatasetItem,
  DatasetItemRow,
  DatasetRow,
  DatasetRunRow,
  Page,
} from "./types.ts";
import { useProject } from "./use-project.ts";

/** Datasets offered where one is chosen. */
const MAX_CHOICES = 200;

/** Observations sent in one request. */
const ADD_BATCH = 200;

function datasetApiPath(name: string): string {
  return `/api/datasets/${encodeURIComponent(name)}`;
}

export function fetchDatasets(project: string, cursor: string | null, signal?: AbortSignal): Promise<Page<DatasetRow>> {
  return getJson(withQuery("/api/datasets", { project, limit: 50, cursor }), signal);
}

export function fetchDatasetItems(
  project: string,
  name: string,
  status: DatasetItem["status"] | null,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<DatasetItemRow>> {
  return getJson(withQuery(`${datasetApiPath(name)}/items`, { project, status, limit: 50, cursor }), signal);
}

export function datasetExportPath(project: string, name: string, format: DatasetExportFormat): string {
  return withQuery(`${datasetApiPath(name)}/export`, { project, format });
}

export function useDatasetChoices() {
  const project = useProject();
  return useQuery({
    queryKey: ["datasets", project, "choices"],
    queryFn: ({ signal }) =>
      getJson<Page<DatasetRow>>(withQuery("/api/datasets", { project, limit: MAX_CHOICES }), signal),
  });
}

export function useDataset(name: string) {
  const project = useProject();
  return useQuery({
    queryKey: ["datasets", project, "one", name],
    queryFn: ({ signal }) => getJson<Dataset>(withQuery(datasetApiPath(name), { project }), signal),
  });
}

export function useDatasetRuns(name: string) {
  const project = useProject();
  return useQuery({
    queryKey: ["datasets", project, "runs", name],
    queryFn: ({ signal }) =>
      getJson<Page<DatasetRunRow>>(withQuery(`${datasetApiPath(name)}/runs`, { project, limit: 50 }), signal),
  });
}

/** The whole of an item, of which a list has the beginning. Read anew each time: what is edited is what is there. */
export function useDatasetItem(id: string | null) {
  const project = useProject();
  return useQuery({
    queryKey: ["datasets", project, "item", id],
    queryFn: ({ signal }) =>
      getJson<DatasetItem>(withQuery(`/api/dataset-items/${encodeURIComponent(id ?? "")}`, { project }), signal),
    enabled: id !== null,
    gcTime: 0,
  });
}

export type ItemChange = Partial<Pick<DatasetItem, "input" | "expectedOutput" | "metadata" | "status">>;

/** Everything that changes datasets; what shows them is read again. */
export function useDatasetChanges() {
  const project = useProject();
  const queryClient = useQueryClient();
  const onSuccess = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["datasets", project] });
  const path = (text: string): string => withQuery(text, { project });
  const create = useMutation({
    mutationFn: (input: { name: string; description: string | null }) =>
      sendJson<Dataset>("POST", path("/api/datasets"), input),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (name: string) => sendJson<undefined>("DELETE", path(datasetApiPath(name))),
    onSuccess,
  });
  const addItem = useMutation({
    mutationFn: ({ name, ...item }: ItemChange & { name: string }) =>
      sendJson<DatasetItem>("POST", path(`${datasetApiPath(name)}/items`), item),
    onSuccess,
  });
  const changeItem = useMutation({
    mutationFn: ({ id, ...change }: ItemChange & { id: string }) =>
      sendJson<DatasetItem>("PATCH", path(`/api/dataset-items/${encodeURIComponent(id)}`), change),
    onSuccess,
  });
  const removeItem = useMutation({
    mutationFn: (id: string) => sendJson<undefined>("DELETE", path(`/api/dataset-items/${encodeURIComponent(id)}`)),
    onSuccess,
  });
  const addObservations = useMutation({
    mutationFn: async ({ name, observations }: AddObservationsInput & { name: string }) => {
      const sum: AddObservationsResponse = { added: 0, skipped: 0 };
      for (let at = 0; at < observations.length; at += ADD_BATCH) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other: a selection may be large
        const { added, skipped } = await sendJson<AddObservationsResponse>(
          "POST",
          path(`${datasetApiPath(name)}/items/from-observations`),
          { observations: observations.slice(at, at + ADD_BATCH) },
        );
        sum.added += added;
        sum.skipped += skipped;
      }
      return sum;
    },
    onSuccess,
  });
  return { create, remove, addItem, changeItem, removeItem, addObservations };
}
