import { answerPrompt } from "./answer/answer.ts";
import type { Answer, Prompt } from "./answer/prompt.ts";
import { isReasoningModel } from "./model-names.ts";
import type { PromptCache } from "./prompt-cache.ts";
import { tokenizerFor } from "./tokenizer.ts";

export interface GenerateOptions {
  choices: number;
  /** Tokens, reasoning included; `undefined` for no limit. */
  maxTokens: number | undefined;
  stop: readonly string[];
  /** A scripted answer in place of the stand-in's own. */
  scripted: Partial<Answer> | undefined;
}

export interface Choice extends Answer {
  finishReason: "stop" | "length" | "tool_calls";
  /** The text token by token. */
  pieces: string[];
  /** The arguments of each tool call, token by token. */
  argumentPieces: string[][];
}

export interface TokenUsage {
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

export interface Generation {
  choices: Choice[];
  usage: TokenUsage;
}

/** Reasoning tokens a reasoning model is said to have spent: a fixed figure per choice, since nothing reasons here. */
const reasoningTokensPerChoice = 64;
/** Per message, and once per prompt: the separators of OpenAI's chat format. */
const tokensPerMessage = 3;
const tokensPerToolCall = 7;
/** A low-detail image. */
export const imageTokens = 85;

export async function generate(
  prompt: Prompt,
  imageCount: number,
  options: GenerateOptions,
  cache: PromptCache,
): Promise<Generation> {
  const tokenizer = await tokenizerFor(prompt.model);
  const promptText = [
    ...prompt.tools.map((tool) => JSON.stringify(tool)),
    ...(prompt.format.type === "json_schema" ? [JSON.stringify(prompt.format.schema)] : []),
    ...prompt.turns.map((turn) => `${turn.role}\n${turn.text}`),
  ].join("\n");
  const promptTokens = tokenizer.encode(promptText);
  const input = promptTokens.length + tokensPerMessage * (prompt.turns.length + 1) + imageTokens * imageCount;
  const reasoningEach = isReasoningModel(prompt.model) ? reasoningTokensPerChoice : 0;

  let output = 0;
  let reasoning = 0;
  const choices: Choice[] = [];
  for (let index = 0; index < options.choices; index += 1) {
    const answer: Answer = {
      ...(options.scripted === undefined
        ? answerPrompt(prompt, index)
        : { text: "", toolCalls: [], ...options.scripted }),
    };
    const reasoned = Math.min(reasoningEach, options.maxTokens ?? reasoningEach);
    const room = options.maxTokens === undefined ? Infinity : options.maxTokens - reasoned;
    let finishReason: Choice["finishReason"] = answer.toolCalls.length > 0 ? "tool_calls" : "stop";
    const stopAt = firstStop(answer.text, options.stop);
    if (stopAt !== undefined) answer.text = answer.text.slice(0, stopAt);
    let pieces = tokenizer.pieces(answer.text);
    if (pieces.length > room) {
      pieces = pieces.slice(0, room);
      answer.text = pieces.join("");
      finishReason = "length";
    }
    const argumentPieces = answer.toolCalls.map((call) => tokenizer.pieces(call.arguments));
    reasoning += reasoned;
    output +=
      reasoned + (answer.text === "" ? 0 : tokenizer.count(answer.text)) + tokenizer.count(answer.refusal ?? "");
    for (const call of answer.toolCalls)
      output += tokenizer.count(call.name) + tokenizer.count(call.arguments) + tokensPerToolCall;
    choices.push({ ...answer, finishReason, pieces, argumentPieces });
  }
  return { choices, usage: { input, cached: cache.lookUp(prompt.model, promptTokens), output, reasoning } };
}

function firstStop(text: string, stop: readonly string[]): number | undefined {
  const positions = stop
    .filter((sequence) => sequence !== "")
    .map((sequence) => text.indexOf(sequence))
    .filter((at) => at >= 0);
  return positions.length === 0 ? undefined : Math.min(...positions);
}
