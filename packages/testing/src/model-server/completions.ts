import { asNumber, asObject, asString, asStrings } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { ApiError } from "./api-error.ts";
import { generate } from "./generate.ts";
import type { TokenUsage } from "./generate.ts";
import { alphanumericId, nowSeconds } from "./ids.ts";
import { answeringModel } from "./model-names.ts";
import type { Reply, StreamEvent } from "./reply.ts";
import type { RouteContext } from "./route-context.ts";

/** OpenAI's default for this endpoint. */
const defaultMaxTokens = 16;

/** `POST /v1/completions`, the legacy endpoint. Several prompts give several choices, `n` each. */
export async function completions(body: JsonObject, { cache, scripted }: RouteContext): Promise<Reply> {
  const requested = asString(body["model"]);
  if (requested === "") throw new ApiError(400, { message: "you must provide a model parameter" });
  const prompts = typeof body["prompt"] === "string" ? [body["prompt"]] : asStrings(body["prompt"]);
  const total: TokenUsage = { input: 0, cached: 0, output: 0, reasoning: 0 };
  const choices = [];
  for (const text of prompts.length === 0 ? [""] : prompts) {
    const { choices: own, usage } = await generate(
      {
        model: requested,
        turns: [{ role: "user", text, calls: new Map(), callId: undefined }],
        tools: [],
        toolChoice: "none",
        allowsParallelTools: false,
        format: { type: "text" },
      },
      0,
      {
        choices: asNumber(body["n"]) ?? 1,
        maxTokens: asNumber(body["max_tokens"]) ?? defaultMaxTokens,
        stop: typeof body["stop"] === "string" ? [body["stop"]] : asStrings(body["stop"]),
        scripted,
      },
      cache,
    );
    choices.push(...own);
    total.input += usage.input;
    total.output += usage.output;
  }
  const usage = {
    prompt_tokens: total.input,
    completion_tokens: total.output,
    total_tokens: total.input + total.output,
  };
  const head = { id: alphanumericId("cmpl-", 29), object: "text_completion", created: nowSeconds() };
  const model = answeringModel(requested);
  if (body["stream"] !== true) {
    return {
      kind: "json",
      status: 200,
      body: {
        ...head,
        model,
        choices: choices.map(({ text, finishReason }, index) => ({
          text,
          index,
          logprobs: null,
          finish_reason: finishReason,
        })),
        usage,
      },
    };
  }
  const includeUsage = asObject(body["stream_options"])["include_usage"] === true;
  const withUsage = includeUsage ? { usage: null } : {};
  const events = choices.flatMap(({ pieces, finishReason }, index): StreamEvent[] =>
    (pieces.length === 0 ? [""] : pieces).map((text, at) => ({
      data: {
        ...head,
        choices: [{ text, index, logprobs: null, finish_reason: at >= pieces.length - 1 ? finishReason : null }],
        model,
        ...withUsage,
      },
    })),
  );
  if (includeUsage) events.push({ data: { ...head, model, usage, choices: [] } });
  return { kind: "stream", events, endsWithDone: true, errorEvent: (error) => [{ data: error }] };
}
