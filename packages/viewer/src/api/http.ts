import { isObject } from "../model/json.ts";
import { BASE } from "../base.ts";
import { connection } from "./connection.ts";
import type { ErrorResponse, QueryErrorResponse } from "./types.ts";

const REQUEST_TIMEOUT_MS = 20_000;

/** What the API answered instead of data. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The server's word for it; `null` where something else answered. */
  readonly code: string | null;
  /** Where a query is wrong; `null` for every other error. */
  readonly query: QueryErrorResponse | null;

  constructor(status: number, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.code = options.code ?? null;
    this.query = options.query ?? null;
  }
}

interface ApiErrorOptions {
  cause?: unknown;
  code?: string | null;
  query?: QueryErrorResponse | null;
}

/** It is not in the project, which itself is there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && !isUnknownProject(error);
}

export function isUnknownProject(error: unknown): boolean {
  return error instanceof ApiError && error.code === "no_such_project";
}

/** Nothing answered: the server is not there, or not to be reached. */
export function isAway(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** A later try cannot answer otherwise: what was asked for is wrong or not there. */
export function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { headers: { accept: "application/json" } }, signal);
}

export function sendJson<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  return request<T>(path, {
    method,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function request<T>(path: string, init: RequestInit, signal?: AbortSignal): Promise<T> {
  const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      ...init,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
  } catch (cause) {
    // A cancelled query must stay an AbortError: the query cache tells it from a failure by that.
    if (signal?.aborted) throw cause;
    connection.note(0);
    throw new ApiError(0, "No answer from the Spanwise server.", { cause });
  }
  connection.note(response.status);
  if (!response.ok) throw await readError(response);
  // The server is of the same version as this page, and its types are the contract.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (response.status === 204) return undefined as T;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    return (await response.json()) as T;
  } catch (cause) {
    throw new ApiError(response.status, "The answer is not JSON. Is another service listening on this port?", {
      cause,
    });
  }
}

const CODE = "error" satisfies keyof ErrorResponse;
const MESSAGE = "message" satisfies keyof ErrorResponse;

export async function readError(response: Response): Promise<ApiError> {
  try {
    const body: unknown = await response.json();
    if (isObject(body) && typeof body[MESSAGE] === "string") {
      const code = typeof body[CODE] === "string" ? body[CODE] : null;
      return new ApiError(response.status, body[MESSAGE], { code, query: isQueryError(body) ? body : null });
    }
  } catch {
    // Not every error has a JSON body (a proxy's, for one); the status says enough then.
  }
  return new ApiError(response.status, `The server answered ${response.status}.`);
}

function isQueryError(body: unknown): body is QueryErrorResponse {
  return isObject(body) && body[CODE] === "bad_query" && typeof body["start"] === "number";
}
