import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { withQuery } from "../routes.ts";
import { getJson, sendJson } from "./http.ts";
import type {
  ApiKey,
  CreatedApiKey,
  CustomPrice,
  DeletedProject,
  Project,
  RepriceResponse,
  RetentionSettings,
  ServerStatus,
} from "./types.ts";
import { useProject } from "./use-project.ts";

const STATUS_INTERVAL_MS = 2_000;

function keysPath(project: string): string {
  return `/api/projects/${encodeURIComponent(project)}/keys`;
}

/** What the server is and what came in; looked at again while one waits for a first trace. */
export function useStatus(intervalMs: number = STATUS_INTERVAL_MS) {
  const project = useProject();
  return useQuery({
    queryKey: ["status", project],
    queryFn: ({ signal }) => getJson<ServerStatus>(withQuery("/api/status", { project }), signal),
    refetchInterval: intervalMs,
  });
}

export function useProjects() {
  return useQuery({ queryKey: ["projects"], queryFn: ({ signal }) => getJson<Project[]>("/api/projects", signal) });
}

export function useCreateProject() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: { name: string; id?: string }) => sendJson<Project>("POST", "/api/projects", input),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["projects"] }),
  });
}

export function useProjectChanges() {
  const queryClient = useQueryClient();
  const onSuccess = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["projects"] });
  const rename = useMutation({
    mutationFn: ({ id, name }: Pick<Project, "id" | "name">) =>
      sendJson<Project>("PATCH", `/api/projects/${encodeURIComponent(id)}`, { name }),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: ({ id, name }: Pick<Project, "id" | "name">) =>
      sendJson<DeletedProject>("DELETE", withQuery(`/api/projects/${encodeURIComponent(id)}`, { name })),
    onSuccess,
  });
  return { rename, remove };
}

export function useKeys() {
  const project = useProject();
  return useQuery({
    queryKey: ["keys", project],
    queryFn: ({ signal }) => getJson<ApiKey[]>(keysPath(project), signal),
  });
}

export function useKeyChanges() {
  const project = useProject();
  const queryClient = useQueryClient();
  const onSuccess = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["keys", project] });
  const create = useMutation({
    mutationFn: (note: string | null) => sendJson<CreatedApiKey>("POST", keysPath(project), { note }),
    onSuccess,
    // The answer holds the secret: it is shown once and not kept.
    gcTime: 0,
  });
  const remove = useMutation({
    mutationFn: (publicKey: string) =>
      sendJson<undefined>("DELETE", `${keysPath(project)}/${encodeURIComponent(publicKey)}`),
    onSuccess,
  });
  return { create, remove };
}

export function usePrices() {
  const project = useProject();
  return useQuery({
    queryKey: ["prices", project],
    queryFn: ({ signal }) => getJson<CustomPrice[]>(withQuery("/api/prices", { project }), signal),
  });
}

export type PriceInput = Pick<CustomPrice, "match" | "provider" | "prices"> & { id?: string };

export function usePriceChanges() {
  const project = useProject();
  const queryClient = useQueryClient();
  const path = (text: string): string => withQuery(text, { project });
  const onSuccess = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["prices", project] });
  const write = useMutation({
    mutationFn: (input: PriceInput) => sendJson<CustomPrice>("POST", path("/api/prices"), input),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => sendJson<undefined>("DELETE", path(`/api/prices/${encodeURIComponent(id)}`)),
    onSuccess,
  });
  const reprice = useMutation({
    mutationFn: () => sendJson<RepriceResponse>("POST", path("/api/prices/reprice")),
    // Costs are everywhere.
    onSuccess: () => queryClient.invalidateQueries(),
  });
  return { write, remove, reprice };
}

export function useRetention() {
  const project = useProject();
  return useQuery({
    queryKey: ["retention", project],
    queryFn: ({ signal }) => getJson<RetentionSettings>(withQuery("/api/settings/retention", { project }), signal),
  });
}

export function useChangeRetention() {
  const project = useProject();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: RetentionSettings) =>
      sendJson<RetentionSettings>("PUT", withQuery("/api/settings/retention", { project }), input),
    onSuccess: (settings) => queryClient.setQueryData(["retention", project], settings),
  });
}
