import type { JsonObject } from "../json.ts";
import { readChatRequest } from "./chat-request.ts";
import type { ChatRequest } from "./chat-request.ts";
import { generate } from "./generate.ts";
import type { Choice, Generation, TokenUsage } from "./generate.ts";
import { alphanumericId, hash32, nowSeconds, obfuscation } from "./ids.ts";
import { answeringModel, isReasoningModel, standInFingerprint } from "./model-names.ts";
import type { Reply, StreamEvent } from "./reply.ts";
import type { RouteContext } from "./route-context.ts";

/** `POST /v1/chat/completions`. */
export async function chat(body: JsonObject, { cache, scripted }: RouteContext): Promise<Reply> {
  const request = readChatRequest(body);
  const generation = await generate(
    request.prompt,
    request.imageCount,
    { choices: request.choices, maxTokens: request.maxTokens, stop: request.stop, scripted },
    cache,
  );
  const head = {
    id: alphanumericId("chatcmpl-", 29),
    created: nowSeconds(),
    model: answeringModel(request.prompt.model),
  };
  if (request.stream) {
    return {
      kind: "stream",
      events: chunks(head, request, generation),
      endsWithDone: true,
      errorEvent: (error) => [{ data: error }],
    };
  }
  return {
    kind: "json",
    status: 200,
    body: {
      id: head.id,
      object: "chat.completion",
      created: head.created,
      model: head.model,
      choices: generation.choices.map((choice, index) => ({
        index,
        message: {
          role: "assistant",
          content: choice.toolCalls.length > 0 || choice.refusal !== undefined ? null : choice.text,
          ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls.map((call) => toolCall(call)) } : {}),
          refusal: choice.refusal ?? null,
          annotations: [],
        },
        ...logprobsField(request, choice.pieces),
        finish_reason: choice.finishReason,
      })),
      usage: chatUsage(generation.usage),
      service_tier: "default",
      system_fingerprint: standInFingerprint,
    },
  };
}

export function chatUsage({ input, cached, output, reasoning }: TokenUsage): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function toolCall(call: { name: string; arguments: string }): JsonObject {
  return {
    id: alphanumericId("call_", 24),
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  };
}

/** Role, then token by token, then the finish reason; the chunks of several choices take turns. */
function chunks(
  head: { id: string; created: number; model: string },
  request: ChatRequest,
  generation: Generation,
): StreamEvent[] {
  const chunk = (choices: unknown[], usage: unknown): StreamEvent => ({
    data: {
      id: head.id,
      object: "chat.completion.chunk",
      created: head.created,
      model: head.model,
      service_tier: "default",
      system_fingerprint: standInFingerprint,
      choices,
      // Every chunk says `usage: null` where usage was asked for, and none mentions it otherwise.
      ...(request.includeUsage ? { usage } : {}),
      ...(request.obfuscate ? { obfuscation: obfuscation() } : {}),
    },
  });
  const perChoice = generation.choices.map((choice, index) =>
    deltas(choice).map(({ delta, piece }, position, all) => ({
      index,
      delta,
      ...(piece === undefined
        ? isReasoningModel(head.model)
          ? {}
          : { logprobs: null }
        : logprobsField(request, [piece])),
      finish_reason: position === all.length - 1 ? choice.finishReason : null,
    })),
  );
  const events: StreamEvent[] = [];
  const longest = Math.max(...perChoice.map((list) => list.length));
  for (let step = 0; step < longest; step += 1) {
    for (const list of perChoice) if (list[step] !== undefined) events.push(chunk([list[step]], null));
  }
  if (request.includeUsage) events.push(chunk([], chatUsage(generation.usage)));
  return events;
}

/** The last one is empty and carries the finish reason. */
function deltas(choice: Choice): { delta: JsonObject; piece?: string }[] {
  if (choice.refusal !== undefined) {
    return [
      { delta: { role: "assistant", content: null, refusal: "" } },
      { delta: { refusal: choice.refusal } },
      { delta: {} },
    ];
  }
  if (choice.toolCalls.length === 0) {
    return [
      { delta: { role: "assistant", content: "", refusal: null } },
      ...choice.pieces.map((piece) => ({ delta: { content: piece }, piece })),
      { delta: {} },
    ];
  }
  const openings = choice.toolCalls.map((call, index) => ({ index, ...toolCall({ name: call.name, arguments: "" }) }));
  const isSingle = openings.length === 1;
  const out: { delta: JsonObject }[] = [
    { delta: { role: "assistant", content: null, ...(isSingle ? { tool_calls: openings } : {}), refusal: null } },
  ];
  for (const [index, opening] of openings.entries()) {
    if (!isSingle) out.push({ delta: { tool_calls: [opening] } });
    for (const piece of choice.argumentPieces[index] ?? []) {
      out.push({ delta: { tool_calls: [{ index, function: { arguments: piece } }] } });
    }
  }
  return [...out, { delta: {} }];
}

/** Reasoning models leave the field out. Figures are made from the token, since nothing is sampled here. */
function logprobsField(request: ChatRequest, pieces: readonly string[]): JsonObject {
  if (isReasoningModel(request.prompt.model)) return {};
  if (!request.logprobs) return { logprobs: null };
  const content = pieces.map((token) => {
    const entry = { token, logprob: -(hash32(token) % 10_000) / 10_000, bytes: [...Buffer.from(token)] };
    const alternatives = Array.from({ length: request.topLogprobs }, (_, rank) =>
      rank === 0
        ? entry
        : {
            ...entry,
            token: `${token}${rank}`,
            bytes: [...Buffer.from(`${token}${rank}`)],
            logprob: entry.logprob - rank,
          },
    );
    return { ...entry, top_logprobs: alternatives };
  });
  return { logprobs: { content, refusal: null } };
}
