import { HttpError } from "./errors.ts";
import { MAX_JSON_DEPTH, MAX_JSON_NESTED, hasTooManyNested, isTooDeep } from "./json-depth.ts";

/** @throws {HttpError} 400 when the bytes are not JSON in UTF-8, or nest too deep. */
export function parseJsonBody(body: Uint8Array): unknown {
  const { value, tooDeep } = parseAnyDepth(body);
  if (!tooDeep) return value;
  throw new HttpError(400, "bad_request", `The body has ${TOO_DEEP}.`);
}

/** What is wrong with what nests too deep, for those who are told of it. */
export const TOO_DEEP: string = `lists and objects more than ${MAX_JSON_DEPTH} deep`;

export const TOO_MANY_NESTED: string = `more than ${MAX_JSON_NESTED} lists and objects: send smaller batches`;

/**
 * For bodies whose parts are refused each alone. Nothing that may be `tooDeep` is to be walked through or written before it is known not to be.
 *
 * @throws {HttpError} 400 when the bytes are not JSON in UTF-8, or have too many parts.
 */
export function parseAnyDepth(body: Uint8Array): { value: unknown; tooDeep: boolean } {
  if (hasTooManyNested(body)) throw new HttpError(400, "bad_request", `The body has ${TOO_MANY_NESTED}.`);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, "bad_request", explainJsonError(error));
  }
  return { value, tooDeep: isTooDeep(text) };
}

/** The engine's message quotes the body, which belongs in no log and in no list of problems. */
export function explainJsonError(error: unknown): string {
  const position = /position \d+/.exec((error as Error).message)?.[0];
  return `The body is not JSON in UTF-8${position ? `: see ${position}` : ""}.`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON text of the store's as a value. */
export function parseOrNull(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
