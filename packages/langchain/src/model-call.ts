import type { ObservationAttributes } from "@spanwise/core";
import { normalizeUsage } from "@spanwise/core/adapter";
import { providerUsage, withCacheInInput } from "./cache-usage.ts";
import { arrayOf, defined, fieldsOf, firstText, isFields, textOf, type Fields } from "./fields.ts";
import { describeMessage, isMessage } from "./messages.ts";
import { describeParameters } from "./model-parameters.ts";
import { providerNamed } from "./provider.ts";
import { describeValue } from "./values.ts";

/** What a chat model or an LLM was asked. `serialized` names the class; its `kwargs` are never read. */
export function describeModelRequest(
  serialized: unknown,
  prompts: unknown,
  extraParams: unknown,
  metadata: Fields,
  captureInput: boolean,
): ObservationAttributes {
  const params = fieldsOf(fieldsOf(extraParams)["invocation_params"]);
  return {
    model: firstText(
      params["model"],
      params["model_name"],
      params["modelName"],
      params["model_id"],
      metadata["ls_model_name"],
    ),
    provider: providerOf(serialized, metadata),
    modelParameters: describeParameters(params, metadata, captureInput),
    input: captureInput ? describeInput(prompts, params) : undefined,
  };
}

/** The messages alone, or with tools and schema as `{ messages, tools, ... }`. */
function describeInput(prompts: unknown, params: Fields): unknown {
  const given = arrayOf(prompts);
  const messages = given.length === 1 ? describeValue(given[0]) : describeValue(given);
  const beside = defined({
    tools: nonEmpty(params["tools"]) ?? nonEmpty(params["functions"]) ?? fieldsOf(params["toolConfig"])["tools"],
    tool_choice: params["tool_choice"] ?? fieldsOf(params["toolConfig"])["toolChoice"] ?? undefined,
    response_format: params["response_format"] ?? fieldsOf(params["text"])["format"] ?? params["format"] ?? undefined,
  });
  return Object.keys(beside).length > 0 ? { messages, ...beside } : messages;
}

function nonEmpty(value: unknown): unknown {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

function providerOf(serialized: unknown, metadata: Fields): string | undefined {
  const told = textOf(metadata["ls_provider"]);
  // `["langchain", "llms", "openai", "OpenAI"]`: a text LLM tells no provider.
  const id = arrayOf(fieldsOf(serialized)["id"]);
  return providerNamed(told ?? (id.length > 3 ? textOf(id.at(-2)) : undefined) ?? "");
}

export interface ResultFacts {
  /** It came out of LangChain's cache, and no tokens were spent. */
  isCached?: boolean | undefined;
  captureOutput?: boolean | undefined;
  /** How many of the output tokens that a stream's pieces add up to were counted twice. */
  countedTwice?: ((outputTokens: number) => number) | undefined;
}

/** What came of a model call: an `LLMResult`. */
export function describeModelResult(
  result: unknown,
  { isCached = false, captureOutput = true, countedTwice }: ResultFacts = {},
): ObservationAttributes {
  const fields = fieldsOf(result);
  // One list for each prompt; LangChain tells of each prompt by itself.
  const generations = arrayOf(arrayOf(fields["generations"])[0]).filter(isFields);
  const first = fieldsOf(generations[0]);
  const message = fieldsOf(first["message"]);
  const response = fieldsOf(message["response_metadata"]);
  const told = countedTwice ? withoutRepeats(message, countedTwice) : message;
  const usage = isCached ? undefined : usageOf(told, fieldsOf(fields["llmOutput"]), response);
  const model = answeredModel(response, fieldsOf(first["generationInfo"]), fieldsOf(message["additional_kwargs"]));
  const reasons = generations.map(finishReasonOf);
  const output = captureOutput && generations.length > 0 ? generations.map(describeGeneration) : undefined;
  return {
    output: output?.length === 1 ? output[0] : output,
    model,
    usageDetails: usage?.usageDetails,
    costDetails: usage?.costDetails,
    metadata: defined({
      finish_reasons: reasons.length > 1 ? reasons.map((reason) => reason ?? null) : undefined,
      finish_reason: reasons.length > 1 ? undefined : reasons[0],
      response_id: isCached ? undefined : firstText(response["id"], providerId(message["id"])),
      usage: usage?.raw,
      usageFlags: usage?.flags,
      usageEstimated: usage?.estimated,
      cached: isCached || undefined,
      system_fingerprint: textOf(response["system_fingerprint"]),
      service_tier: textOf(response["service_tier"]),
    }),
  };
}

function describeGeneration(generation: Fields): unknown {
  const { message, text } = generation;
  return isMessage(message) ? describeMessage(message) : text;
}

/** LangChain makes up ids for messages of providers that give none. */
function providerId(id: unknown): string | undefined {
  const text = textOf(id);
  return text?.startsWith("run-") || text?.startsWith("lc_") ? undefined : text;
}

/** A name twice over is how a streamed Responses call comes out of LangChain's concatenation. */
function answeredModel(response: Fields, info: Fields, kwargs: Fields): string | undefined {
  const names = [
    response["model_name"],
    response["modelName"],
    response["model"],
    info["model_name"],
    response["modelId"],
    kwargs["model"],
  ];
  for (const name of names) if (typeof name === "string" && name !== "" && !isDoubled(name)) return name;
  return undefined;
}

function isDoubled(name: string): boolean {
  const half = name.length / 2;
  return Number.isInteger(half) && name.slice(0, half) === name.slice(half);
}

const FINISH_REASONS = ["finish_reason", "stop_reason", "finishReason", "stopReason", "done_reason"] as const;

function finishReasonOf(generation: Fields): string | undefined {
  const info = fieldsOf(generation["generationInfo"]);
  const message = fieldsOf(generation["message"]);
  const response = fieldsOf(message["response_metadata"]);
  // Where a streamed answer of Anthropic's has it.
  const kwargs = fieldsOf(message["additional_kwargs"]);
  for (const name of FINISH_REASONS) {
    const reason = firstText(response[name], info[name], kwargs[name]);
    if (reason !== undefined) return reason;
  }
  return firstText(
    // Bedrock's streams keep the event that says it.
    fieldsOf(response["messageStop"])["stopReason"],
    // The Responses API says how it ended by a status.
    fieldsOf(response["incomplete_details"])["reason"],
    response["status"],
  );
}

interface Usage {
  usageDetails: Record<string, number>;
  costDetails?: Record<string, number> | undefined;
  flags?: readonly string[] | undefined;
  raw: unknown;
  estimated?: true | undefined;
}

/** The first choice's: every choice repeats the whole request's. An estimate is taken where there is nothing else, and said. */
function usageOf(message: Fields, llmOutput: Fields, response: Fields): Usage | undefined {
  const own = providerUsage(response, llmOutput);
  const counted = withCacheInInput(message["usage_metadata"], own, "model_provider" in response);
  const given = [
    // It may have a cost, and counts that LangChain drops.
    isSameUsage(own, fieldsOf(counted)) ? own : counted,
    llmOutput["tokenUsage"],
    llmOutput["usage"],
    response["tokenUsage"],
    response["usage"],
    response["usageMetadata"],
    // Ollama's counts stand among the rest.
    "prompt_eval_count" in response ? pickOllama(response) : undefined,
  ];
  for (const raw of given) {
    const usage = tokensOf(raw);
    if (usage) return usage;
  }
  const estimate = tokensOf(llmOutput["estimatedTokenUsage"]);
  return estimate && { ...estimate, estimated: true };
}

/** In OpenAI's words: the others tell no total, or mean something else by the input. */
function isSameUsage(own: Fields, counted: Fields): boolean {
  return (
    own["prompt_tokens"] !== undefined &&
    own["prompt_tokens"] === counted["input_tokens"] &&
    own["completion_tokens"] === counted["output_tokens"] &&
    own["total_tokens"] === counted["total_tokens"]
  );
}

/** Usage that says something: nothing but zeros is how an absent one is told. */
export function tokensOf(raw: unknown): Usage | undefined {
  const usage = normalizeUsage(raw);
  if (!usage) return undefined;
  return Object.values(usage.usageDetails).some((count) => count > 0) ? usage : undefined;
}

function withoutRepeats(message: Fields, countedTwice: (outputTokens: number) => number): Fields {
  const usage = fieldsOf(message["usage_metadata"]);
  const { output_tokens: output, total_tokens: total } = usage;
  const repeated = typeof output === "number" ? countedTwice(output) : 0;
  if (repeated === 0 || typeof output !== "number" || typeof total !== "number") return message;
  return { usage_metadata: { ...usage, output_tokens: output - repeated, total_tokens: total - repeated } };
}

function pickOllama({ prompt_eval_count, eval_count }: Fields): Fields {
  return { prompt_eval_count, eval_count };
}
