/** Why a request failed, for programs; the list is closed. */
export type ApiErrorCode =
  /** 400, 409, 413, 422 and other 4xx: the backend does not take the request as it is. */
  | "BAD_REQUEST"
  /** 401 and 403. */
  | "UNAUTHORIZED"
  /** 404: no such thing, or a route that this backend does not have. */
  | "NOT_FOUND"
  /** 429. */
  | "RATE_LIMITED"
  /** 5xx. */
  | "SERVER"
  /** No answer within `timeoutMs`. */
  | "TIMEOUT"
  /** No connection, or one that broke. */
  | "NETWORK"
  /** An answer that is not what the route promises: HTML of a proxy, a redirect, more bytes than are read. */
  | "UNREADABLE";

export interface ApiErrorDetails {
  code: ApiErrorCode;
  status?: number | undefined;
  body?: unknown;
  cause?: unknown;
  retryAfterMs?: number | undefined;
}

const BRAND = Symbol.for("spanwise.apiError");

/** A request that failed for good, after its retries. `isApiError` also knows those of another copy of this package. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  readonly code: ApiErrorCode;
  /** HTTP status; `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** The answer's body: parsed JSON, or text. */
  readonly body: unknown;
  /** Milliseconds the backend asked to wait (`Retry-After`); `undefined` when it named none. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { code, status, body, cause, retryAfterMs }: ApiErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

export class UnauthorizedError extends ApiError {
  override readonly name = "UnauthorizedError";
}

export class RateLimitedError extends ApiError {
  override readonly name = "RateLimitedError";
}

export class TimeoutError extends ApiError {
  override readonly name = "TimeoutError";
}

export class NetworkError extends ApiError {
  override readonly name = "NetworkError";
}

export function isApiError(value: unknown): value is ApiError {
  return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}

/** The error of an HTTP status. */
export function errorOfStatus(
  message: string,
  status: number,
  body: unknown,
  retryAfterMs: number | undefined,
): ApiError {
  const answer = { status, body, retryAfterMs };
  if (status === 404) return new NotFoundError(message, { code: "NOT_FOUND", ...answer });
  if (status === 401 || status === 403) return new UnauthorizedError(message, { code: "UNAUTHORIZED", ...answer });
  if (status === 429) return new RateLimitedError(message, { code: "RATE_LIMITED", ...answer });
  if (status === 408) return new TimeoutError(message, { code: "TIMEOUT", ...answer });
  const code = status >= 500 ? "SERVER" : status >= 400 ? "BAD_REQUEST" : "UNREADABLE";
  return new ApiError(message, { code, ...answer });
}

/** The value that was asked for. @throws NotFoundError where there is none. */
export function orNotFound(kind: string, id: string): <T>(value: T | undefined) => T {
  return (value) => {
    if (value !== undefined) return value;
    throw new NotFoundError(`there is no ${kind} ${id}, or it has not been stored yet`, { code: "NOT_FOUND" });
  };
}
