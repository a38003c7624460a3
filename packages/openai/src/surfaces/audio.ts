import { findUsage } from "@spanwise/core/adapter";
import { describeFailure } from "../accumulate-responses.ts";
import { copyJson, takeText } from "../copy-json.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import { describeParameters, pick, type DescribedRequest } from "../request.ts";
import { modelOf, usageOf, type DescribedResponse, type Failure } from "../response.ts";
import type { StreamAccumulator, Surface } from "../surface.ts";
import { copyUsage, counted, createBudget } from "../stream-budget.ts";
import { describeUploads } from "./upload.ts";

/** Segments, words and token log probabilities kept of one transcript, each. What comes after is counted. */
export const MAX_TRANSCRIPT_ITEMS = 4_096;

const TRANSCRIPT_PARAMETERS = [
  "language",
  "response_format",
  "temperature",
  "timestamp_granularities",
  "chunking_strategy",
  "include",
] as const;
const SPEECH_PARAMETERS = ["voice", "response_format", "speed", "stream_format"] as const;

/** What the caller wrote for the model beside the sound. References of speakers are data URIs. */
const HINTS = ["prompt", "known_speaker_names", "known_speaker_references"] as const;

/** What a transcript may have beside its text. */
const LISTS = ["segments", "words", "logprobs"] as const;

/** `audio.transcriptions.create` and `audio.translations.create`. */
export const transcriptions: Surface = {
  name: "audio.transcriptions",
  type: "generation",
  describeRequest: describeTranscriptRequest,
  describeResult: describeTranscript,
  createStream: createTranscriptStream,
};
export const translations: Surface = {
  name: "audio.translations",
  type: "generation",
  describeRequest: describeTranscriptRequest,
  describeResult: describeTranscript,
};

/** `audio.speech.create`. The sound is never read. */
export const speech: Surface = {
  name: "audio.speech",
  type: "generation",
  describeRequest: describeSpeechRequest,
  describeResult: describeSpeech,
};

/** `{ file, prompt }`, the file described. */
function describeTranscriptRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  return {
    model: stringOf(fields["model"]),
    input: captureInput ? { ...describeUploads(fields, ["file"]), ...pick(fields, HINTS) } : undefined,
    modelParameters: describeParameters(fields, TRANSCRIPT_PARAMETERS, captureInput),
    metadata: defined({ stream: fields["stream"] === true || undefined }),
  };
}

/** The text, also of `srt` and `vtt`, or `{ text, language, duration, segments, words, logprobs }` of what there is. */
function describeTranscript(result: unknown): DescribedResponse {
  if (!isFields(result) || typeof result["text"] !== "string") {
    return { output: result, ...usageOf(findUsage(result), {}) };
  }
  const lists = LISTS.map((name) => [name, arrayOf(result[name])] as const).filter(([, items]) => items.length > 0);
  const kept = lists.map(([name, items]) => [name, items.slice(0, MAX_TRANSCRIPT_ITEMS).map(itemOf)] as const);
  const cut = lists.reduce((sum, [, items]) => sum + Math.max(0, items.length - MAX_TRANSCRIPT_ITEMS), 0);
  return {
    output: textOrMore(result["text"], { ...pick(result, ["language", "duration"]), ...Object.fromEntries(kept) }),
    ...modelOf(stringOf(result["model"])),
    ...usageOf(findUsage(result), {
      finish_reason: stringOf(result["finish_reason"]),
      cutItems: counted(cut),
    }),
  };
}

/** A copy, without the token ids of a segment, which nobody can read. */
function itemOf(item: unknown): unknown {
  if (!isFields(item)) return item;
  const { tokens: _tokens, ...rest } = item;
  return rest;
}

function textOrMore(text: string, more: Record<string, unknown>): unknown {
  return Object.keys(more).length > 0 ? { text, ...more } : text;
}

function createTranscriptStream(): StreamAccumulator {
  const textBudget = createBudget();
  const itemBudget = createBudget();
  const lists: Record<"segments" | "logprobs", unknown[]> = { segments: [], logprobs: [] };
  let text = "";
  let model: string | undefined;
  let usage: unknown;
  let finishReason: string | undefined;
  let isDone = false;
  let cutItems = 0;
  let failure: Failure | undefined;

  function keep(name: keyof typeof lists, items: readonly unknown[]): void {
    const taken = items.slice(0, MAX_TRANSCRIPT_ITEMS - lists[name].length);
    lists[name].push(...taken.map((item) => copyJson(item, itemBudget)));
    cutItems += items.length - taken.length;
  }

  function accept(event: unknown): void {
    if (!isFields(event)) return;
    usage = copyUsage(event) ?? usage;
    model = stringOf(event["model"]) || model;
    switch (event["type"]) {
      case "transcript.text.segment": {
        const { type: _type, ...segment } = event;
        return keep("segments", [segment]);
      }
      case "transcript.text.done":
        isDone = true;
        // It repeats the whole: what the deltas lacked is in it.
        textBudget.chars += text.length;
        textBudget.cutChars = 0;
        text = takeText(stringOf(event["text"]) ?? text, textBudget);
        if (lists.logprobs.length === 0) keep("logprobs", arrayOf(event["logprobs"]));
        return;
      case "error":
        failure ??= describeFailure(event);
        return;
      default: {
        text += takeText(deltaOf(event), textBudget);
        keep("logprobs", arrayOf(event["logprobs"]));
        finishReason = stringOf(choiceOf(event)["finish_reason"]) ?? finishReason;
      }
    }
  }

  return {
    accept,
    isVisible: (event) =>
      isFields(event) && (deltaOf(event) !== "" || (isTranscriptEvent(event) && Boolean(stringOf(event["text"])))),
    describe() {
      const more = Object.fromEntries(Object.entries(lists).filter(([, items]) => items.length > 0));
      const hasOutput = isDone || text !== "" || Object.keys(more).length > 0;
      return {
        ...(hasOutput && { output: textOrMore(text, more) }),
        ...modelOf(model),
        ...usageOf(usage, {
          finish_reason: finishReason,
          cutChars: counted(textBudget.cutChars),
          cutItems: counted(cutItems + itemBudget.cutNodes),
        }),
      };
    },
    get finished() {
      return isDone || finishReason !== undefined;
    },
    get failure() {
      return failure;
    },
  };
}

function isTranscriptEvent(event: Fields): boolean {
  return event["type"] === "transcript.text.segment" || event["type"] === "transcript.text.done";
}

/** vLLM streams a transcript in the chunks of a chat completion. */
function deltaOf(event: Fields): string {
  return stringOf(event["delta"]) ?? stringOf(fieldsOf(choiceOf(event)["delta"])["content"]) ?? "";
}

function choiceOf(event: Fields): Fields {
  return fieldsOf(arrayOf(event["choices"])[0]);
}

/** The text alone, or `{ input, instructions }`. */
function describeSpeechRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  const text = fields["input"];
  const instructions = fields["instructions"] ?? undefined;
  return {
    model: stringOf(fields["model"]),
    input: !captureInput ? undefined : instructions === undefined ? text : { input: text, instructions },
    modelParameters: describeParameters(fields, SPEECH_PARAMETERS, captureInput),
    metadata: {},
  };
}

/** The type of the sound alone: its body is the caller's to read. */
function describeSpeech(result: unknown): DescribedResponse {
  const headers = fieldsOf(result)["headers"];
  const get = isFields(headers) && typeof headers["get"] === "function" ? (headers as unknown as Headers) : undefined;
  return { metadata: defined({ contentType: get?.get("content-type") ?? undefined }) };
}
