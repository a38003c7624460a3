import type { OpenObservation } from "../model/record.ts";
import { now } from "../model/time.ts";

/** What is known of an observation that is let go of before its end, as the record that is sent. */
export function incompleteOf(observation: OpenObservation): OpenObservation {
  const { metadata, output } = observation.fields;
  // Later updates of the handle go into its own, which must not show here.
  const fields = {
    ...observation.fields,
    ...(metadata && { metadata: { ...metadata } }),
    ...(Array.isArray(output) && { output: [...(output as unknown[])] }),
    status: "incomplete" as const,
  };
  return { ...observation, fields, endTime: Math.max(now(), observation.startTime) };
}
