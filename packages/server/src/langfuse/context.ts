import type { Context } from "hono";
import { HttpError } from "../http/errors.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { ConflictError, NotStoredError } from "../store/errors.ts";

/** The project that a request of Langfuse's API is about. */
export function publicProjectOf(_context: Context): string {
  return DEFAULT_PROJECT_ID;
}

export function notFound(what: string): HttpError {
  return new HttpError(404, "not_found", what);
}

/** What a store refuses, as an answer. Langfuse says 404 also of an id that is in another dataset. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotStoredError) throw notFound(error.message);
    if (error instanceof ConflictError) throw new HttpError(409, "conflict", error.message);
    throw error;
  }
}
