import type { MiddlewareHandler } from "hono";
import { busy } from "./body.ts";
import { HttpError } from "./errors.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";

export interface RequestLimits {
  /** Requests being answered at one time; live streams and downloads count until their answer begins. Default 512. */
  maxConcurrent: number;
  /** Requests a second of one project, averaged; ten seconds' worth may come at once. 0: no limit. */
  maxPerSecond: number;
}

export const DEFAULT_MAX_CONCURRENT = 512;
/** Off loopback: far above what SDKs send, which batch some hundred observations into a request. */
export const DEFAULT_MAX_PER_SECOND = 1000;
const BURST_SECONDS = 10;

/** Names whose buckets are kept; the one that was used longest ago is forgotten, and starts full. */
const MAX_BUCKETS = 10_000;

/** So many at once, and so many a second, for each name. */
export class TokenBuckets {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** @throws {HttpError} 429 when the name has none left. */
  take(name: string): void {
    const now = Date.now();
    const last = this.#buckets.get(name) ?? { tokens: this.#burst, at: now };
    const tokens = Math.min(this.#burst, last.tokens + ((now - last.at) / 1000) * this.#perSecond);
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (this.#buckets.size > MAX_BUCKETS) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / this.#perSecond));
    throw new HttpError(429, "too_many_requests", "Too many requests: slow down.", { "Retry-After": String(seconds) });
  }
}

/** Turns requests away while too many are being answered. */
export function limitConcurrency(maxConcurrent: number): MiddlewareHandler {
  let running = 0;
  return async (_context, next) => {
    if (running >= maxConcurrent) throw busy("The server is answering as many requests as it can.");
    running += 1;
    try {
      await next();
    } finally {
      running -= 1;
    }
  };
}

/** Turns requests away that come faster than a project may send them. Goes after authentication. */
export function limitRate(maxPerSecond: number): MiddlewareHandler {
  if (maxPerSecond <= 0) return (_context, next) => next();
  const buckets = new TokenBuckets(maxPerSecond * BURST_SECONDS, maxPerSecond);
  const counted = new WeakSet<Request>();
  return (context, next) => {
    // Some routes are guarded for themselves and then as all are.
    if (counted.has(context.req.raw)) return next();
    counted.add(context.req.raw);
    buckets.take(context.get("access")?.projectId ?? DEFAULT_PROJECT_ID);
    return next();
  };
}
