import type { ValueType } from "../api/types.ts";
import type { Attributes, AttributeValue } from "./otlp-span.ts";

/**
 * What JSON cannot tell of attributes' values, by name: of each set of them, where there is any. Most sets have none, and then nothing is
 * kept or asked for but an entry that is not there.
 */
const typesOfAttributes = new WeakMap<Attributes, Map<string, ValueType>>();

/** Of a name that comes twice the last value is kept, and its type. */
export function setAttribute(
  attributes: Attributes,
  name: string,
  value: AttributeValue,
  type: ValueType | null,
): void {
  const before = attributes.size;
  attributes.set(name, value);
  if (type === null && attributes.size > before) return;
  const types = typesOfAttributes.get(attributes);
  if (type === null) types?.delete(name);
  else if (types === undefined) typesOfAttributes.set(attributes, new Map([[name, type]]));
  else types.set(name, type);
}

/** @param kept only of these. @returns `undefined` where JSON tells all. */
export function typesOf(
  attributes: Attributes,
  kept: ReadonlyMap<string, unknown> = attributes,
): Record<string, ValueType> | undefined {
  const types = typesOfAttributes.get(attributes);
  if (types === undefined) return undefined;
  const found = [...types].filter(([name]) => kept.has(name));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Of the value that a decoder read last, which has it in `type`. Whoever reads a value takes it. */
export class LastType {
  type: ValueType | null = null;

  take(): ValueType | null {
    const { type } = this;
    this.type = null;
    return type;
  }
}

/** A double that JSON writes like an integer, or cannot write. */
export function isUntoldDouble(value: number): boolean {
  return Number.isSafeInteger(value) || !Number.isFinite(value);
}

/** The type of a list's items: one for all, as OpenTelemetry has it, and of objects each member's. */
export function mergeTypes(first: ValueType | null, second: ValueType | null): ValueType | null {
  if (first === null || second === null) return first ?? second;
  return typeof first === "object" && typeof second === "object" ? { ...second, ...first } : first;
}
