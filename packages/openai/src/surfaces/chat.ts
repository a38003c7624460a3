import { findUsage } from "@spanwise/core/adapter";
import { accumulateChat, emptyChat, isVisibleChunk, messageOf, type ChatState } from "../accumulate-chat.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import { describeParameters, pick, type DescribedRequest } from "../request.ts";
import { finishReasons, modelOf, single, usageOf, type DescribedResponse } from "../response.ts";
import { counted } from "../stream-budget.ts";
import type { StreamAccumulator, Surface } from "../surface.ts";
import { withoutCredentials } from "../tools/credentials.ts";

/** What is not listed is recorded as input, or not at all. */
const PARAMETERS = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "reasoning",
  "thinking",
  "enable_thinking",
  "verbosity",
  "seed",
  "n",
  "stop",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "parallel_tool_calls",
  "service_tier",
  "store",
  "prediction",
  "modalities",
  "audio",
  "web_search_options",
  "prompt_cache_key",
  "prompt_cache_retention",
] as const;

/** What shapes the answer beside the messages; shown with them. */
const INPUT_FIELDS = ["tools", "tool_choice", "functions", "function_call", "response_format"] as const;

/** `chat.completions.create`. */
export const chatCompletions: Surface = {
  name: "chat.completions",
  type: "generation",
  usageOnWish: true,
  describeRequest: describeChatRequest,
  describeResult: describeChatResponse,
  createStream: createChatStream,
};

/** The messages alone, or with tools and schema as `{ messages, tools, ... }`. */
function describeChatRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  const beside = pick(fields, INPUT_FIELDS);
  // Some hosts take the tools of the Responses API.
  if ("tools" in beside) beside["tools"] = withoutCredentials(beside["tools"]);
  const messages = fields["messages"];
  return {
    model: stringOf(fields["model"]),
    input: !captureInput ? undefined : Object.keys(beside).length > 0 ? { messages, ...beside } : messages,
    modelParameters: describeParameters(fields, PARAMETERS, captureInput),
    metadata: defined({
      requestMetadata: (captureInput && fields["metadata"]) || undefined,
      user: (captureInput && (fields["user"] ?? fields["safety_identifier"])) || undefined,
      stream: fields["stream"] === true || undefined,
    }),
  };
}

/** An answer that was not streamed. A body of another shape is recorded as it is. */
function describeChatResponse(body: unknown): DescribedResponse {
  if (!isFields(body) || !Array.isArray(body["choices"])) {
    return { output: body, ...modelOf(stringOf(fieldsOf(body)["model"])), ...usageOf(findUsage(body), {}) };
  }
  const choices = arrayOf(body["choices"]).filter(isFields);
  const metadata: Record<string, unknown> = { response_id: stringOf(body["id"]) };
  Object.assign(metadata, finishReasons(choices.map((choice) => stringOf(choice["finish_reason"]))));
  metadata["system_fingerprint"] = stringOf(body["system_fingerprint"]);
  metadata["service_tier"] = stringOf(body["service_tier"]);
  const described: DescribedResponse = usageOf(findUsage(body), metadata);
  described.output = single(choices.map(recordedMessage));
  const model = stringOf(body["model"]);
  // Hosts that do not say it send an empty one.
  if (model) described.model = model;
  return described;
}

/** What has come of a stream, at its end or where it broke off. */
export function describeChatStream(state: ChatState): DescribedResponse {
  const choices = [...state.choices.entries()].toSorted(([a], [b]) => a - b).map(([, choice]) => choice);
  const metadata: Record<string, unknown> = { response_id: state.id };
  Object.assign(metadata, finishReasons(choices.map((choice) => choice.finishReason)));
  metadata["system_fingerprint"] = state.systemFingerprint;
  metadata["service_tier"] = state.serviceTier;
  metadata["cutChars"] = counted(state.budget.cutChars);
  metadata["cutNodes"] = counted(state.budget.cutNodes);
  const described: DescribedResponse = usageOf(state.usage, metadata);
  if (choices.length > 0) described.output = single(choices.map(messageOf));
  if (state.model) described.model = state.model;
  return described;
}

function createChatStream(): StreamAccumulator {
  const state = emptyChat();
  return {
    accept: (chunk) => void accumulateChat(state, chunk),
    isVisible: isVisibleChunk,
    describe: () => describeChatStream(state),
    /** Every choice that began has said why it ended. */
    get finished() {
      return (
        state.choices.size > 0 && [...state.choices.values()].every(({ finishReason }) => finishReason !== undefined)
      );
    },
  };
}

/** The message without the empty fields that say nothing, and with the log probabilities where they were asked for. */
function recordedMessage({ message, logprobs }: Fields): unknown {
  if (!isFields(message)) return message;
  const recorded: Record<string, unknown> = {};
  for (const key of Object.keys(message)) {
    const value = message[key];
    const isEmpty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
    if (key === "content" || !isEmpty) recorded[key] = value;
  }
  const tokens = Object.entries(fieldsOf(logprobs)).filter(([, list]) => arrayOf(list).length > 0);
  if (tokens.length > 0) recorded["logprobs"] = Object.fromEntries(tokens);
  return recorded;
}
