import { HttpError } from "./errors.ts";

/** @throws {HttpError} 400 when the bytes are not JSON in UTF-8. */
export function parseJsonBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    // The engine's message quotes the body, which belongs in no log and in no list of problems.
    const position = /position \d+/.exec((error as Error).message)?.[0];
    throw new HttpError(400, "bad_request", `The body is not JSON in UTF-8${position ? `: see ${position}` : ""}.`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON text of the store's as a value. */
export function parseOrNull(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
