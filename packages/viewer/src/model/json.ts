/** Guards and readers for values of unknown shape. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asString(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** `JSON.parse`, without its `any`. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

/** JSON text parsed, when it is an object or an array; anything else is returned as it came. */
export function parseNested(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (!/^[[{]/.test(text)) return value;
  try {
    return parseJson(text);
  } catch {
    // Cut or not JSON: the text itself is shown.
    return value;
  }
}
