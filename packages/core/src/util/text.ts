/**
 * Text of a field that should be text. Callers in JavaScript and masks put other things there: numbers and booleans become
 * text, objects become JSON, and nothing throws.
 */
export function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return value === null ? undefined : jsonOf(value);
    default:
      return undefined;
  }
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "[unreadable]";
  }
}

/** What a thrown value says, whatever it is. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error);
  } catch {
    // An object whose toString throws.
    return "unknown error";
  }
}
