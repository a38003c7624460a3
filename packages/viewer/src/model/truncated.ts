import type { ObservationDetail } from "../api/types.ts";
import { asString, parseNested } from "./json.ts";

const ATTRIBUTE = "spanwise.truncated";

export type CutField = "input" | "output" | "metadata" | "modelParameters";

const FIELD = /^(input|output|metadata|modelParameters)\b/;

/** The fields whose values the SDK cut because they were above its limit. An entry may be a field's name or a path in it. */
export function cutFields({ attributes }: Pick<ObservationDetail, "attributes">): ReadonlySet<CutField> {
  const recorded = parseNested(attributes[ATTRIBUTE]);
  const entries: unknown[] = Array.isArray(recorded) ? recorded : [recorded];
  const fields = new Set<CutField>();
  for (const entry of entries) {
    const name = FIELD.exec(asString(entry) ?? "")?.[1];
    // The expression matches nothing else.
    if (name !== undefined) fields.add(name as CutField);
  }
  return fields;
}
