import type { ObservationSummary } from "../api/types.ts";
import { ownUsage } from "./usage.ts";
import { durationOf } from "./waterfall.ts";

export interface Timing {
  /** Since the trace began; negative when clocks differ. */
  offsetMs: number;
  durationMs: number | null;
  /** From the start to the first token. */
  firstTokenMs: number | null;
  /** Output tokens a second, counted from the first token where that is known. */
  tokensPerSecond: number | null;
}

/** Shorter than this a rate says nothing. */
const MIN_RATE_MS = 20;

export function timing(observation: ObservationSummary, traceStartMs: number, nowMs: number): Timing {
  const { startTime, endTime, completionStartTime } = observation;
  const firstTokenMs = completionStartTime === null ? null : Math.max(0, completionStartTime - startTime);
  const { outputTokens } = ownUsage(observation);
  const writingMs = endTime === null ? 0 : endTime - (completionStartTime ?? startTime);
  return {
    offsetMs: startTime - traceStartMs,
    durationMs: durationOf(observation, nowMs),
    firstTokenMs,
    tokensPerSecond: outputTokens === null || writingMs < MIN_RATE_MS ? null : (outputTokens * 1_000) / writingMs,
  };
}
