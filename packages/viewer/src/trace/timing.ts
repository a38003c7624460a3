import { durationOf, type TraceModel } from "./model.ts";

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

export function timing(model: TraceModel, index: number, nowOffsetMs: number): Timing {
  const duration = model.durations[index] ?? -1;
  const firstToken = model.firstTokens[index] ?? -1;
  const output = model.outputTokens[index] ?? 0;
  const writingMs = duration < 0 ? 0 : duration - Math.max(0, firstToken);
  return {
    offsetMs: model.starts[index] ?? 0,
    durationMs: durationOf(model, index, nowOffsetMs),
    firstTokenMs: firstToken < 0 ? null : firstToken,
    tokensPerSecond: output === 0 || writingMs < MIN_RATE_MS ? null : (output * 1_000) / writingMs,
  };
}
