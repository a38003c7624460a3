import { findUsage } from "@spanwise/core/adapter";
import { MAX_CHOICES } from "../accumulate-chat.ts";
import { copyJson, takeText } from "../copy-json.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import { describeParameters, type DescribedRequest } from "../request.ts";
import { finishReasons, modelOf, single, usageOf, type DescribedResponse } from "../response.ts";
import type { StreamAccumulator, Surface } from "../surface.ts";
import { copyUsage, counted, createBudget } from "../stream-budget.ts";
import { describeTexts } from "./token-arrays.ts";

/** Tokens of one streamed choice whose log probabilities are kept. What comes after is counted. */
export const MAX_LOGPROB_TOKENS = 2_048;

const PARAMETERS = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "max_tokens",
  "n",
  "best_of",
  "echo",
  "logprobs",
  "stop",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
] as const;

/** The columns of a completion's log probabilities, one item a token. */
const LOGPROBS = ["tokens", "token_logprobs", "top_logprobs", "text_offset"] as const;

/** The legacy `completions.create`. */
export const completions: Surface = {
  name: "completions",
  type: "generation",
  usageOnWish: true,
  describeRequest,
  describeResult,
  createStream,
};

/** The prompt alone, or `{ prompt, suffix }`. Prompts of token ids are summarised by `describeTexts`. */
function describeRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  const prompt = describeTexts(fields["prompt"]);
  const suffix = fields["suffix"] ?? undefined;
  return {
    model: stringOf(fields["model"]),
    input: !captureInput ? undefined : suffix === undefined ? prompt : { prompt, suffix },
    modelParameters: describeParameters(fields, PARAMETERS, captureInput),
    metadata: defined({
      user: (captureInput && fields["user"]) || undefined,
      stream: fields["stream"] === true || undefined,
    }),
  };
}

/** The text, or `{ text, logprobs }` where they were asked for; an array of them for several choices. */
function describeResult(result: unknown): DescribedResponse {
  if (!isFields(result) || !Array.isArray(result["choices"])) {
    return { output: result, ...modelOf(stringOf(fieldsOf(result)["model"])), ...usageOf(findUsage(result), {}) };
  }
  // Several prompts make choices in any order; the index says whose they are.
  const choices = arrayOf(result["choices"])
    .filter(isFields)
    .map((choice, position) => ({ choice, index: indexOf(choice, position) }))
    .toSorted((a, b) => a.index - b.index)
    .map(({ choice }) => choice);
  return {
    output: single(choices.map(({ text, logprobs }) => (isFields(logprobs) ? { text, logprobs } : text))),
    ...modelOf(stringOf(result["model"])),
    ...usageOf(findUsage(result), {
      response_id: stringOf(result["id"]),
      ...finishReasons(choices.map((choice) => stringOf(choice["finish_reason"]))),
      system_fingerprint: stringOf(result["system_fingerprint"]),
      service_tier: stringOf(result["service_tier"]),
    }),
  };
}

interface Choice {
  text: string;
  logprobs: Record<string, unknown[]> | undefined;
  finishReason: string | undefined;
}

function createStream(): StreamAccumulator {
  const choices = new Map<number, Choice>();
  const budget = createBudget();
  let id: string | undefined;
  let model: string | undefined;
  let fingerprint: string | undefined;
  let tier: string | undefined;
  let usage: unknown;
  let cutLogprobs = 0;
  let cutChoices = 0;

  function accept(chunk: unknown): void {
    if (!isFields(chunk)) return;
    id ??= stringOf(chunk["id"]) || undefined;
    model = stringOf(chunk["model"]) || model;
    fingerprint = stringOf(chunk["system_fingerprint"]) ?? fingerprint;
    tier = stringOf(chunk["service_tier"]) ?? tier;
    usage = copyUsage(chunk) ?? usage;
    for (const [position, wire] of arrayOf(chunk["choices"]).entries()) {
      if (isFields(wire)) acceptChoice(wire, indexOf(wire, position));
    }
  }

  function acceptChoice(wire: Fields, index: number): void {
    let choice = choices.get(index);
    if (!choice) {
      if (choices.size >= MAX_CHOICES) {
        cutChoices = Math.max(cutChoices, 1, index + 1 - MAX_CHOICES);
        return;
      }
      choice = { text: "", logprobs: undefined, finishReason: undefined };
      choices.set(index, choice);
    }
    choice.text += takeText(stringOf(wire["text"]) ?? "", budget);
    choice.finishReason = stringOf(wire["finish_reason"]) ?? choice.finishReason;
    if (isFields(wire["logprobs"])) acceptLogprobs(choice, wire["logprobs"]);
  }

  function acceptLogprobs(choice: Choice, wire: Fields): void {
    const kept = (choice.logprobs ??= {});
    let cut = 0;
    for (const name of LOGPROBS) {
      const items = arrayOf(wire[name]);
      if (items.length === 0) continue;
      const column = (kept[name] ??= []);
      const taken = items.slice(0, MAX_LOGPROB_TOKENS - column.length);
      column.push(...taken.map((item) => copyJson(item, budget)));
      cut = Math.max(cut, items.length - taken.length);
    }
    cutLogprobs += cut;
  }

  return {
    accept,
    isVisible: (chunk) =>
      arrayOf(fieldsOf(chunk)["choices"]).some((choice) => Boolean(stringOf(fieldsOf(choice)["text"]))),
    describe() {
      const ordered = [...choices.entries()].toSorted(([a], [b]) => a - b).map(([, choice]) => choice);
      return {
        ...(ordered.length > 0 && {
          output: single(ordered.map(({ text, logprobs }) => (logprobs ? { text, logprobs } : text))),
        }),
        ...modelOf(model),
        ...usageOf(usage, {
          response_id: id,
          ...finishReasons(ordered.map(({ finishReason }) => finishReason)),
          system_fingerprint: fingerprint,
          service_tier: tier,
          cutChars: counted(budget.cutChars),
          cutChoices: counted(cutChoices),
          cutLogprobs: counted(cutLogprobs + budget.cutNodes),
        }),
      };
    },
    get finished() {
      return choices.size > 0 && [...choices.values()].every(({ finishReason }) => finishReason !== undefined);
    },
  };
}

function indexOf(choice: Fields, position: number): number {
  return typeof choice["index"] === "number" ? choice["index"] : position;
}
