import { durationOf, type Sum, subtreeSum, type TraceModel } from "../trace/model.ts";

/** How much more (or less) the second is; `null` where one of both is not known. */
export interface Delta {
  durationMs: number | null;
  tokens: number | null;
  cost: number | null;
}

export interface Measured {
  durationMs: number | null;
  /** `null`: no usage was reported. */
  tokens: number | null;
  cost: number | null;
}

/** What a step took with everything below it; `null` for a step that is not there. */
export function measure(model: TraceModel, index: number): Measured | null {
  if (index === -1) return null;
  return { durationMs: durationOf(model, index, model.endMs), ...spent(subtreeSum(model, index)) };
}

function spent({ inputTokens, outputTokens, cost }: Sum): Pick<Measured, "tokens" | "cost"> {
  const tokens = inputTokens + outputTokens;
  return { tokens: tokens === 0 && cost === null ? null : tokens, cost };
}

export function delta(a: Measured | null, b: Measured | null): Delta {
  const difference = (name: keyof Measured): number | null => {
    const [before, after] = [a?.[name] ?? null, b?.[name] ?? null];
    return before === null || after === null ? null : after - before;
  };
  return { durationMs: difference("durationMs"), tokens: difference("tokens"), cost: difference("cost") };
}

/** Below this share of the larger value a difference is noise and is not coloured. */
const NOTABLE_SHARE = 0.1;

/** "more" and "less" by at least a tenth; both cost, so more is worse. */
export function tone(before: number | null, after: number | null): "more" | "less" | null {
  if (before === null || after === null || before === after) return null;
  const share = Math.abs(after - before) / Math.max(before, after);
  return share < NOTABLE_SHARE ? null : after > before ? "more" : "less";
}

/** +1.2 s · −340 · ±0 */
export function formatDelta(value: number | null, format: (value: number) => string): string {
  if (value === null) return "";
  if (value === 0) return "±0";
  return `${value > 0 ? "+" : "−"}${format(Math.abs(value))}`;
}
