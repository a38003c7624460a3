import type { ObservationAttributes } from "@spanwise/core";
import { findUsage, normalizeUsage } from "@spanwise/core/adapter";
import { arrayOf, defined, fieldsOf, isObject, stringOf } from "./fields.ts";
import { describeMessage, describeToolCall, positive } from "./values.ts";

/** Text kept of one streamed answer, in UTF-16 units; `metadata.cutChars` counts the rest. */
export const MAX_STREAM_CHARS = 4_194_304;
/** Tool calls kept of one answer; `metadata.cutToolCalls` counts those that came later. */
export const MAX_TOOL_CALLS = 1_024;

/** What a whole answer says: the message, who answered, the tokens. */
export function describeResponse(response: unknown): ObservationAttributes {
  const { message, raw, text } = fieldsOf(response);
  const output = message === undefined ? assistant(text) : describeMessage(message);
  return { output, ...describeRaw(raw, findUsage(raw)) };
}

function describeRaw(raw: unknown, usage: unknown): ObservationAttributes {
  const { model, modelVersion, id, choices, status } = fieldsOf(raw);
  const normalized = normalizeUsage(usage);
  const answered = stringOf(model) ?? stringOf(modelVersion);
  return {
    ...(answered !== undefined && answered !== "" && { model: answered }),
    ...(normalized && { usageDetails: normalized.usageDetails }),
    ...(normalized?.costDetails && { costDetails: normalized.costDetails }),
    metadata: defined({
      response_id: stringOf(id),
      finish_reason: stringOf(fieldsOf(arrayOf(choices)[0])["finish_reason"]) ?? stringOf(status),
      usage,
      usageFlags: normalized?.flags,
    }),
  };
}

function assistant(content: unknown, toolCalls?: unknown[]): Record<string, unknown> {
  return defined({ role: "assistant", content, tool_calls: toolCalls });
}

/** Puts the chunks of a stream together. LlamaIndex's own end event keeps only the last of several tool calls. */
export class StreamedAnswer {
  #text = "";
  #cutChars = 0;
  #cutToolCalls = 0;
  #facts: Record<string, unknown> = {};
  #model: string | undefined;
  #usage: unknown;
  readonly #toolCalls = new Map<string, Record<string, unknown>>();

  /** True when the chunk shows something: text or a tool call. */
  accept(chunk: unknown): boolean {
    const { delta, text, raw, options } = fieldsOf(chunk);
    this.#acceptRaw(raw);
    let visible = false;
    const piece = stringOf(delta) ?? stringOf(text) ?? "";
    if (piece !== "" && isTextChunk(raw)) {
      this.#append(piece);
      visible = true;
    }
    for (const call of arrayOf(fieldsOf(options)["toolCall"])) {
      this.#takeToolCall(call);
      visible = true;
    }
    return visible;
  }

  attributes(): ObservationAttributes {
    const calls = [...this.#toolCalls.values()].map(describeToolCall);
    const { metadata, ...described } = describeRaw({ model: this.#model }, this.#usage);
    return {
      output: assistant(this.#text, calls.length > 0 ? calls : undefined),
      ...described,
      metadata: defined({
        ...metadata,
        ...this.#facts,
        cutChars: positive(this.#cutChars),
        cutToolCalls: positive(this.#cutToolCalls),
      }),
    };
  }

  #append(piece: string): void {
    const kept = piece.slice(0, MAX_STREAM_CHARS - this.#text.length);
    this.#text += kept;
    this.#cutChars += piece.length - kept.length;
  }

  /** Parts of a call come under its id, each with all that came before; the last one is the call. */
  #takeToolCall(call: unknown): void {
    const { id, name, input } = fieldsOf(call);
    const key = stringOf(id) ?? stringOf(name) ?? "";
    if (!this.#toolCalls.has(key) && this.#toolCalls.size >= MAX_TOOL_CALLS) this.#cutToolCalls += 1;
    else this.#toolCalls.set(key, { id, name, input });
  }

  #acceptRaw(raw: unknown): void {
    if (!isObject(raw)) return;
    // The events of OpenAI's responses carry the response; chunks of the chat APIs are what they say.
    const body = isObject(raw["response"]) ? raw["response"] : raw;
    const { model, modelVersion, id, choices } = body;
    this.#model = stringOf(model) ?? stringOf(modelVersion) ?? this.#model;
    const finish = stringOf(fieldsOf(arrayOf(choices)[0])["finish_reason"]);
    if (finish !== undefined) this.#facts["finish_reason"] = finish;
    if (typeof id === "string" && this.#facts["response_id"] === undefined) this.#facts["response_id"] = id;
    const usage = findUsage(body);
    if (isObject(usage)) this.#usage = copyCounts(usage);
  }
}

/** LlamaIndex repeats the last delta of OpenAI's responses with every event that follows; only the text's own event counts. */
function isTextChunk(raw: unknown): boolean {
  const type = stringOf(fieldsOf(raw)["type"]);
  return type === undefined || !type.startsWith("response.") || type === "response.output_text.delta";
}

/** A chunk is the caller's, who may change it. Usage is an object of numbers, with details one level down. */
function copyCounts(usage: object): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(usage)) out[key] = isObject(value) ? { ...value } : value;
  return out;
}
