import { arrayOf, defined, fieldsOf, isFields, textOf, type Fields } from "./fields.ts";
import { toolCall } from "./messages.ts";
import { StreamedUsage } from "./streamed-usage.ts";

/** Of each answer; what comes after is counted only. */
const MAX_CHARS = 1_000_000;
/** Tool calls of one answer that are put together. */
const MAX_CALLS = 128;

interface StreamedCall {
  id: unknown;
  name: string;
  args: string;
}

/** What has come of a streamed answer, for the case that its end is never told. The first choice only. */
export class StreamedText {
  #text = "";
  #reasoning = "";
  #cutChars = 0;
  readonly #calls = new Map<unknown, StreamedCall>();
  readonly usage: StreamedUsage;
  /** Epoch milliseconds of the first and last piece that a reader would see. */
  firstMs: number | undefined;
  lastMs: number | undefined;
  /** The last one again, of `performance.now()`: how long ago that was is no matter of the wall clock. */
  #lastAt = 0;

  /** `countsSoFar`: each piece tells the output tokens so far, as Anthropic's do. */
  constructor({ countsSoFar = false }: { countsSoFar?: boolean } = {}) {
    this.usage = new StreamedUsage(countsSoFar);
  }

  /** A token callback. Empty pieces (the role, the end) are no token. */
  acceptToken(token: unknown, chunk: unknown, atMs: number): void {
    const message = fieldsOf(fieldsOf(chunk)["message"]);
    const text = textOf(token) ?? textOf(message["content"]) ?? "";
    let seen = text !== "";
    this.#text += this.#bounded(this.#text, text);
    for (const part of arrayOf(message["content"])) {
      const { type, thinking, reasoning } = fieldsOf(part);
      if (type !== "thinking" && type !== "reasoning") continue;
      seen = this.#reason(textOf(thinking) ?? textOf(reasoning)) || seen;
    }
    seen = this.#reason(textOf(fieldsOf(message["additional_kwargs"])["reasoning_content"])) || seen;
    for (const call of arrayOf(message["tool_call_chunks"])) {
      const { index, id, name, args } = fieldsOf(call);
      seen = this.#call(index ?? id, { id, name, args }) || seen;
    }
    if (seen) this.#mark(atMs);
    const { usage_metadata: usage } = message;
    if (isFields(usage)) this.usage.add(usage, fieldsOf(message["response_metadata"]));
  }

  /** An event of a model that streams content blocks (LangGraph's `streamEvents` version 3). */
  acceptEvent(event: unknown, atMs: number): void {
    const { event: kind, index, content, delta, usage } = fieldsOf(event);
    let seen = false;
    if (kind === "content-block-start") {
      const block = fieldsOf(content);
      if (isCallType(block["type"])) seen = this.#call(index, block);
      else seen = this.#say(textOf(block["text"])) || this.#reason(textOf(block["reasoning"]));
    } else if (kind === "content-block-delta") seen = this.#delta(index, fieldsOf(delta));
    if (seen) this.#mark(atMs);
    // Of the message's start, of its end, and of events of its own.
    if (isFields(usage)) this.usage.replace(usage);
  }

  #delta(index: unknown, delta: Fields): boolean {
    switch (delta["type"]) {
      case "text-delta":
        return this.#say(textOf(delta["text"]));
      case "reasoning-delta":
        return this.#reason(textOf(delta["reasoning"]));
      case "tool-call-delta":
        return this.#call(index, { args: delta["args"] });
      case "block-delta": {
        // Arguments come as what they are so far.
        const fields = fieldsOf(delta["fields"]);
        if (!isCallType(fields["type"])) return false;
        const known = this.#calls.get(index);
        if (known && typeof fields["args"] === "string") known.args = "";
        return this.#call(index, fields);
      }
      default:
        return delta["type"] === "data-delta";
    }
  }

  #say(text: string | undefined): boolean {
    if (text === undefined) return false;
    this.#text += this.#bounded(this.#text, text);
    return true;
  }

  #reason(text: string | undefined): boolean {
    if (text === undefined) return false;
    this.#reasoning += this.#bounded(this.#reasoning, text);
    return true;
  }

  #call(key: unknown, { id, name, args }: Fields): boolean {
    let call = this.#calls.get(key);
    if (!call) {
      if (this.#calls.size >= MAX_CALLS) return true;
      this.#calls.set(key, (call = { id: undefined, name: "", args: "" }));
    }
    call.id ??= id;
    if (call.name === "") call.name = textOf(name) ?? "";
    const text = typeof args === "string" ? args : "";
    call.args += this.#bounded(call.args, text);
    return true;
  }

  #bounded(soFar: string, text: string): string {
    const fits = text.slice(0, Math.max(0, MAX_CHARS - soFar.length));
    this.#cutChars += text.length - fits.length;
    return fits;
  }

  #mark(atMs: number): void {
    this.firstMs ??= atMs;
    this.lastMs = atMs;
    this.#lastAt = performance.now();
  }

  /** Milliseconds since the last piece that a reader would see. */
  get quietMs(): number {
    return this.lastMs === undefined ? 0 : performance.now() - this.#lastAt;
  }

  /** The answer as far as it has come; undefined where nothing has. */
  describe(): Record<string, unknown> | undefined {
    if (this.#text === "" && this.#reasoning === "" && this.#calls.size === 0) return undefined;
    return defined({
      role: "assistant",
      content: this.#text,
      tool_calls:
        this.#calls.size === 0
          ? undefined
          : [...this.#calls.values()].map(({ id, name, args }) => toolCall(id, name, args)),
      reasoning_content: textOf(this.#reasoning),
    });
  }

  /** Characters over the bound, for the metadata. */
  get cutChars(): number | undefined {
    return this.#cutChars > 0 ? this.#cutChars : undefined;
  }
}

function isCallType(type: unknown): boolean {
  return typeof type === "string" && (type.startsWith("tool_call") || type.startsWith("server_tool_call"));
}
