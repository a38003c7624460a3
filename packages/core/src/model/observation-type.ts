import type { ObservationType } from "./types.ts";

export const OBSERVATION_TYPES: ReadonlySet<ObservationType> = new Set<ObservationType>([
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
  return OBSERVATION_TYPES.has(value as ObservationType);
}
