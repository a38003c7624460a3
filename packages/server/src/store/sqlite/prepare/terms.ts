import { MAX_TERM_CHARS, type indexedMetadata } from "../../../search/metadata.ts";
import type { ObservationRow } from "../../../model/observation.ts";

/** What of an observation can be looked for on its trace, as `[field, value]`. @param metadata its own, and its trace's. */
export function termsOf(
  row: Omit<ObservationRow, "hasInput" | "hasOutput">,
  metadata: readonly ReturnType<typeof indexedMetadata>[],
): [field: string, value: string][] {
  const terms: [string, string][] = [];
  const add = (field: string, value: string | null): void => {
    if (value === null || value === "") return;
    terms.push([field, value.length > MAX_TERM_CHARS ? value.slice(0, MAX_TERM_CHARS) : value]);
  };
  add("type", row.type);
  add("level", row.level);
  add("name", row.name);
  add("model", row.model);
  add("provider", row.provider);
  add("prompt", row.promptName);
  // Of the trace, which takes them from one of its rows.
  add("environment", row.environment ?? "default");
  add("release", row.release);
  add("version", row.version);
  for (const tag of row.tags ?? []) add("tag", tag);
  for (const members of metadata) {
    for (const [key, value] of Object.entries(members)) add(`metadata.${key}`, String(value));
  }
  return terms;
}
