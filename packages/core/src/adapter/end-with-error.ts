import { endWithError as endObservation } from "../tracer/settle.ts";
import type { Observation } from "../tracer/api.ts";
import { safely } from "../util/safely.ts";

/**
 * Ends an observation with what was thrown: `status: error` with its message, or `cancelled` for an abort (`AbortError`, and the
 * class that generated API clients throw). Without an observation, as a run map gives it for an unknown run, it does nothing. Never
 * throws, whatever `error` is.
 */
export function endWithError(observation: Observation | undefined, error: unknown): void {
  if (observation) safely("endWithError", () => endObservation(observation, error));
}
