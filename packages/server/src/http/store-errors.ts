import { ConflictError, NotStoredError } from "../store/errors.ts";
import { HttpError } from "./errors.ts";

export function notFound(message: string): HttpError {
  return new HttpError(404, "not_found", message);
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
