import type { CostDetails, UsageDetails } from "@spanwise/core";
import { normalizeUsage } from "@spanwise/core/adapter";
import { defined } from "./fields.ts";

/** What is recorded of an answer. */
export interface DescribedResponse {
  output?: unknown;
  model?: string;
  usageDetails?: UsageDetails;
  costDetails?: CostDetails;
  metadata: Record<string, unknown>;
  /** What an answer that arrived well says of itself: that it failed, was cut short or was cancelled. */
  failure?: Failure | undefined;
  /** The provider is still working on it, and will give it under this id. */
  pendingId?: string | undefined;
}

export interface Failure {
  status: "error" | "incomplete" | "cancelled";
  message: string;
  metadata?: Record<string, unknown> | undefined;
}

/** To be spread: nothing for an empty model, which hosts send that do not say it. */
export function modelOf(model: string | undefined): { model?: string } {
  return model ? { model } : {};
}

/** To be spread: usage in disjoint buckets, cost where the provider says it, and `metadata` with the raw usage added. */
export function usageOf(raw: unknown, metadata: Record<string, unknown>): Omit<DescribedResponse, "output" | "model"> {
  const usage = normalizeUsage(raw);
  const described: Omit<DescribedResponse, "output" | "model"> = { metadata: defined(metadata) };
  if (raw !== undefined) described.metadata["usage"] = raw;
  if (!usage) return described;
  const { usageDetails, costDetails, flags } = usage;
  if (Object.keys(usageDetails).length > 0) described.usageDetails = usageDetails;
  if (costDetails) described.costDetails = costDetails;
  if (flags) described.metadata["usageFlags"] = flags;
  return described;
}

/** One answer is recorded as itself, several as a list. */
export function single(answers: unknown[]): unknown {
  return answers.length === 1 ? answers[0] : answers;
}

export function finishReasons(reasons: readonly (string | undefined)[]): Record<string, unknown> {
  return reasons.length > 1
    ? { finish_reasons: reasons.map((reason) => reason ?? null) }
    : { finish_reason: reasons[0] };
}
