/** Somebody else's object, of which nothing is certain. */
export type Fields = Readonly<Record<PropertyKey, unknown>>;

/** Embedding models and transformations are functions with properties. */
export function isObject(value: unknown): value is Fields & object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Without what is undefined, so that nothing is recorded that was not there. */
export function defined<T extends Record<string, unknown>>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

export function hasMethod(value: unknown, name: PropertyKey): boolean {
  return isObject(value) && typeof value[name] === "function";
}

/** The class that an instance was made of, or `fallback` for a plain object. */
export function classNameOf(value: unknown, fallback: string): string {
  const name = isObject(value) ? stringOf(fieldsOf(value["constructor"])["name"]) : undefined;
  return name === undefined || name === "" || name === "Object" || name === "Function" ? fallback : name;
}
