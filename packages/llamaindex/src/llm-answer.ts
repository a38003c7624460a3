import type { ObservationAttributes } from "@spanwise/core";
import { normalizeUsage } from "@spanwise/core/adapter";
import { factsOf, type AnswerFacts } from "./answer-facts.ts";
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
  return { output, ...describeFacts(factsOf(raw)) };
}

function describeFacts({ model, id, finishReason, usage }: AnswerFacts): ObservationAttributes {
  const normalized = normalizeUsage(usage);
  return {
    ...(model !== undefined && { model }),
    ...(normalized && { usageDetails: normalized.usageDetails }),
    ...(normalized?.costDetails && { costDetails: normalized.costDetails }),
    metadata: defined({
      response_id: id,
      finish_reason: finishReason,
      usage,
      usageFlags: normalized?.flags,
    }),
  };
}

function assistant(content: unknown, toolCalls?: unknown[], reasoning?: string): Record<string, unknown> {
  return defined({ role: "assistant", content, reasoning_content: reasoning, tool_calls: toolCalls });
}

/** Puts the chunks of a stream together. LlamaIndex's own end event keeps only the last of several tool calls. */
export class StreamedAnswer {
  #text = "";
  #cutChars = 0;
  #cutToolCalls = 0;
  #reasoning = "";
  #facts: AnswerFacts = { model: undefined, id: undefined, finishReason: undefined, usage: undefined };
  readonly #toolCalls = new Map<string, Record<string, unknown>>();

  /** What a chunk, or an event of the API client below that became no chunk, says of the whole answer. A field, so that it can be handed on alone. */
  readonly hear = (raw: unknown): void => {
    if (!isObject(raw)) return;
    const { model, id, finishReason, usage } = factsOf(raw);
    this.#facts = {
      model: model ?? this.#facts.model,
      id: this.#facts.id ?? id,
      finishReason: finishReason ?? this.#facts.finishReason,
      // Anthropic counts the prompt in the first event and the answer in the last ones; others repeat all that they know.
      usage: isObject(usage) ? { ...fieldsOf(this.#facts.usage), ...copyCounts(usage) } : this.#facts.usage,
    };
  };

  /** True when the chunk shows something: text or a tool call. */
  accept(chunk: unknown): boolean {
    const { delta, text, raw, options } = fieldsOf(chunk);
    this.hear(raw);
    const piece = isTextChunk(raw) ? (stringOf(delta) ?? stringOf(text) ?? "") : "";
    const thought = stringOf(fieldsOf(options)["thinking"]) ?? "";
    this.#text += this.#keep(piece);
    this.#reasoning += this.#keep(thought);
    let visible = piece !== "" || thought !== "";
    for (const call of arrayOf(fieldsOf(options)["toolCall"])) {
      this.#takeToolCall(call);
      visible = true;
    }
    return visible;
  }

  attributes(): ObservationAttributes {
    const calls = [...this.#toolCalls.values()];
    const { metadata, ...described } = describeFacts(this.#facts);
    const message = assistant(this.#text, calls.length > 0 ? calls : undefined, this.#reasoning || undefined);
    // An answer that ends without a word is one; a stream that failed before the first is none.
    const { id, finishReason } = this.#facts;
    const isNothing = !this.#text && !this.#reasoning && calls.length === 0 && (id ?? finishReason) === undefined;
    return {
      ...(!isNothing && { output: message }),
      ...described,
      metadata: defined({
        ...metadata,
        cutChars: positive(this.#cutChars),
        cutToolCalls: positive(this.#cutToolCalls),
      }),
    };
  }

  #keep(piece: string): string {
    const kept = piece.slice(0, MAX_STREAM_CHARS - this.#text.length - this.#reasoning.length);
    this.#cutChars += piece.length - kept.length;
    return kept;
  }

  /** Parts of a call come under its id, each with all that came before; the last one is the call. */
  #takeToolCall(call: unknown): void {
    const { id, name } = fieldsOf(call);
    const key = stringOf(id) ?? stringOf(name) ?? "";
    if (!this.#toolCalls.has(key) && this.#toolCalls.size >= MAX_TOOL_CALLS) this.#cutToolCalls += 1;
    else this.#toolCalls.set(key, describeToolCall(call));
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
