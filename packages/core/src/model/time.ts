import { warnRarely } from "../log.ts";
import { tagOf } from "../util/tag-of.ts";
import type { EpochMs, TimeInput } from "./types.ts";

/** How far the monotonic clock may drift from the wall clock (suspend, NTP step) before it is set anew. */
const MAX_DRIFT_MS = 20;

let offset = Number.NaN;

/**
 * Wall-clock milliseconds with the monotonic clock's resolution, so that two observations of one trace never lose their
 * order to a millisecond's rounding. `Date` and `performance` are read late: fakes and patches of tests work.
 */
export function now(): EpochMs {
  const wall = Date.now();
  const monotonic = performance.now();
  const precise = monotonic + offset;
  if (Math.abs(precise - wall) <= MAX_DRIFT_MS) return precise;
  offset = wall - monotonic;
  return wall;
}

/** The year 2200. A larger number was given in microseconds or nanoseconds; far beyond, `toISOString` would throw. */
const MAX_TIME_MS = Date.UTC(2200, 0, 1);

/** Seconds of the years 2001 to 2286; as milliseconds, January to April of 1970. */
const FIRST_SECONDS = 1e9;
const LAST_SECONDS = 1e10;

/**
 * Caller-given time; `undefined` for what is not a time, so that the clock is used instead. That is told, and so is what looks like
 * seconds, which is taken all the same.
 */
export function toEpochMs(time: TimeInput | null | undefined): EpochMs | undefined {
  if (time === undefined || time === null) return undefined;
  const ms = typeof time === "object" ? msOf(time) : time;
  const isTime = typeof ms === "number" && ms >= 0 && ms < MAX_TIME_MS;
  if (!isTime || (ms >= FIRST_SECONDS && ms < LAST_SECONDS)) {
    warnRarely("time", `a time given as ${typeof time} is not in milliseconds since 1970`);
  }
  return isTime ? ms : undefined;
}

/** Of this or another realm. */
function msOf(date: Date): number | undefined {
  try {
    return tagOf(date) === "Date" ? date.getTime() : undefined;
  } catch {
    // A proxy may be revoked, or show a `Date` that has no time.
    return undefined;
  }
}
