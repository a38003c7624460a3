import { activeContext, type ContextStore } from "../context/context.ts";
import type { Observation, Tracer } from "../tracer/api.ts";
import { RecordingHandle } from "../tracer/handle.ts";
import { contextUnder } from "../tracer/place.ts";

/**
 * The context in which `observation` is the active one, without running anything in it: plain data, to be entered later, which
 * may be kept longer than the observation.
 */
export function contextWith(tracer: Tracer, observation: Observation): ContextStore | undefined {
  // Another copy of this package knows what its own handles carry.
  return observation instanceof RecordingHandle
    ? contextUnder(observation, tracer.id)
    : tracer.runWithObservation(observation, activeContext);
}
