import { HttpError } from "../http/errors.ts";
import { ConflictError, NotStoredError } from "../store/errors.ts";

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
