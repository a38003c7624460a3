import type { ObservationSummary } from "../api/types.ts";

/** The time a trace covers, in epoch milliseconds. `endMs` is never before `startMs`. */
export interface TimeRange {
  startMs: number;
  endMs: number;
}

/** Shares of the lane's width, 0 to 1. */
export interface Bar {
  left: number;
  width: number;
  /** Where the first token came, as a share of the lane; `null` when unknown or outside the bar. */
  firstToken: number | null;
}

/** From the first start to the last end. What still runs reaches to `nowMs`. */
export function traceRange(observations: readonly ObservationSummary[], nowMs: number): TimeRange {
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const observation of observations) {
    startMs = Math.min(startMs, observation.startTime);
    endMs = Math.max(endMs, observation.startTime, endOf(observation, nowMs));
  }
  return Number.isFinite(startMs) ? { startMs, endMs } : { startMs: 0, endMs: 0 };
}

/** The end, or for an open observation now if it runs, else its start. Never before the start, whatever the clocks say. */
export function endOf(observation: ObservationSummary, nowMs: number): number {
  const end = observation.endTime ?? (observation.status === "running" ? nowMs : observation.startTime);
  return Math.max(observation.startTime, end);
}

export function durationOf(observation: ObservationSummary, nowMs: number): number | null {
  if (observation.endTime === null && observation.status !== "running") return null;
  return endOf(observation, nowMs) - observation.startTime;
}

export function layoutBar(observation: ObservationSummary, range: TimeRange, nowMs: number): Bar {
  const span = range.endMs - range.startMs;
  if (span <= 0) return { left: 0, width: 1, firstToken: null };
  const share = (timeMs: number): number => Math.min(1, Math.max(0, (timeMs - range.startMs) / span));
  const left = share(observation.startTime);
  const right = share(endOf(observation, nowMs));
  const first = observation.completionStartTime;
  const inside = first !== null && first > observation.startTime && first < endOf(observation, nowMs);
  return { left, width: Math.max(0, right - left), firstToken: inside ? share(first) : null };
}

export interface Tick {
  /** Share of the lane. */
  at: number;
  /** Milliseconds since the start of the trace. */
  offsetMs: number;
}

/** Round offsets (1, 2, 5 × 10ⁿ ms, then minutes) at about one tick each `minTickPx`. */
export function timeTicks(range: TimeRange, laneWidthPx: number, minTickPx = 64): Tick[] {
  const span = range.endMs - range.startMs;
  if (span <= 0 || laneWidthPx <= 0) return [];
  const step = niceStep((span * minTickPx) / laneWidthPx);
  const ticks: Tick[] = [];
  for (let i = 0; i * step <= span; i++) ticks.push({ at: (i * step) / span, offsetMs: i * step });
  return ticks;
}

/** Above one minute people count in minutes, so the steps follow the clock. */
const CLOCK_STEPS_MS = [60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000];

function niceStep(atLeastMs: number): number {
  if (atLeastMs > 20_000) {
    if (atLeastMs <= 30_000) return 30_000;
    const clock = CLOCK_STEPS_MS.find((step) => step >= atLeastMs);
    if (clock !== undefined) return clock;
  }
  const power = 10 ** Math.floor(Math.log10(atLeastMs));
  return ([1, 2, 5, 10].find((factor) => factor * power >= atLeastMs) ?? 10) * power;
}
