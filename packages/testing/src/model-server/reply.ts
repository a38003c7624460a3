import type { JsonObject } from "../json.ts";

/** What a route gives back; faults and pacing are applied when it is written. */
export type Reply =
  | { kind: "json"; status: number; body: unknown; headers?: Record<string, string> | undefined }
  | {
      kind: "stream";
      events: StreamEvent[];
      /** Chat and completions end with `data: [DONE]`, responses do not. */
      endsWithDone: boolean;
      /** The event that reports an error inside the stream. */
      errorEvent: (error: JsonObject) => StreamEvent[];
    };

export interface StreamEvent {
  /** The SSE `event:` line, which only the responses API sends. */
  event?: string | undefined;
  data: unknown;
}

export function frame({ event, data }: StreamEvent): string {
  const line = `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
  return event === undefined ? line : `event: ${event}\n${line}`;
}
