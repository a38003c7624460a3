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

/** The values of a list as they are read, and what JSON does not tell of them. */
export class TypedList {
  readonly values: AttributeValue[] = [];
  #types: (ValueType | null)[] | null = null;

  push(value: AttributeValue, type: ValueType | null): void {
    this.values.push(value);
    if (type === null) return;
    this.#types ??= [];
    this.#types[this.values.length - 1] = type;
  }

  /** One for all items where that says it, as lists of one type are what OpenTelemetry has; else of each its own. */
  readType(): ValueType | null {
    const { values } = this;
    const given = this.#types;
    if (given === null) return isMixed(values) ? [] : null;
    const types = Array.from(values, (_, index) => given[index] ?? null);
    const [first = null] = types;
    if (values.every((value, index) => types[index] === "double" || (types[index] === null && isFraction(value))))
      return "double";
    if (
      values.every((value, index) => types[index] === "int" || (types[index] === null && Number.isSafeInteger(value)))
    )
      return "int";
    // Not a list of types, which says it of each item.
    if (first !== null && !Array.isArray(first) && types.every((type) => isSameType(type, first))) return first;
    return types.slice(0, types.findLastIndex((type) => type !== null) + 1);
  }
}

/** Without a type of its own, a list in which one number is a double is one of doubles: see `query/export/otlp.ts`. */
function isMixed(values: readonly AttributeValue[]): boolean {
  return values.some((value) => Number.isSafeInteger(value)) && values.some(isFraction);
}

function isFraction(value: AttributeValue): boolean {
  return typeof value === "number" && !Number.isSafeInteger(value);
}

function isSameType(type: ValueType | null, other: ValueType): boolean {
  return type === other || (typeof type === "object" && JSON.stringify(type) === JSON.stringify(other));
}
