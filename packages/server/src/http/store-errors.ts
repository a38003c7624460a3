import {
  ConflictError,
  InvalidCursorError,
  NotStoredError,
  StoreBusyError,
  StoreClosedError,
  StoreGoneError,
  TraceTooLargeError,
} from "../store/errors.ts";
import { busy } from "./body.ts";
import { HttpError } from "./errors.ts";

export function notFound(message: string): HttpError {
  return new HttpError(404, "not_found", message);
}

/** Seconds after which a sender may try again while somebody has to see to the disk. */
const RETRY_DISK_SECONDS = "30";

/** An error that has an answer of its own; `null` for what nobody foresaw. What will pass is a 503: senders of OTLP repeat that, and no 500. */
export function explainError(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreBusyError) return busy(error.message);
  if (error instanceof InvalidCursorError) return new HttpError(400, "bad_cursor", error.message);
  if (error instanceof StoreClosedError) {
    return new HttpError(503, "closing", "The server is shutting down.", { "Retry-After": "1" });
  }
  if (error instanceof StoreGoneError) {
    return new HttpError(503, "database_gone", error.message, { "Retry-After": RETRY_DISK_SECONDS });
  }
  if (error instanceof Error && /database or disk is full/i.test(error.message)) {
    const message = "There is no room left on the server's disk: nothing of this was stored.";
    return new HttpError(503, "disk_full", message, { "Retry-After": RETRY_DISK_SECONDS });
  }
  return null;
}

/** What a store refuses, as an answer. @throws {HttpError} 404 or 409. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotStoredError) throw notFound(error.message);
    if (error instanceof ConflictError) throw new HttpError(409, "conflict", error.message);
    throw error;
  }
}

/** @param instead where a trace that is too large for one answer can be read. @throws {HttpError} 413. */
export async function inOneAnswer<T>(work: Promise<T>, instead: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TraceTooLargeError) throw new HttpError(413, "too_large", `${error.message}: ${instead}.`);
    throw error;
  }
}
