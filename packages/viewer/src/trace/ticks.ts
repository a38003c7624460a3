import type { Zoom } from "./zoom.ts";

export interface Tick {
  /** Share of the lane. */
  at: number;
  /** Milliseconds since the start of the trace. */
  offsetMs: number;
}

/** Round offsets (1, 2, 5 × 10ⁿ ms, then minutes) at about one tick each `minTickPx`. */
export function timeTicks(zoom: Zoom, laneWidthPx: number, minTickPx = 72): Tick[] {
  const span = zoom.to - zoom.from;
  if (span <= 0 || laneWidthPx <= 0) return [];
  const step = niceStep((span * minTickPx) / laneWidthPx);
  const ticks: Tick[] = [];
  for (let count = Math.ceil(zoom.from / step); count * step <= zoom.to; count++) {
    ticks.push({ at: (count * step - zoom.from) / span, offsetMs: count * step });
  }
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
