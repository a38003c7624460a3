import type { Context } from "hono";
import type { ErrorResponse } from "../api/types.ts";

/** An answer other than success, with a message that is meant for the caller. Thrown anywhere below the app. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: HttpErrorStatus;
  /** A stable word for programs; the message is for people. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: HttpErrorStatus, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export type HttpErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 500 | 501 | 503;

export function answerError(context: Context, error: HttpError): Response {
  const body: ErrorResponse = { error: error.code, message: error.message };
  return context.json(body, error.status, { ...error.headers });
}
