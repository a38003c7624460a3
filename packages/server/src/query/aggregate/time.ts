import type { Granularity } from "./query.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first day that there is to a `Date`: the week and the month that it is in would begin before it. */
const FIRST_DAY = -8.64e15;

/** Langfuse's choice for `auto`: some fifty steps. */
export function autoGranularity(from: number, to: number): Granularity {
  const hours = (to - from) / HOUR_MS;
  if (hours < 2) return "minute";
  if (hours < 72) return "hour";
  if (hours < 60 * 24) return "day";
  return hours < 365 * 24 ? "week" : "month";
}

/** Start of the step that a time is in, in UTC; weeks begin on Monday. */
export function stepStart(time: number, granularity: Granularity): number {
  const day = Math.floor(time / DAY_MS) * DAY_MS;
  switch (granularity) {
    case "minute":
      return Math.floor(time / MINUTE_MS) * MINUTE_MS;
    case "hour":
      return Math.floor(time / HOUR_MS) * HOUR_MS;
    case "day":
      return day;
    case "week":
      return Math.max(FIRST_DAY, day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS);
    case "month":
      return Math.max(FIRST_DAY, day - (new Date(day).getUTCDate() - 1) * DAY_MS);
  }
}

export function nextStep(start: number, granularity: Granularity): number {
  switch (granularity) {
    case "minute":
      return start + MINUTE_MS;
    case "hour":
      return start + HOUR_MS;
    case "day":
      return start + DAY_MS;
    case "week":
      return stepStart(start + 7 * DAY_MS, "week");
    case "month":
      // Not by `Date.UTC`, to which the year 1 is 1901.
      return new Date(start).setUTCMonth(new Date(start).getUTCMonth() + 1, 1);
  }
}

/** As Langfuse writes it: a time for minutes and hours, else a date. */
export function writeStep(start: number, granularity: Granularity): string {
  const text = new Date(start).toISOString();
  return granularity === "minute" || granularity === "hour" ? text.replace(".000Z", "Z") : text.replace(/T.*/, "");
}
