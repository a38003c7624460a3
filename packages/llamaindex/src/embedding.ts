import type { ObservationAttributes } from "@spanwise/core";
import { normalizeUsage, safely } from "@spanwise/core/adapter";
import { hearReplies } from "./api-client.ts";
import { classNameOf, defined, fieldsOf, hasMethod, isObject, stringOf, type Fields } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { providerOf } from "./llm-request.ts";
import { contentOf, MAX_TEXTS, positive } from "./values.ts";

/** They call one another; the outermost is the call. */
const METHODS = [
  "getTextEmbedding",
  "getTextEmbeddings",
  "getTextEmbeddingsBatch",
  "getQueryEmbedding",
  "getImageEmbedding",
  "getImageEmbeddings",
] as const;

export function isEmbedding(value: unknown): value is object {
  return hasMethod(value, "getTextEmbedding") && hasMethod(value, "getQueryEmbedding");
}

/** `getTextEmbeddings` is handed on without its object, so `target` stands for it. */
export function traceEmbeddingModel(instrumentation: Instrumentation, target: object): void {
  for (const method of METHODS) traceEmbeddingMethod(instrumentation, target, method, target);
}

export function traceEmbeddingMethod(
  instrumentation: Instrumentation,
  owner: object,
  method: string,
  target?: object,
): void {
  const { recorder, patches, components } = instrumentation;
  patches.around(owner, method, (self, args, call) => {
    const model = target ?? (isObject(self) ? self : undefined);
    if (!model || !recorder.tracer.enabled) return call();
    if (!target) components.adopt(model);
    const claim = recorder.claim();
    if (claim === "foreign" || claim?.kind === "embedding") return call();

    const usage = new UsageSum();
    const run = safely("start of an embedding", () =>
      recorder.start({
        kind: "embedding",
        type: "embedding",
        name: classNameOf(model, "embedding"),
        ...describeTexts(args[0]),
        attributes: describeEmbedding(model, args[0]),
        target: model,
        claims: true,
      }),
    );
    if (!run) return call();
    // LlamaIndex throws the usage of an embedding away.
    if (!isEmpty(args[0])) {
      safely("replies of a client", () => hearReplies(instrumentation, model, run, usage.add));
    }
    return recorder.follow(run, call, {
      onResult: (result) => ({ output: describeVectors(result), ...usage.attributes() }),
    });
  });
}

function isEmpty(texts: unknown): boolean {
  return Array.isArray(texts) && texts.length === 0;
}

function describeTexts(given: unknown): { input: unknown } {
  if (Array.isArray(given) && given.every((text) => typeof text === "string")) {
    return { input: given.slice(0, MAX_TEXTS) };
  }
  const part = fieldsOf(given);
  return { input: part["type"] === "text" ? part["text"] : contentOf(given) };
}

function describeEmbedding(model: object, texts: unknown): ObservationAttributes {
  const { model: own, llm, dimensions } = model as Fields;
  // Ollama's has the name in the model that it asks.
  const name = own ?? fieldsOf(llm)["model"];
  const count = Array.isArray(texts) ? texts.length : 1;
  return defined({
    model: stringOf(name),
    provider: providerOf(model),
    modelParameters: typeof dimensions === "number" ? { dimensions } : undefined,
    metadata: defined({ texts: count, cutTexts: positive(count - MAX_TEXTS) }),
  });
}

/** How many and how long, never the numbers. */
function describeVectors(result: unknown): unknown {
  if (!Array.isArray(result)) return undefined;
  const first: unknown = result[0];
  return Array.isArray(first)
    ? { count: result.length, dimensions: first.length }
    : typeof first === "number"
      ? { count: 1, dimensions: result.length }
      : { count: result.length };
}

/** One call may be sent in several batches. */
class UsageSum {
  #model: string | undefined;
  readonly #buckets: Record<string, number> = {};

  /** A field, so that it can be handed on alone. */
  readonly add = (reply: unknown): void => {
    const { model, usage } = fieldsOf(reply);
    this.#model = stringOf(model) ?? this.#model;
    for (const [bucket, tokens] of Object.entries(normalizeUsage(usage)?.usageDetails ?? {})) {
      this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + tokens;
    }
  };

  attributes(): ObservationAttributes {
    return {
      ...(this.#model !== undefined && { model: this.#model }),
      ...(Object.keys(this.#buckets).length > 0 && { usageDetails: { ...this.#buckets } }),
    };
  }
}
