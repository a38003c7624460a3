import { copyJson, takeText, type Budget } from "./copy-json.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "./fields.ts";
import { copyUsage, createBudget } from "./stream-budget.ts";

export const MAX_CHOICES = 128;
/** Tool calls and annotations kept of one choice, each. */
export const MAX_PARTS = 1_024;
/** Tokens of one choice of which the log probabilities are kept. They hold many values for each token. */
export const MAX_LOGPROB_TOKENS = 2_048;

/** Streamed texts of a message, under the name that the provider gives them. */
const OTHER_TEXTS = ["refusal", "reasoning_content", "reasoning"] as const;
const TEXTS = ["content", ...OTHER_TEXTS] as const;

/** Lists of tokens in a choice's `logprobs`. */
const LOGPROBS = ["content", "refusal"] as const;

interface ToolCall {
  id: string | undefined;
  type: string;
  /** `function` and `custom` calls name their argument differently. */
  argumentKey: "arguments" | "input";
  name: string;
  argument: string;
}

interface Choice {
  role: string | undefined;
  texts: Partial<Record<(typeof TEXTS)[number], string>>;
  toolCalls: ToolCall[];
  /** Positions in `toolCalls` by the `index` of the deltas. */
  byIndex: Map<number, number>;
  functionCall: { name: string; arguments: string } | undefined;
  audio: { id?: string; transcript?: string; expires_at?: number } | undefined;
  annotations: unknown[];
  logprobs: Partial<Record<(typeof LOGPROBS)[number], unknown[]>> | undefined;
  finishReason: string | undefined;
}

export interface ChatState {
  id: string | undefined;
  model: string | undefined;
  systemFingerprint: string | undefined;
  serviceTier: string | undefined;
  /** The last usage seen: providers that repeat it send it growing. */
  usage: unknown;
  choices: Map<number, Choice>;
  budget: Budget;
}

export function emptyChat(): ChatState {
  return {
    id: undefined,
    model: undefined,
    systemFingerprint: undefined,
    serviceTier: undefined,
    usage: undefined,
    choices: new Map(),
    budget: createBudget(),
  };
}

/**
 * Folds one chunk into `state`, which is the fold's own and is returned again. The chunk is the caller's: it is neither
 * changed nor kept. Costs O(chunk), holds O(output).
 */
export function accumulateChat(state: ChatState, chunk: unknown): ChatState {
  if (!isFields(chunk)) return state;
  state.id ??= stringOf(chunk["id"]) || undefined;
  // Azure's first chunk has an empty model.
  state.model = stringOf(chunk["model"]) || state.model;
  state.systemFingerprint = stringOf(chunk["system_fingerprint"]) ?? state.systemFingerprint;
  state.serviceTier = stringOf(chunk["service_tier"]) ?? state.serviceTier;
  state.usage = copyUsage(chunk) ?? state.usage;
  const choices = arrayOf(chunk["choices"]);
  for (let position = 0; position < choices.length; position++) {
    const choice = choices[position];
    if (isFields(choice)) accumulateChoice(state, choice, position);
  }
  return state;
}

/** Whether a chunk carries something that was generated: text, reasoning, a tool call, audio. A role alone is not. */
export function isVisibleChunk(chunk: unknown): boolean {
  return arrayOf(fieldsOf(chunk)["choices"]).some((choice) => {
    const delta = fieldsOf(fieldsOf(choice)["delta"]);
    return (
      TEXTS.some((name) => hasLength(delta[name])) ||
      hasLength(delta["tool_calls"]) ||
      isFields(delta["function_call"]) ||
      isFields(delta["audio"])
    );
  });
}

function accumulateChoice(state: ChatState, wire: Fields, position: number): void {
  const index = typeof wire["index"] === "number" ? wire["index"] : position;
  let choice = state.choices.get(index);
  if (!choice) {
    if (state.choices.size >= MAX_CHOICES) {
      state.budget.cutNodes += 1;
      return;
    }
    choice = emptyChoice();
    state.choices.set(index, choice);
  }
  choice.finishReason = stringOf(wire["finish_reason"]) ?? choice.finishReason;
  const delta = fieldsOf(wire["delta"]);
  choice.role ??= stringOf(delta["role"]) || undefined;
  const { texts } = choice;
  const { content } = delta;
  if (typeof content === "string") texts.content = append(state, texts.content, content);
  else if (Array.isArray(content)) accumulateParts(state, choice, content);
  for (const name of OTHER_TEXTS) {
    const value = delta[name];
    if (typeof value === "string") texts[name] = append(state, texts[name], value);
  }
  for (const call of arrayOf(delta["tool_calls"])) {
    if (isFields(call)) accumulateToolCall(state, choice, call);
  }
  if (isFields(delta["function_call"])) {
    choice.functionCall ??= { name: "", arguments: "" };
    choice.functionCall.name = append(state, choice.functionCall.name, stringOf(delta["function_call"]["name"]));
    choice.functionCall.arguments = append(
      state,
      choice.functionCall.arguments,
      stringOf(delta["function_call"]["arguments"]),
    );
  }
  if (isFields(delta["audio"])) accumulateAudio(state, choice, delta["audio"]);
  for (const annotation of arrayOf(delta["annotations"])) {
    keep(state, choice.annotations, annotation, MAX_PARTS);
  }
  if (isFields(wire["logprobs"])) accumulateLogprobs(state, choice, wire["logprobs"]);
}

/** Mistral streams content as typed parts. */
function accumulateParts(state: ChatState, choice: Choice, parts: readonly unknown[]): void {
  for (const part of parts) {
    if (!isFields(part)) continue;
    if (part["type"] === "text") choice.texts.content = append(state, choice.texts.content, stringOf(part["text"]));
    for (const thought of arrayOf(part["thinking"])) {
      choice.texts.reasoning_content = append(
        state,
        choice.texts.reasoning_content,
        stringOf(fieldsOf(thought)["text"]),
      );
    }
  }
}

function accumulateToolCall(state: ChatState, choice: Choice, delta: Fields): void {
  const call = toolCallOf(state, choice, delta);
  if (!call) return;
  call.id ??= stringOf(delta["id"]) || undefined;
  call.type = stringOf(delta["type"]) || call.type;
  if (isFields(delta["custom"])) call.argumentKey = "input";
  const body = fieldsOf(delta["custom"] ?? delta["function"]);
  const name = stringOf(body["name"]);
  // Some providers repeat the name in every delta.
  if (name !== undefined && name !== call.name) call.name = append(state, call.name, name);
  call.argument = append(state, call.argument, stringOf(body[call.argumentKey]));
}

/**
 * Deltas name their call by index. Some providers leave it out or send 0 for each: then a new id with a name is a new call.
 * A new id alone is not: there are servers that make one up for each delta.
 */
function toolCallOf(state: ChatState, choice: Choice, delta: Fields): ToolCall | undefined {
  const id = stringOf(delta["id"]) || undefined;
  const index = typeof delta["index"] === "number" ? delta["index"] : undefined;
  const position = index === undefined ? choice.toolCalls.length - 1 : choice.byIndex.get(index);
  const current = position === undefined ? undefined : choice.toolCalls[position];
  const body = fieldsOf(delta["custom"] ?? delta["function"]);
  if (current && (id === undefined || current.id === undefined || current.id === id || !stringOf(body["name"]))) {
    return current;
  }
  if (choice.toolCalls.length >= MAX_PARTS) {
    state.budget.cutNodes += 1;
    return undefined;
  }
  const created: ToolCall = { id, type: "function", argumentKey: "arguments", name: "", argument: "" };
  choice.toolCalls.push(created);
  if (index !== undefined) choice.byIndex.set(index, choice.toolCalls.length - 1);
  return created;
}

/** There only where the caller asked for them. */
function accumulateLogprobs(state: ChatState, choice: Choice, wire: Fields): void {
  const kept = (choice.logprobs ??= {});
  for (const name of LOGPROBS) {
    for (const token of arrayOf(wire[name])) keep(state, (kept[name] ??= []), token, MAX_LOGPROB_TOKENS);
  }
}

/** The transcript is kept; the sound itself is not recorded. */
function accumulateAudio(state: ChatState, choice: Choice, delta: Fields): void {
  const audio = (choice.audio ??= {});
  const id = stringOf(delta["id"]);
  if (id !== undefined) audio.id = id;
  if (typeof delta["expires_at"] === "number") audio.expires_at = delta["expires_at"];
  const transcript = stringOf(delta["transcript"]);
  if (transcript !== undefined) audio.transcript = append(state, audio.transcript, transcript);
}

/** The message of one choice, in the shape that an answer that is not streamed has. */
export function messageOf(choice: Choice): Record<string, unknown> {
  const { texts, toolCalls, annotations, logprobs } = choice;
  return defined({
    role: choice.role ?? "assistant",
    content: texts.content ?? null,
    refusal: texts.refusal,
    reasoning_content: texts.reasoning_content,
    reasoning: texts.reasoning,
    tool_calls: toolCalls.length > 0 ? toolCalls.map(wireToolCall) : undefined,
    function_call: choice.functionCall,
    audio: choice.audio,
    annotations: annotations.length > 0 ? annotations : undefined,
    logprobs: logprobs && Object.keys(logprobs).length > 0 ? logprobs : undefined,
  });
}

function wireToolCall(call: ToolCall): Record<string, unknown> {
  const body = { name: call.name, [call.argumentKey]: call.argument };
  return defined({ id: call.id, type: call.type, [call.argumentKey === "input" ? "custom" : "function"]: body });
}

function emptyChoice(): Choice {
  return {
    role: undefined,
    texts: {},
    toolCalls: [],
    byIndex: new Map(),
    functionCall: undefined,
    audio: undefined,
    annotations: [],
    logprobs: undefined,
    finishReason: undefined,
  };
}

function append(state: ChatState, text: string | undefined, more: string | undefined): string {
  return more ? (text ?? "") + takeText(more, state.budget) : (text ?? "");
}

/** The chunk is the caller's, so a copy is kept. */
function keep(state: ChatState, list: unknown[], value: unknown, max: number): void {
  const copy = list.length < max ? copyJson(value, state.budget) : undefined;
  if (copy !== undefined) list.push(copy);
  else if (list.length >= max) state.budget.cutNodes += 1;
}

function hasLength(value: unknown): boolean {
  return (typeof value === "string" || Array.isArray(value)) && value.length > 0;
}
