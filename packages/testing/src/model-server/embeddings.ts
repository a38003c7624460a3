import type { JsonObject } from "../json.ts";
import { asNumber, asString } from "../json.ts";
import { ApiError, missingParameter } from "./api-error.ts";
import { isStopWord, stem, words } from "./answer/words.ts";
import { answeringModel } from "./model-names.ts";
import type { Reply } from "./reply.ts";
import { tokenizerFor } from "./tokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** OpenAI's limits. */
const maxInputs = 2048;
const maxTokensPerInput = 8192;

/** `POST /v1/embeddings`. */
export async function embeddings(body: JsonObject): Promise<Reply> {
  const model = asString(body["model"]);
  if (model === "") throw new ApiError(400, { message: "you must provide a model parameter" });
  if (body["input"] === undefined || body["input"] === null) throw missingParameter("input");
  const tokenizer = await tokenizerFor(model);
  const inputs = readInputs(body["input"], tokenizer);
  const dimensions = asNumber(body["dimensions"]) ?? (model.endsWith("-large") ? 3072 : 1536);
  const promptTokens = inputs.reduce((sum, text) => sum + tokenizer.count(text), 0);
  return {
    kind: "json",
    status: 200,
    body: {
      object: "list",
      data: inputs.map((text, index) => {
        const vector = embed(text, dimensions);
        return {
          object: "embedding",
          index,
          embedding: body["encoding_format"] === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector],
        };
      }),
      model: answeringModel(model),
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    },
  };
}

/**
 * A vector of length 1 whose dot products rank texts by what they share: hashed stems, weighted down where a word is common
 * or repeated, and character trigrams, so that spellings that are close come out close.
 */
export function embed(text: string, dimensions: number): Float32Array {
  const weights = new Map<string, number>();
  const add = (feature: string, weight: number): void =>
    void weights.set(feature, (weights.get(feature) ?? 0) + weight);
  for (const word of words(text)) {
    // Word length stands in for the document frequency that a single text does not have.
    add(`w:${stem(word)}`, isStopWord(word) ? 0.1 : Math.log(2 + word.length));
    if (isStopWord(word)) continue;
    const padded = `^${word}$`;
    for (let at = 0; at + 3 <= padded.length; at += 1) add(`t:${padded.slice(at, at + 3)}`, 0.25);
  }
  const vector = new Float32Array(dimensions);
  for (const [feature, weight] of weights) {
    const hash = fnv1a(feature);
    const slot = (hash >>> 1) % dimensions;
    // A random sign lets collisions cancel instead of adding up.
    vector[slot] = (vector[slot] ?? 0) + (hash & 1 ? 1 : -1) * Math.log1p(weight);
  }
  const length = Math.hypot(...vector);
  // An empty text has no direction; OpenAI refuses it, texts of punctuation end up here.
  if (length === 0) vector[0] = 1;
  else for (let at = 0; at < dimensions; at += 1) vector[at] = (vector[at] ?? 0) / length;
  return vector;
}

function readInputs(input: unknown, tokenizer: Tokenizer): string[] {
  const isTokens = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((item) => typeof item === "number");
  const list =
    typeof input === "string"
      ? [input]
      : isTokens(input) && input.length > 0
        ? [input]
        : Array.isArray(input)
          ? input
          : [];
  const texts = list.map((item: unknown) => (isTokens(item) ? tokenizer.decode(item) : asString(item)));
  const invalid = (message: string): ApiError => new ApiError(400, { message, param: "input" });
  if (texts.length === 0 || texts.includes(""))
    throw invalid(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  if (texts.length > maxInputs) throw invalid(`'$.input' is too long: at most ${maxInputs} inputs`);
  for (const text of texts) {
    const tokens = tokenizer.count(text);
    if (tokens > maxTokensPerInput) {
      throw invalid(
        `This model's maximum context length is ${maxTokensPerInput} tokens, however you requested ${tokens} tokens. Please reduce your prompt.`,
      );
    }
  }
  return texts;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  // FNV's low bits are weak for short strings; one round of mixing spreads them.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
