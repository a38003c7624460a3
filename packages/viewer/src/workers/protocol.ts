import type { JsonLine } from "../json/json-view.ts";
import type { TraceModel } from "../trace/model.ts";

/** What a worker does for the page, one method each; a call is one message there and one back. */
export interface WorkerMethods {
  /** Reads a skeleton and builds the model: a trace of 50 000 observations takes no time on the page's own thread. */
  loadTrace: (path: string, nowMs: number) => Promise<TraceModel>;
  loadObservation: (path: string) => Promise<LoadedText>;
  /** A large value as one small enough to be drawn as a conversation. */
  cutValue: (value: LargeValue) => Promise<unknown>;
  /** The whole text of a large value, for a copy or a download. */
  sourceText: (value: LargeValue) => Promise<string>;
  /** Opens a view of a large value; its number names it in the calls below. */
  openView: (value: LargeValue) => Promise<{ view: number; lineCount: number }>;
  closeView: (view: number) => Promise<void>;
  viewLines: (view: number, from: number, to: number) => Promise<JsonLine[]>;
  viewToggle: (view: number, entry: number, isOpen: boolean) => Promise<number>;
  viewShowWhole: (view: number, entry: number) => Promise<void>;
  viewFind: (
    view: number,
    text: string,
    fromLine: number,
    step: 1 | -1,
  ) => Promise<{ line: number; lineCount: number }>;
  viewCopy: (view: number, entry: number, what: "path" | "value") => Promise<string>;
}

/** A value that stays in the worker. */
export interface LargeValue {
  document: number;
  entry: number;
  /** UTF-16 units of its JSON text. */
  chars: number;
}

/** An observation's answer, taken apart: small members as texts, large ones by reference. */
export interface LoadedText {
  /** The answer as JSON without its large members. */
  small: string;
  /** By the member's name: `input`, `output`, `metadata`, … */
  large: Record<string, LargeValue>;
}

export type MethodName = keyof WorkerMethods;

export interface CallMessage {
  id: number;
  method: MethodName;
  args: unknown[];
}

export interface AbortMessage {
  abort: number;
}

export interface ReplyMessage {
  id: number;
  value?: unknown;
  /** `status` and `code` as in `ApiError`; `null` for what is no answer of the API. */
  error?: { message: string; status: number | null; code: string | null; name: string };
}
