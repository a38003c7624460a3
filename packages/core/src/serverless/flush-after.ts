import { getTracer } from "../global.ts";
import { log } from "../log.ts";
import type { FlushResult, Tracer } from "../tracer/api.ts";

/** Keeps the platform's invocation alive until a promise settles. */
export type WaitUntil = (promise: Promise<unknown>) => unknown;

/** Cloudflare's `ctx`, Vercel's and Netlify's contexts, `after` of `next/server`, `waitUntil` of `@vercel/functions`. */
export type WaitUntilHost = WaitUntil | { waitUntil: WaitUntil };

export interface FlushAfterOptions {
  /** Default: the default tracer. */
  tracer?: Tracer | undefined;
  /** Milliseconds. Default `flushTimeoutMs` (10 s). */
  timeoutMs?: number | undefined;
}

/**
 * Sends what was recorded so far and has the platform wait for it after the response. Without `host` Vercel's own is found;
 * where there is none the promise is the caller's to await, as on AWS Lambda. Never throws, never rejects.
 *
 * @example
 * export default { async fetch(request, env, ctx) { const answer = await run(request); flushAfter(ctx); return answer; } };
 */
export function flushAfter(host?: WaitUntilHost, options: FlushAfterOptions = {}): Promise<FlushResult> {
  const { tracer = getTracer() } = options;
  const flushing = tracer.flush(options);
  handOver(host ?? vercelContext(), flushing);
  return flushing;
}

/** False when the platform refused, for it has ended the request already, say. */
export function handOver(host: WaitUntilHost | undefined, promise: Promise<unknown>): boolean {
  try {
    if (typeof host === "function") host(promise);
    else host?.waitUntil(promise);
    return host !== undefined;
  } catch (error) {
    log.warn("waitUntil() refused: the next flush sends it", error);
    return false;
  }
}

/** https://github.com/vercel/vercel/blob/main/packages/functions/src/get-context.ts */
const VERCEL = Symbol.for("@vercel/request-context");

export function vercelContext(): { waitUntil: WaitUntil } | undefined {
  const holder = (globalThis as { [VERCEL]?: { get?: () => unknown } })[VERCEL];
  const context = holder?.get?.();
  return isHost(context) ? context : undefined;
}

export function isHost(value: unknown): value is { waitUntil: WaitUntil } {
  return typeof (value as { waitUntil?: unknown } | null | undefined)?.waitUntil === "function";
}
