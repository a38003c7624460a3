import { mediaPath, withQuery } from "../routes.ts";
import { getJson } from "./http.ts";
import type {
  DensityResponse,
  Facet,
  FindResponse,
  ListQuery,
  ObservationListRow,
  Page,
  QueryField,
  TraceDetail,
  TraceListResponse,
} from "./types.ts";

/** Rows a page; the server takes 1 to 200. */
export const PAGE_SIZE = 50;

/** What a list can be about. */
export type Target = "traces" | "observations";

type Query = Omit<ListQuery, "cursor"> & { cursor?: string | null };

export function fetchTraces(query: Query, signal?: AbortSignal): Promise<TraceListResponse> {
  return getJson(withQuery("/api/traces", { limit: PAGE_SIZE, ...query }), signal);
}

export function fetchObservations(query: Query, signal?: AbortSignal): Promise<Page<ObservationListRow>> {
  return getJson(withQuery("/api/observations", { limit: PAGE_SIZE, ...query }), signal);
}

/** All about the trace as a whole; its observations come as columns (`skeletonPath`). */
export function fetchTraceHead(project: string, traceId: string, signal?: AbortSignal): Promise<TraceDetail> {
  return getJson(withQuery(tracePart(traceId), { project, observations: "none" }), signal);
}

export function findInTrace(project: string, traceId: string, q: string, signal?: AbortSignal): Promise<FindResponse> {
  return getJson(withQuery(`${tracePart(traceId)}/find`, { project, q }), signal);
}

export function skeletonPath(project: string, traceId: string): string {
  return withQuery(`${tracePart(traceId)}/skeleton`, { project });
}

export function observationApiPath(project: string, traceId: string, id: string): string {
  return withQuery(`${tracePart(traceId)}/observations/${encodeURIComponent(id)}`, { project });
}

function tracePart(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}`;
}

export function fetchQueryFields(project: string, target: Target, signal?: AbortSignal): Promise<QueryField[]> {
  return getJson(withQuery("/api/query/fields", { project, target }), signal);
}

interface Selection {
  project: string;
  target: Target;
  q?: string;
  from?: number;
  to?: number;
}

export function fetchFacets(selection: Selection, signal?: AbortSignal): Promise<Facet[]> {
  return getJson(withQuery("/api/facets", { ...selection }), signal);
}

export function fetchDensity(
  selection: Selection & { buckets: number },
  signal?: AbortSignal,
): Promise<DensityResponse> {
  return getJson(withQuery("/api/density", { ...selection }), signal);
}

/** Whether the server has the attachment. Any answer but "not found" counts as yes: the element that shows it knows more. */
export async function hasMedia(project: string, id: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(mediaPath(project, id), { method: "HEAD", signal });
  return response.status !== 404;
}
