import { SpanwiseConfigError } from "../errors.ts";
import { safely } from "./safely.ts";

/** More of a wrong value is not repeated in a message. */
const MAX_SHOWN_CHARS = 80;

/** @throws SpanwiseConfigError that names the option, what it must be, and what was given: of an object, which may hold keys, its type. */
export function refuse(option: string, what: string, given: unknown): never {
  const shown = Object(given) === given ? typeof given : String(given).slice(0, MAX_SHOWN_CHARS);
  throw new SpanwiseConfigError(`${option} must be ${what}, got ${shown}`);
}

/**
 * Options come from JavaScript and from variables too: the text `"false"` would switch tracing on.
 *
 * @param where whose options, such as `console: `; begins the messages.
 * @throws SpanwiseConfigError for what is no object, and for an option that is neither left out nor of its type.
 */
export function checkTypes(options: unknown, where = "", types: Readonly<Record<string, string>> = {}): void {
  if (typeof options !== "object" || !options) refuse(`${where}options`, "an object", options);
  for (const [key, type] of Object.entries(types)) {
    const value = (options as Record<string, unknown>)[key];
    if (isGiven(value) && typeof value !== type) refuse(where + key, `a ${type}`, value);
  }
}

export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

/** The URL that somebody gave as text or as a `URL`. @throws SpanwiseConfigError for what no request can be sent to. */
export function parseUrl(value: unknown, option: string): URL {
  const url = safely(option, () => new URL(value as string));
  return url && /^https?:/.test(url.protocol) ? url : refuse(option, "a URL like http://localhost:4777", value);
}
