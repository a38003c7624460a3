import { MAX_TERM_CHARS, indexedMetadata } from "../../../search/metadata.ts";
import type { StoredObservation } from "../../../model/observation.ts";

/** What of an observation can be looked for on its trace, as `[field, value]`. */
export function termsOf(observation: StoredObservation): [field: string, value: string][] {
  const { payload } = observation;
  const terms: [string, string | null][] = [
    ["type", observation.type],
    ["level", observation.level],
    ["name", observation.name],
    ["model", observation.model],
    ["provider", observation.provider],
    ["prompt", observation.promptName],
    // Of the trace, which takes them from one of its rows.
    ["environment", observation.environment ?? "default"],
    ["release", observation.release],
    ["version", observation.version],
    ...(observation.tags ?? []).map((tag): [string, string] => ["tag", tag]),
  ];
  for (const json of [payload.metadata, payload.traceMetadata]) {
    for (const [key, value] of Object.entries(indexedMetadata(json))) terms.push([`metadata.${key}`, String(value)]);
  }
  return terms.flatMap(([field, value]): [string, string][] =>
    value === null || value === "" ? [] : [[field, value.slice(0, MAX_TERM_CHARS)]],
  );
}
