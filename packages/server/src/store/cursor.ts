import { InvalidCursorError } from "./errors.ts";

/** The sort key of a trace: page after it. */
export interface TraceKey {
  startTime: number;
  traceId: string;
}

export function encodeCursor(key: TraceKey): string {
  return Buffer.from(JSON.stringify([key.startTime, key.traceId])).toString("base64url");
}

/** @throws {InvalidCursorError} when the text did not come from {@link encodeCursor}. */
export function decodeCursor(cursor: string): TraceKey {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === 2) {
      const [startTime, traceId] = parts as unknown[];
      if (typeof startTime === "number" && typeof traceId === "string") return { startTime, traceId };
    }
  } catch {
    // Not JSON: reported below as any other text that is no cursor of ours.
  }
  throw new InvalidCursorError("The cursor is not one this server gave out.");
}
