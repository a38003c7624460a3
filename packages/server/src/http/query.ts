import type { Context } from "hono";
import { parseIsoTime } from "../model/iso-time.ts";
import { HttpError } from "./errors.ts";

/** The query of a request, read with checks. What is malformed is answered with 400, and so is, with `only`, what is not known. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(context: Context) {
    this.#params = new URL(context.req.url).searchParams;
  }

  /**
   * `project` is known everywhere.
   *
   * @throws {HttpError} 400 when there is a parameter of another name: ignoring a filter would answer with too much.
   */
  only(...names: readonly string[]): this {
    const unknown = [...this.#params.keys()].find((key) => key !== "project" && !names.includes(key));
    if (unknown !== undefined) throw bad(`There is no parameter ${unknown} here. Known: ${names.join(", ")}.`);
    return this;
  }

  /** Empty is as good as none. @throws {HttpError} 400 as {@link raw}. */
  text(name: string): string | undefined {
    return this.raw(name) || undefined;
  }

  /** As given, an empty one too. @throws {HttpError} 400 when it is given twice: one of them would be passed over. */
  raw(name: string): string | undefined {
    const [value, ...others] = this.#params.getAll(name);
    if (others.length > 0) throw bad(`${name} is given more than once, and can be only one.`);
    return value;
  }

  /** Repeated, or with commas in between. */
  list(name: string): string[] | undefined {
    const values = this.#params.getAll(name).flatMap((value) => value.split(",").filter((part) => part !== ""));
    return values.length === 0 ? undefined : values;
  }

  /** Repeated only: a tag may hold a comma. */
  repeated(name: string): string[] | undefined {
    const values = this.#params.getAll(name).filter((value) => value !== "");
    return values.length === 0 ? undefined : values;
  }

  whole(name: string, least: number, most: number, standard: number): number {
    const text = this.text(name);
    if (text === undefined) return standard;
    const value = parseNumber(text);
    if (value === null || !Number.isInteger(value) || value < least || value > most) {
      throw bad(`${name} is a whole number from ${least} to ${most}.`);
    }
    return value;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parseNumber(text);
    if (value === null) throw bad(`${name} is a number.`);
    return value;
  }

  /** ISO 8601 to epoch milliseconds. */
  time(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const time = parseIsoTime(text);
    if (time === null) throw bad(`${name} is an ISO 8601 time, like 2026-11-23T10:00:00Z.`);
    return time;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text !== "true" && text !== "false") throw bad(`${name} is true or false.`);
    return text === "true";
  }

  /** A list of which each is one of the words, in any case. */
  words<W extends string>(name: string, words: readonly W[]): W[] | undefined {
    return this.list(name)?.map((given) => {
      const word = words.find((candidate) => candidate.toLowerCase() === given.toLowerCase());
      if (word === undefined) throw bad(`${name} is of ${words.join(", ")}.`);
      return word;
    });
  }

  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw bad(`${name} is one of ${words.join(", ")}.`);
    return word;
  }
}

/** Of a number in decimals. `Number` takes white space and other bases too. @returns `null` for any other text. */
export function parseNumber(text: string): number | null {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
