import { fieldsOf, isFields, type Fields } from "./fields.ts";
import type { Endpoint } from "./provider.ts";

/** Origins that refused `stream_options.include_usage`, remembered for the life of the process. */
const refused = new Set<string>();
const MAX_REFUSED = 256;

export function rememberRefusal(origin: string): void {
  if (refused.size < MAX_REFUSED) refused.add(origin);
}

export interface UsageRequest {
  /** What is sent instead of the caller's body. */
  body: unknown;
  /** Takes the addition back where it was made in place. */
  undo(): void;
}

/**
 * The body with `stream_options.include_usage`, or undefined where it stays as it is: not streamed, the caller has said it,
 * the host may send usage unasked, or a body that is no plain object and may serialise itself.
 */
export function requestUsage(
  body: unknown,
  requestOptions: unknown,
  endpoint: Endpoint,
  choice: boolean | "auto",
): UsageRequest | undefined {
  if (choice === false || refused.has(endpoint.origin)) return undefined;
  if (choice === "auto" && !endpoint.usageWhenAsked) return undefined;
  if (!isPlain(body) || body["stream"] !== true) return undefined;
  const given = body["stream_options"];
  if (given !== undefined && given !== null && (!isPlain(given) || "include_usage" in given)) return undefined;

  const streamOptions = { ...fieldsOf(given), include_usage: true };
  if (isHelperCall(requestOptions) && Reflect.set(body, "stream_options", streamOptions)) {
    const undo = (): void => {
      if (given === undefined) Reflect.deleteProperty(body, "stream_options");
      else Reflect.set(body, "stream_options", given);
    };
    return { body, undo };
  }
  return { body: { ...body, stream_options: streamOptions }, undo: () => {} };
}

/**
 * Whether the client's own `.stream()` or `.runTools()` makes this call. Their body is a fresh object that openai 7 knows by
 * identity, so it is added to in place; everybody else's is copied.
 */
function isHelperCall(requestOptions: unknown): boolean {
  const headers = fieldsOf(fieldsOf(requestOptions)["headers"]);
  return Object.keys(headers).some((name) => name.toLowerCase() === "x-stainless-helper-method");
}

function isPlain(value: unknown): value is Fields {
  if (!isFields(value) || typeof value["toJSON"] === "function") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The chunk that `include_usage` adds at the end of a stream: usage and no choice. */
export function isUsageChunk(chunk: unknown): boolean {
  const { choices, usage } = fieldsOf(chunk);
  return Array.isArray(choices) && choices.length === 0 && isFields(usage);
}

/** `include_usage` also puts `usage: null` on every other chunk. Taken off before anybody has seen the chunk. */
export function stripEmptyUsage(chunk: unknown): void {
  if (isFields(chunk) && chunk["usage"] === null) Reflect.deleteProperty(chunk, "usage");
}
