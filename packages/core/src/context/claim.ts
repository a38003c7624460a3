import type { Observation, Tracer } from "../tracer/api.ts";
import { activeContext, runWithContext } from "./context.ts";

/**
 * One LLM call is one generation, however many adapters see it: the outer adapter runs the call under a claim, an inner one
 * that finds it adds what it knows (request id, first token, raw usage) to the claimed generation.
 */
export function runWithClaim<T>(tracer: Tracer, observation: Observation, fn: () => T): T {
  return tracer.runWithObservation(observation, () =>
    runWithContext({ ...activeContext(), claim: { observationId: observation.id } }, fn),
  );
}

/** The generation that an enclosing adapter of the same tracer has claimed, while it is open. */
export function claimedObservation(tracer: Tracer): Observation | undefined {
  const context = activeContext();
  if (!context?.claim || context.tracerId !== tracer.id) return undefined;
  return tracer.findObservation(context.claim.observationId);
}
