import { copyJson, takeText, type Budget } from "./copy-json.ts";
import { fieldsOf, isFields, stringOf, type Fields } from "./fields.ts";
import type { Failure } from "./response.ts";
import { copyUsage, createBudget } from "./stream-budget.ts";

/** Items kept of one response. */
export const MAX_ITEMS = 1_024;
/** Parts of one item: texts of a message, summaries of a reasoning. */
export const MAX_PARTS = 1_024;

interface Part {
  [key: string]: unknown;
  type: string;
  annotations?: unknown[];
}

interface Item {
  /** As it was added, without its texts. */
  head: Record<string, unknown>;
  content: Map<number, Part>;
  summary: Map<number, Part>;
  /** Characters of its deltas. */
  chars: number;
  /** As the provider sent it when it was complete. */
  done: unknown;
}

export interface ResponsesState {
  /** What the last event that carried a response said of it, without its output. */
  envelope: Record<string, unknown>;
  items: Map<number, Item>;
  /** The response of the event that ends the stream: the caller's, to be read at once and not kept. */
  final: Fields | undefined;
  failure: Failure | undefined;
  budget: Budget;
}

export function emptyResponses(): ResponsesState {
  return {
    envelope: {},
    items: new Map(),
    final: undefined,
    failure: undefined,
    budget: createBudget(),
  };
}

/** Where the text of a delta goes: into a field of the item, or of one of its parts. */
type Target = { field: string } | { list: "content" | "summary"; index: string; type: string; field: string };

const content = (type: string, field: string): Target => ({ list: "content", index: "content_index", type, field });

const DELTAS: ReadonlyMap<unknown, Target> = new Map([
  ["response.output_text.delta", content("output_text", "text")],
  ["response.refusal.delta", content("refusal", "refusal")],
  ["response.reasoning_text.delta", content("reasoning_text", "text")],
  [
    "response.reasoning_summary_text.delta",
    { list: "summary", index: "summary_index", type: "summary_text", field: "text" },
  ],
  ["response.function_call_arguments.delta", { field: "arguments" }],
  ["response.mcp_call_arguments.delta", { field: "arguments" }],
  ["response.custom_tool_call_input.delta", { field: "input" }],
  ["response.code_interpreter_call_code.delta", { field: "code" }],
]);

const LAST: ReadonlySet<unknown> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
]);

/** Items that are no tool calls: what is visible of them is their text. */
const SPOKEN: ReadonlySet<unknown> = new Set(["message", "reasoning", "compaction"]);

const ENVELOPE = ["id", "model", "status", "background", "service_tier", "previous_response_id"] as const;

/** Folds one event into `state`. The event is the caller's and is not kept. Costs O(event), holds O(output). */
export function accumulateResponses(state: ResponsesState, event: unknown): void {
  if (!isFields(event)) return;
  const { type, response, item } = event;
  if (isFields(response)) accumulateEnvelope(state, type, response);
  else if (type === "error") state.failure = describeFailure(isFields(event["error"]) ? event["error"] : event);
  else if (type === "response.output_item.added" || type === "response.output_item.done") {
    if (isFields(item)) accumulateItem(state, event, item, type);
  } else if (type === "response.output_text.annotation.added") accumulateAnnotation(state, event);
  else {
    const target = DELTAS.get(type);
    if (target) accumulateDelta(state, event, target);
  }
}

function accumulateEnvelope(state: ResponsesState, type: unknown, response: Fields): void {
  for (const key of ENVELOPE) {
    const value = response[key];
    if (value !== undefined && value !== null) state.envelope[key] = copyJson(value, state.budget);
  }
  const usage = copyUsage(response);
  if (usage !== undefined) state.envelope["usage"] = usage;
  // Some hosts leave the status to the event's name.
  if (LAST.has(type)) state.final = { status: stringOf(type)?.replace("response.", ""), ...response };
}

function accumulateDelta(state: ResponsesState, event: Fields, target: Target): void {
  const { delta } = event;
  const item = itemOf(state, event);
  const holder =
    item && ("list" in target ? partAt(state, item[target.list], event[target.index], target.type) : item.head);
  if (!item || !holder || typeof delta !== "string") return;
  const kept = takeText(delta, state.budget);
  item.chars += kept.length;
  holder[target.field] = (stringOf(holder[target.field]) ?? "") + kept;
}

function accumulateAnnotation(state: ResponsesState, event: Fields): void {
  const item = itemOf(state, event);
  const part = item && partAt(state, item.content, event["content_index"], "output_text");
  if (!part) return;
  part.annotations ??= [];
  if (part.annotations.length < MAX_PARTS) part.annotations.push(copyJson(event["annotation"], state.budget));
  else state.budget.cutNodes += 1;
}

function accumulateItem(state: ResponsesState, event: Fields, wire: Fields, type: string): void {
  const item = itemOf(state, event);
  if (!item) return;
  if (type === "response.output_item.done") {
    // It takes the place of the deltas.
    state.budget.chars += item.chars;
    item.chars = 0;
    item.done = copyJson(wire, state.budget);
    return;
  }
  const { content: _content, summary: _summary, ...head } = wire;
  item.head = { ...fieldsOf(copyJson(head, state.budget)) };
}

/** The item that an event is about; the last one where it does not say. */
function itemOf(state: ResponsesState, event: Fields): Item | undefined {
  const { output_index: wireIndex } = event;
  const index = typeof wireIndex === "number" ? wireIndex : Math.max(state.items.size - 1, 0);
  const known = state.items.get(index);
  if (known) return known;
  if (state.items.size >= MAX_ITEMS) {
    state.budget.cutNodes += 1;
    return undefined;
  }
  const created: Item = { head: {}, content: new Map(), summary: new Map(), chars: 0, done: undefined };
  state.items.set(index, created);
  return created;
}

function partAt(state: ResponsesState, parts: Map<number, Part>, wireIndex: unknown, type: string): Part | undefined {
  const index = typeof wireIndex === "number" ? wireIndex : 0;
  const known = parts.get(index);
  if (known) return known;
  if (parts.size >= MAX_PARTS) {
    state.budget.cutNodes += 1;
    return undefined;
  }
  const created: Part = { type };
  parts.set(index, created);
  return created;
}

/** The items that have come, in the shape of a response's `output`. */
export function itemsOf(state: ResponsesState): unknown[] {
  return inOrder(state.items).map(({ done, head, content: parts, summary }) => {
    if (done !== undefined) return done;
    return {
      ...head,
      type: head["type"] ?? (summary.size > 0 ? "reasoning" : "message"),
      ...(summary.size > 0 && { summary: inOrder(summary) }),
      ...(parts.size > 0 && { content: inOrder(parts) }),
    };
  });
}

function inOrder<T>(map: ReadonlyMap<number, T>): T[] {
  return [...map.entries()].toSorted(([a], [b]) => a - b).map(([, value]) => value);
}

/** Whether an event carries something that was generated: a piece of text, a tool call, an image. */
export function isVisibleEvent(event: unknown): boolean {
  const { type, delta, item, partial_image_b64: image } = fieldsOf(event);
  if (typeof type !== "string") return false;
  if (type === "response.output_item.added") return isFields(item) && !SPOKEN.has(item["type"]);
  return (type.endsWith(".delta") && typeof delta === "string" && delta !== "") || typeof image === "string";
}

/** `{ code, message }` of a failed response, or an `error` event. */
export function describeFailure(error: Fields): Failure {
  const { code, type, param, message } = error;
  const details = Object.fromEntries(
    Object.entries({ code, type: type === "error" ? undefined : type, param }).filter(([, value]) => value != null),
  );
  return {
    status: "error",
    message: stringOf(message) ?? stringOf(code) ?? "the response failed",
    ...(Object.keys(details).length > 0 && { metadata: { error: details } }),
  };
}
