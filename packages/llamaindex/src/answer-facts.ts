import { findUsage } from "@spanwise/core/adapter";
import { arrayOf, fieldsOf, isObject, stringOf, type Fields } from "./fields.ts";

/** What an answer's body says of itself, whichever provider it comes from. */
export interface AnswerFacts {
  model: string | undefined;
  id: string | undefined;
  finishReason: string | undefined;
  usage: unknown;
}

/** Words for an answer that is still being made. */
const UNFINISHED: ReadonlySet<string> = new Set(["in_progress", "queued"]);

/** Of a whole answer, or of one chunk or event of a stream. */
export function factsOf(raw: unknown): AnswerFacts {
  const body = bodyOf(raw);
  return {
    model: named(body["model"]) ?? named(body["modelVersion"]),
    id: stringOf(body["id"]) ?? stringOf(body["responseId"]),
    finishReason: finishReasonOf(body),
    usage: findUsage(body),
  };
}

/**
 * Events of OpenAI's responses, of Anthropic and of Mistral's client carry the answer, or a part of it, in a field. A getter is left
 * alone: Gemini's `data` prints a warning.
 */
function bodyOf(raw: unknown): Fields {
  const fields = fieldsOf(raw);
  for (const name of ["response", "message", "data"]) {
    const inner: unknown = Object.getOwnPropertyDescriptor(fields, name)?.value;
    if (isObject(inner) && ("model" in inner || "usage" in inner)) return inner;
  }
  return fields;
}

function finishReasonOf(body: Fields): string | undefined {
  const { choices, candidates, stop_reason: anthropic, done_reason: ollama, status, delta } = body;
  const { finish_reason: openai, finishReason } = fieldsOf(arrayOf(choices)[0] ?? arrayOf(candidates)[0]);
  const said = [openai, finishReason, anthropic, ollama, fieldsOf(delta)["stop_reason"], status];
  return said.map(named).find((reason) => reason !== undefined && !UNFINISHED.has(reason));
}

function named(value: unknown): string | undefined {
  return value === "" ? undefined : stringOf(value);
}
