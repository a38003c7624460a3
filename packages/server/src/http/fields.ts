import type { Context } from "hono";
import type { IngestContext } from "../ingest/context.ts";
import { cleanText } from "../mapping/values.ts";
import { hasAddress, noAddress } from "../model/address.ts";
import { parseIsoTime } from "../model/iso-time.ts";
import { withBody } from "./body.ts";
import { HttpError } from "./errors.ts";
import { isObject, parseJsonBody } from "./json-body.ts";

/** Longest name, id and the like in a body. Langfuse's ids have up to 800. */
const MAX_TEXT_CHARS = 1000;

/** The members of a JSON body, read with checks. `undefined` where one is absent. */
export class Fields {
  readonly #body: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    if (!isObject(body)) throw bad("The body is a JSON object.");
    this.#body = body;
  }

  /** Without what is `null`, as Langfuse reads it. */
  text(name: string, maxChars: number = MAX_TEXT_CHARS): string | undefined {
    return this.nullableText(name, maxChars) ?? undefined;
  }

  /** `null` where it is given as such. */
  nullableText(name: string, maxChars: number = MAX_TEXT_CHARS): string | null | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return value;
    if (typeof value !== "string" || value.length > maxChars) {
      throw bad(`${name} is a string of at most ${maxChars} characters.`);
    }
    // Names and ids are not mended: two could become one.
    if (cleanText(value, maxChars) !== value) throw bad(`${name} is not well-formed text.`);
    return value;
  }

  needText(name: string, maxChars?: number): string {
    const value = this.text(name, maxChars);
    if (value === undefined || value === "") throw bad(`${name} is needed.`);
    return value;
  }

  /** A name or id of what has an address of its own; `undefined` where it is absent or empty. */
  address(name: string): string | undefined {
    const value = this.text(name) || undefined;
    if (value !== undefined && !hasAddress(value)) throw bad(noAddress(name));
    return value;
  }

  needAddress(name: string): string {
    const value = this.address(name);
    if (value === undefined) throw bad(`${name} is needed.`);
    return value;
  }

  /** Any value as JSON text. Langfuse takes `null` for "not given". */
  json(name: string): string | undefined {
    return this.nullableJson(name) ?? undefined;
  }

  /** `null` where it is given as such. */
  nullableJson(name: string): string | null | undefined {
    const value = this.#body[name];
    return value === undefined || value === null ? value : JSON.stringify(value);
  }

  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return undefined;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw bad(`${name} is one of ${words.join(", ")}.`);
    return word;
  }

  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = parseIsoTime(value);
    if (time === null) throw bad(`${name} is an ISO 8601 time, like 2026-11-23T10:00:00Z.`);
    return time;
  }

  get all(): Readonly<Record<string, unknown>> {
    return this.#body;
  }

  value(name: string): unknown {
    return this.#body[name];
  }
}

/** Reads a JSON body within the server's limits. @throws {HttpError} 400, 413, 415 or 429. */
export function withFields<T>(
  context: Context,
  { limits, budget }: IngestContext,
  use: (fields: Fields, bytes: number) => Promise<T>,
): Promise<T> {
  return withBody(context.req.raw, limits, budget, (body) => use(new Fields(parseJsonBody(body)), body.byteLength));
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
