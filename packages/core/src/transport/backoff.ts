const FIRST_MS = 500;
const MAX_MS = 30_000;
/** A backend that asks for more is asked again after this all the same: clocks and proxies are wrong at times. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** Of the bound. Applications and tests stub Math.random: with 0 each retry would follow without a pause. */
const MIN_SHARE = 0.1;

/**
 * Full jitter (each wait is random between a tenth of a doubling bound and the whole), but never before the backend's `Retry-After`.
 * One of nothing, or a date that has passed, is no leave to ask without a pause.
 */
export function retryDelayMs(failures: number, retryAfterMs: number | undefined): number {
  const bound = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  const jittered = bound * (MIN_SHARE + (1 - MIN_SHARE) * (Math.random() || 0));
  if (retryAfterMs === undefined) return jittered;
  const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  return Math.max(asked + Math.min(jittered, asked * 0.1), Math.min(jittered, FIRST_MS));
}
