import type { HeadersLike } from "../tracer/propagate.ts";

/** What is recorded of a request: no headers, no query, no body, as any of them may hold a secret. */
export interface RequestLine {
  method: string | undefined;
  path: string | undefined;
}

interface Incoming {
  method?: unknown;
  url?: unknown;
  /** API Gateway, version 1. */
  httpMethod?: unknown;
  path?: unknown;
  /** API Gateway, version 2, and function URLs. */
  rawPath?: unknown;
  requestContext?: { http?: { method?: unknown } };
  headers?: unknown;
}

/** The request of a handler's first argument, which may be a context around it (Pages functions, Remix, SvelteKit). */
export function incomingOf(first: unknown): unknown {
  // A request in itself: Next's throws on the edge when it is asked for `request`.
  if ("headers" in Object(first)) return first;
  const { request } = Object(first) as { request?: unknown };
  return typeof request === "object" && request !== null && "headers" in request ? request : first;
}

/** Of a fetch `Request`, a Node request or an event of AWS API Gateway. */
export function requestLineOf(incoming: unknown): RequestLine {
  const { method, url, httpMethod, path, rawPath, requestContext } = Object(incoming) as Incoming;
  return {
    method: text(method) ?? text(httpMethod) ?? text(requestContext?.http?.method),
    path: pathOf(text(url)) ?? text(rawPath) ?? text(path),
  };
}

export function headersOf(incoming: unknown): HeadersLike | undefined {
  return (Object(incoming) as { headers?: HeadersLike }).headers;
}

/** Of a fetch `Response`, or of an answer to API Gateway. */
export function statusOf(answer: unknown): number | undefined {
  const { status, statusCode } = Object(answer) as { status?: unknown; statusCode?: unknown };
  const found = status ?? statusCode;
  return typeof found === "number" ? found : undefined;
}

function pathOf(url: string | undefined): string | undefined {
  const base = "http://localhost";
  return url !== undefined && URL.canParse(url, base) ? new URL(url, base).pathname : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
