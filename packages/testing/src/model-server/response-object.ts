import { asNumber, asObject, asObjects } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Choice, TokenUsage } from "./generate.ts";
import { alphanumericId, hexId } from "./ids.ts";
import { answeringModel, isReasoningModel } from "./model-names.ts";

/** The response object as it is when it starts; the rest is filled in at its end. */
export function newResponse(body: JsonObject, model: string, createdAt: number, status: string): JsonObject {
  const reasoning = asObject(body["reasoning"]);
  const text = asObject(body["text"]);
  return {
    id: hexId("resp_", 25),
    object: "response",
    created_at: createdAt,
    status,
    background: body["background"] === true,
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    max_tool_calls: body["max_tool_calls"] ?? null,
    model: answeringModel(model),
    output: [],
    parallel_tool_calls: body["parallel_tool_calls"] !== false,
    presence_penalty: 0,
    previous_response_id: body["previous_response_id"] ?? null,
    prompt_cache_key: body["prompt_cache_key"] ?? null,
    prompt_cache_retention: "in_memory",
    reasoning: {
      effort: reasoning["effort"] ?? (isReasoningModel(model) ? "medium" : null),
      summary: reasoning["summary"] ?? null,
    },
    safety_identifier: body["safety_identifier"] ?? null,
    service_tier: status === "in_progress" || status === "completed" ? "default" : "auto",
    store: body["store"] !== false,
    temperature: asNumber(body["temperature"]) ?? 1,
    text: { format: formatOf(asObject(text["format"])), verbosity: text["verbosity"] ?? "medium" },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: asObjects(body["tools"]).map((tool) => (tool["type"] === "function" ? { strict: true, ...tool } : tool)),
    top_logprobs: asNumber(body["top_logprobs"]) ?? 0,
    top_p: asNumber(body["top_p"]) ?? 1,
    truncation: body["truncation"] ?? "disabled",
    usage: null,
    user: body["user"] ?? null,
    metadata: body["metadata"] ?? {},
  };
}

function formatOf(format: JsonObject): JsonObject {
  if (format["type"] === "json_schema") return { description: null, ...format };
  return { type: "text", ...format };
}

export function finished(
  response: JsonObject,
  output: JsonObject[],
  choice: Choice,
  usage: TokenUsage,
  completedAt: number,
): JsonObject {
  const isIncomplete = choice.finishReason === "length";
  return {
    ...response,
    status: isIncomplete ? "incomplete" : "completed",
    completed_at: isIncomplete ? null : completedAt,
    incomplete_details: isIncomplete ? { reason: "max_output_tokens" } : null,
    service_tier: "default",
    output,
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning },
      total_tokens: usage.input + usage.output,
    },
  };
}

/** Reasoning first where the model reasons, then calls or the message. */
export function outputItems(choice: Choice, model: string): JsonObject[] {
  const items: JsonObject[] = isReasoningModel(model) ? [{ id: hexId("rs_", 25), type: "reasoning", summary: [] }] : [];
  for (const call of choice.toolCalls) {
    items.push({
      id: hexId("fc_", 25),
      type: "function_call",
      status: "completed",
      arguments: call.arguments,
      call_id: alphanumericId("call_", 24),
      name: call.name,
    });
  }
  if (choice.toolCalls.length > 0) return items;
  const part =
    choice.refusal === undefined
      ? { type: "output_text", annotations: [], logprobs: [], text: choice.text }
      : { type: "refusal", refusal: choice.refusal };
  items.push({
    id: hexId("msg_", 25),
    type: "message",
    status: choice.finishReason === "length" ? "incomplete" : "completed",
    content: [part],
    role: "assistant",
  });
  return items;
}
