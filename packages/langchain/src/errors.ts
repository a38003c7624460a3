import { defined, fieldsOf, isFields, textOf } from "./fields.ts";

/**
 * What a thrown value says of a run. `interrupt` and `handoff` are LangGraph's control flow: the run waits for a human, or
 * hands over to its parent graph.
 */
export type Failure =
  | { kind: "error"; message: string; metadata: Record<string, unknown> }
  | { kind: "cancelled"; message: string }
  | { kind: "interrupt"; interrupts: readonly unknown[] }
  | { kind: "handoff"; command: unknown };

/** Spellings of an abort that neither a name nor a class tells: LangChain 0.3, LangGraph, `streamEvents`, API clients. */
const ABORT_MESSAGES: ReadonlySet<unknown> = new Set(["Abort", "Aborted", "AbortError", "Request was aborted."]);
const ABORT_CLASSES: ReadonlySet<unknown> = new Set(["AbortError", "APIUserAbortError", "ModelAbortError"]);
const INTERRUPTS: ReadonlySet<unknown> = new Set(["GraphInterrupt", "NodeInterrupt"]);
const HANDOFFS: ReadonlySet<unknown> = new Set(["ParentCommand"]);

/** Reads whatever was thrown: an error, a text, `undefined`, an object whose getters throw. A time-out is an error. */
export function describeFailure(thrown: unknown): Failure {
  try {
    return describe(thrown);
  } catch {
    return { kind: "error", message: "unknown error", metadata: {} };
  }
}

export function isTimeout(thrown: unknown): boolean {
  return fieldsOf(thrown)["name"] === "TimeoutError";
}

/**
 * What a thrown value says of a run whose caller aborted it for `reason`: LangChain may throw the reason itself, and where
 * that is a time-out, another error.
 */
export function describeAborted(thrown: unknown, reason: unknown): Failure {
  const failure = describeFailure(thrown);
  if (reason === undefined) return failure;
  if (failure.kind === "cancelled" && isTimeout(reason)) return describeFailure(reason);
  const isReason = failure.kind === "error" && thrown === reason && !isTimeout(reason);
  return isReason ? { kind: "cancelled", message: failure.message } : failure;
}

function describe(thrown: unknown): Failure {
  const fields = fieldsOf(thrown);
  const name = textOf(fields["name"]);
  const className = isFields(thrown) ? textOf((thrown as { constructor?: { name?: unknown } }).constructor?.name) : "";
  if (fields["is_bubble_up"] === true) {
    if (INTERRUPTS.has(name)) return { kind: "interrupt", interrupts: interruptsOf(fields["interrupts"]) };
    if (HANDOFFS.has(name)) return { kind: "handoff", command: fields["command"] };
    return { kind: "handoff", command: undefined };
  }
  const message = messageOf(thrown);
  if (ABORT_CLASSES.has(name) || ABORT_CLASSES.has(className) || (isFields(thrown) && ABORT_MESSAGES.has(message))) {
    return { kind: "cancelled", message: message === "" ? "aborted" : message };
  }
  const ownName = name !== undefined && name !== "Error" ? name : (className ?? name);
  const details = defined({
    name: isFields(thrown) ? ownName : undefined,
    status: typeof fields["status"] === "number" ? fields["status"] : undefined,
    code: wordOf(fields["code"]),
    type: wordOf(fields["type"]),
    lc_error_code: textOf(fields["lc_error_code"]),
  });
  return {
    kind: "error",
    message,
    metadata: defined({
      error: Object.keys(details).length > 0 ? details : undefined,
      requestId: textOf(fields["requestID"]) ?? textOf(fields["request_id"]),
    }),
  };
}

function interruptsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function wordOf(value: unknown): string | number | undefined {
  return typeof value === "number" ? value : textOf(value);
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  const message = fieldsOf(thrown)["message"];
  if (typeof message === "string") return message !== "" ? message : (textOf(fieldsOf(thrown)["name"]) ?? "");
  if (isFields(thrown)) {
    // Its own `toString`, where it has one.
    const text = (thrown as { toString(): string }).toString();
    return text === "[object Object]" ? "an object was thrown" : text;
  }
  return `${String(thrown)} was thrown`;
}
