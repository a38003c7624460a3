/** Random bytes are drawn 4 KiB at a time: one call to the platform costs more than an id. */
const POOL_BYTES = 4096;
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

let pool: Uint8Array<ArrayBuffer> | undefined;
let used = POOL_BYTES;

function randomHex(bytes: number): string {
  pool ??= new Uint8Array(POOL_BYTES);
  if (used + bytes > POOL_BYTES) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  let hex = "";
  for (const end = used + bytes; used < end; used++) hex += HEX[pool[used]!];
  return hex;
}

const ZEROS = /^0+$/;

/** 16 random bytes as 32 hex digits, never all zero (W3C Trace Context forbids it). */
export function createTraceIdRandom(): string {
  const id = randomHex(16);
  return ZEROS.test(id) ? createTraceIdRandom() : id;
}

/** 8 random bytes as 16 hex digits, never all zero. */
export function createObservationId(): string {
  const id = randomHex(8);
  return ZEROS.test(id) ? createObservationId() : id;
}

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const OBSERVATION_ID = /^(?!0{16})[0-9a-f]{16}$/;

export function isTraceId(value: unknown): value is string {
  return typeof value === "string" && TRACE_ID.test(value);
}

export function isObservationId(value: unknown): value is string {
  return typeof value === "string" && OBSERVATION_ID.test(value);
}
