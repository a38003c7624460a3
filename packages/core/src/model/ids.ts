import { platform } from "#platform";
import { utf8 } from "../util/utf8.ts";

/** Random bytes are drawn 4 KiB at a time: one call to the platform costs more than an id. */
const POOL_BYTES = 4096;

let pool: Uint8Array<ArrayBuffer> | undefined;
let used = POOL_BYTES;

function randomHex(bytes: number): string {
  pool ??= platform.createBuffer(POOL_BYTES);
  if (used + bytes > POOL_BYTES) {
    used = 0;
    try {
      crypto.getRandomValues(pool);
    } catch {
      // workerd has no random bytes outside of a request, where tracers are made: one id without, then the pool is drawn. Nowhere else:
      // applications and tests seed or stub Math.random, and all ids would be the same.
      used = POOL_BYTES - bytes;
      for (let i = used; i < POOL_BYTES; i++) pool[i] = Math.random() * 256;
    }
  }
  used += bytes;
  return platform.hex(pool, used - bytes, used);
}

const NO_TRACE = "0".repeat(32);
const NO_OBSERVATION = "0".repeat(16);

/** 16 random bytes as 32 hex digits, never all zero (W3C Trace Context forbids it). */
export function createTraceIdRandom(): string {
  const id = randomHex(16);
  return id === NO_TRACE ? createTraceIdRandom() : id;
}

/**
 * A trace id that is always the same for one seed, so that a trace can be found and scored by an id of the application's own:
 * the first 32 hex digits of the seed's SHA-256, as Langfuse makes them. Without a seed, or with an empty one, it is random.
 *
 * @throws Error with a seed where the platform has no `crypto.subtle`: pages that are neither HTTPS nor localhost.
 * @example
 * const traceId = await createTraceId(`order-${order.id}`);
 */
export async function createTraceId(seed?: string): Promise<string> {
  if (!seed) return createTraceIdRandom();
  if (!crypto.subtle)
    throw new Error("createTraceId(seed) needs crypto.subtle, which pages have on HTTPS and localhost only");
  const hash = platform.createBuffer(32);
  hash.set(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(seed))));
  return platform.hex(hash, 0, 16);
}

/** 8 random bytes as 16 hex digits, never all zero. */
export function createObservationId(): string {
  const id = randomHex(8);
  return id === NO_OBSERVATION ? createObservationId() : id;
}

let instances = 0;
const PART_DIGITS = 11;

/**
 * 32 hex digits that name a tracer or a process: unlike ids they are no one's secret, and the first use of `crypto` costs a
 * millisecond and 0.8 MB, which `init` must not. The clock is in them for applications that seed Math.random.
 */
export function createInstanceId(): string {
  const micros = performance.timeOrigin * 1000;
  const nanos = performance.now() * 1e6 + instances++;
  const parts = [micros, nanos, Math.random() * Number.MAX_SAFE_INTEGER];
  const digits = parts.map((part) => Math.floor(part).toString(16).padStart(PART_DIGITS, "0").slice(-PART_DIGITS));
  return digits.join("").slice(0, 32);
}

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const OBSERVATION_ID = /^(?!0{16})[0-9a-f]{16}$/;

export function isTraceId(value: unknown): value is string {
  return typeof value === "string" && TRACE_ID.test(value);
}

export function isObservationId(value: unknown): value is string {
  return typeof value === "string" && OBSERVATION_ID.test(value);
}
