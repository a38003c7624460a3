import type { ObservationType } from "./types.ts";

const TYPES: ReadonlySet<unknown> = new Set<ObservationType>([
  "span",
  "generation",
  "event",
  "embedding",
  "agent",
  "tool",
  "chain",
  "retriever",
  "evaluator",
  "guardrail",
]);

export function isObservationType(value: unknown): value is ObservationType {
  return TYPES.has(value);
}
