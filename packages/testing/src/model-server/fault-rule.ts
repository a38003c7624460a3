import type { JsonObject } from "../json.ts";
import type { RuleBase } from "../http/rules.ts";
import type { Answer } from "./answer/prompt.ts";

/** One request as it arrived. */
export interface ModelRequest {
  method: string;
  /** With the query. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** The parsed JSON body; `undefined` where there is none or it does not parse. */
  body: JsonObject | undefined;
  rawBody: string;
  /** Epoch milliseconds. */
  receivedAtMs: number;
  /** Status sent; 0 while there is none. */
  status: number;
  /** Set when the client closed the connection before the reply was complete. */
  aborted: boolean;
}

/** How a stream breaks: a reset, a clean end without its closing events, an error event, or silence on an open connection. */
export type StreamBreak = "reset" | "end" | "error-event" | "stall";

/** A fault, or a scripted answer, for one request. What is left out is as usual. */
export interface ModelRule extends RuleBase<ModelRequest> {
  /** An error status, answered in OpenAI's shape. */
  status?: number | undefined;
  /** Replaces fields of the error. */
  error?: { message?: string; type?: string; param?: string | null; code?: string | null } | undefined;
  headers?: Record<string, string> | undefined;
  /** Before the headers are sent. */
  delayMs?: number | undefined;
  /** Between the events of a stream. */
  chunkDelayMs?: number | undefined;
  /** After that many events of a stream. */
  stream?: { breakAfterChunks: number; how: StreamBreak } | undefined;
  /** Status 200 and this body as JSON content, whatever it is. */
  body?: string | JsonObject | undefined;
  /** Resets the connection before anything is sent. */
  reset?: boolean | undefined;
  /** Never answers. */
  hang?: boolean | undefined;
  /** The answer in place of the stand-in's own, e.g. `{ text: "…" }`, `{ toolCalls: [{ name, arguments }] }` or `{ refusal }`. */
  answer?: Partial<Answer> | undefined;
}

const defaultRetryAfter = { "retry-after": "0", "retry-after-ms": "0" };
/** Of `fault-slow` and `fault-slow-stream`. */
const slowDelayMs = 500;
const slowChunkDelayMs = 50;
const breakAfterChunks = 3;

/**
 * The fault a model's name asks for: `fault-429` (any status), `fault-reset`, `fault-hang`, `fault-slow`, `fault-slow-stream`,
 * `fault-garbage`, `fault-empty`, `fault-stream-reset`, `fault-stream-end`, `fault-stream-error-event`, `fault-stream-stall`.
 */
export function faultOfModel(model: unknown): ModelRule | undefined {
  if (typeof model !== "string" || !model.startsWith("fault-")) return undefined;
  const name = model.slice("fault-".length);
  if (/^[45]\d\d$/.test(name)) return { status: Number(name) };
  const how = /^stream-(reset|end|error-event|stall)$/.exec(name)?.[1];
  if (isStreamBreak(how)) return { stream: { breakAfterChunks, how } };
  switch (name) {
    case "reset":
      return { reset: true };
    case "hang":
      return { hang: true };
    case "slow":
      return { delayMs: slowDelayMs };
    case "slow-stream":
      return { chunkDelayMs: slowChunkDelayMs };
    case "garbage":
      return { body: "<html><body>502 Bad Gateway</body></html>" };
    case "empty":
      return { body: {} };
    default:
      return undefined;
  }
}

/**
 * The fault of an `x-standin-fault` header: `status=500;times=2`, `delay=200`, `chunk-delay=20`, `break=3;how=reset`,
 * `body=garbage`, `retry-after=1`, `reset`, `hang`. `times` counts the requests that carry the very same header, path and body,
 * so a client's retries use it up; without it the fault lasts.
 */
export function faultOfHeader(header: string): ModelRule {
  const parts = new Map(
    header.split(";").map((part): [string, string] => {
      const [key = "", value = "true"] = part.trim().split("=");
      return [key, value];
    }),
  );
  const number = (key: string): number | undefined => (parts.has(key) ? Number(parts.get(key)) : undefined);
  const how = parts.get("how") ?? "reset";
  const body = parts.get("body");
  const chunks = number("break");
  return {
    times: number("times") ?? Infinity,
    status: number("status"),
    delayMs: number("delay"),
    chunkDelayMs: number("chunk-delay"),
    reset: parts.has("reset"),
    hang: parts.has("hang"),
    headers: parts.has("retry-after") ? { "retry-after": parts.get("retry-after") ?? "0" } : undefined,
    stream: chunks !== undefined && isStreamBreak(how) ? { breakAfterChunks: chunks, how } : undefined,
    body: body === "garbage" ? "<html>garbage</html>" : body === "empty" ? "" : body,
  };
}

/** 429 and 503 come with a `retry-after` of 0 s unless the rule names another. */
export function faultHeaders(rule: ModelRule): Record<string, string> {
  const retry = rule.status === 429 || rule.status === 503 ? defaultRetryAfter : {};
  const own = rule.headers ?? {};
  return "retry-after" in own ? own : { ...retry, ...own };
}

function isStreamBreak(how: string | undefined): how is StreamBreak {
  return how === "reset" || how === "end" || how === "error-event" || how === "stall";
}
