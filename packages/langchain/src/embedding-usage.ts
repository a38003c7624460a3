import type { ObservationAttributes, Tracer } from "@spanwise/core";
import {
  claimedObservation,
  followPromise,
  isThenable,
  normalizeUsage,
  overrideMethod,
  safely,
} from "@spanwise/core/adapter";
import { defined, fieldsOf, isEmpty, textOf } from "./fields.ts";

/** What the classes for OpenAI, Azure and Mistral ask their API with, once for each batch; LangChain drops all but the vectors. */
const REQUEST = "embeddingWithRetry";

/** What the API said of one call, over all its batches. */
export class EmbeddingReplies {
  #model: string | undefined;
  readonly #tokens: Record<string, number> = {};

  add(reply: unknown): void {
    const { model, usage } = fieldsOf(reply);
    this.#model = textOf(model) ?? this.#model;
    const told = normalizeUsage(usage)?.usageDetails;
    for (const bucket in told) this.#tokens[bucket] = (this.#tokens[bucket] ?? 0) + (told[bucket] ?? 0);
  }

  describe(): ObservationAttributes {
    return defined({ model: this.#model, usageDetails: isEmpty(this.#tokens) ? undefined : { ...this.#tokens } });
  }
}

/** Has `repliesOf`, asked for the observation of the call that is under way, hear of each reply that `model` gets. */
export function hearReplies(
  model: object,
  tracerOf: () => Tracer,
  repliesOf: (observationId: string) => EmbeddingReplies | undefined,
): void {
  const original = (model as Record<string, unknown>)[REQUEST];
  if (typeof original !== "function") return;
  overrideMethod(model, REQUEST, function (this: unknown, ...args: unknown[]): unknown {
    const replies = safely("traceEmbeddings", () => {
      const call = claimedObservation(tracerOf());
      return call && repliesOf(call.id);
    });
    const reply: unknown = original.apply(this, args);
    if (!replies || !isThenable(reply)) return reply;
    return followPromise(reply, { onResult: (value) => replies.add(value), onError: () => {} });
  });
}
