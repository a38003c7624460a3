import { isObject } from "../model/json.ts";
import { mediaPath } from "../routes.ts";
import type { ErrorResponse, ObservationDetail, TraceDetail, TraceListResponse } from "./types.ts";

/** Traces a page; the server takes 1 to 200. */
export const TRACE_PAGE_SIZE = 50;

const REQUEST_TIMEOUT_MS = 20_000;

/** What the API answered instead of data. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { accept: "application/json" },
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
  } catch (cause) {
    // A cancelled query must stay an AbortError: the query cache tells it from a failure by that.
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "No answer from the Spanwise server.", { cause });
  }
  if (!response.ok) throw new ApiError(response.status, await errorMessage(response));
  try {
    // The server is of the same version as this page, and its types are the contract.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (await response.json()) as T;
  } catch (cause) {
    throw new ApiError(response.status, "The answer is not JSON. Is another service listening on this port?", {
      cause,
    });
  }
}

const MESSAGE = "message" satisfies keyof ErrorResponse;

async function errorMessage(response: Response): Promise<string> {
  try {
    const body: unknown = await response.json();
    if (isObject(body) && typeof body[MESSAGE] === "string") return body[MESSAGE];
  } catch {
    // Not every error has a JSON body (a proxy's, for one); the status says enough then.
  }
  return `The server answered ${response.status}.`;
}

export function fetchTraces(
  query: { project: string; cursor?: string | null },
  signal?: AbortSignal,
): Promise<TraceListResponse> {
  const params = new URLSearchParams({ project: query.project, limit: String(TRACE_PAGE_SIZE) });
  if (query.cursor != null) params.set("cursor", query.cursor);
  return getJson(`/api/traces?${params}`, signal);
}

export function fetchTrace(project: string, traceId: string, signal?: AbortSignal): Promise<TraceDetail> {
  return getJson(`${traceApi(traceId)}?${new URLSearchParams({ project })}`, signal);
}

export function fetchObservation(
  project: string,
  traceId: string,
  id: string,
  signal?: AbortSignal,
): Promise<ObservationDetail> {
  return getJson(
    `${traceApi(traceId)}/observations/${encodeURIComponent(id)}?${new URLSearchParams({ project })}`,
    signal,
  );
}

function traceApi(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}`;
}

/** Whether the server has the attachment. Any answer but "not found" counts as yes: the element that shows it knows more. */
export async function hasMedia(project: string, id: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(mediaPath(project, id), { method: "HEAD", signal });
  return response.status !== 404;
}
