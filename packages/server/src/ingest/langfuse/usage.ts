import type { AttributeValue } from "../otlp-span.ts";
import { isObject } from "../../http/json-body.ts";
import { splitProviderUsage } from "../../mapping/usage.ts";
import { readCounts } from "../../mapping/values.ts";

/** Any of these says that the object is a provider's own usage, whose counts include their details. */
const PROVIDER_KEYS = ["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"];

/**
 * `usageDetails`: disjoint buckets of the caller's naming, taken as they are, or a usage object of OpenAI's, which is split.
 * Langfuse splits it only when it has no other member; here one more does no harm.
 */
export function readUsageDetails(value: unknown): Record<string, number> | null {
  if (!isObject(value)) return null;
  if (PROVIDER_KEYS.some((key) => typeof value[key] === "number"))
    return splitProviderUsage(value as Record<string, AttributeValue>);
  const counts = readCounts(value as Record<string, AttributeValue>);
  if (counts === null) return null;
  return counts["total"] === undefined ? { ...counts, total: sumOf(counts) } : counts;
}

/** `usage`, the older field: `{ input, output, total }`, or OpenAI's in either spelling. */
export function readUsage(value: unknown): Record<string, number> | null {
  if (!isObject(value)) return null;
  const { promptTokens, completionTokens, totalTokens, input, output, total } = value;
  if (promptTokens !== undefined || completionTokens !== undefined || totalTokens !== undefined) {
    return readUsageDetails(definedOf({ input: promptTokens, output: completionTokens, total: totalTokens }));
  }
  if (PROVIDER_KEYS.some((key) => typeof value[key] === "number"))
    return splitProviderUsage(value as Record<string, AttributeValue>);
  return readUsageDetails(definedOf({ input, output, total }));
}

/** `costDetails`, else the three costs of the older `usage`. */
export function readCost(details: unknown, usage: unknown): Record<string, number> | null {
  const given =
    readCounts(details as AttributeValue) ??
    (isObject(usage)
      ? readCounts(
          definedOf({ input: usage["inputCost"], output: usage["outputCost"], total: usage["totalCost"] }) as Record<
            string,
            AttributeValue
          >,
        )
      : null);
  if (given === null || given["total"] !== undefined) return given;
  return { ...given, total: sumOf(given) };
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function definedOf(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));
}
