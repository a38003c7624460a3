import type { AnyFields, Observation, ObservationAttributes, ParentReference, Tracer } from "@spanwise/core";
import {
  RunMap,
  endWithError,
  followPromise,
  getTracer,
  isThenable,
  overrideMethod,
  runWithClaim,
  claimedObservation,
  safely,
} from "@spanwise/core/adapter";
import { EmbeddingReplies, hearReplies } from "./embedding-usage.ts";
import { defined, fieldsOf, firstText } from "./fields.ts";
import { providerNamed } from "./provider.ts";

/** How the calls of a traced embedding model are recorded. Everything is optional. */
export interface TraceEmbeddingsOptions {
  /** Default: the default tracer, looked up at each call. */
  tracer?: Tracer | undefined;
  /** Default: the model's class. */
  name?: string | undefined;
  /** Default: the active observation. `null` makes each call a trace of its own. */
  parent?: Observation | ParentReference | null | undefined;
  metadata?: AnyFields | undefined;
  /** `false` keeps the texts out of the record. Default `true`. */
  captureInput?: boolean | undefined;
}

/** LangChain's `Embeddings`, as far as it is called here. */
interface EmbeddingsLike {
  embedQuery: (text: string) => Promise<unknown>;
  embedDocuments: (texts: string[]) => Promise<unknown>;
}

const METHODS = ["embedQuery", "embedDocuments"] as const;
const traced = new WeakSet<object>();
/** Of the calls that are under way, by their observation's id. */
const replies = new RunMap<EmbeddingReplies>();

/**
 * Records the calls of a LangChain embedding model, for which LangChain has no callbacks: `embedQuery` and `embedDocuments`
 * become observations of type `embedding`, with what went in, and the number and size of the vectors that came out. The tokens
 * and the model that answered are known of OpenAI's, Azure's and Mistral's classes. A call on a client that `observeOpenAI`
 * observes is not recorded a second time.
 *
 * The model itself is changed, on these methods and the one that asks its API, and returned. Tracing it again changes nothing. Never throws.
 */
export function traceEmbeddings<Model extends EmbeddingsLike>(
  model: Model,
  options: TraceEmbeddingsOptions = {},
): Model {
  safely("traceEmbeddings", () => {
    if (traced.has(model)) return;
    traced.add(model);
    hearReplies(
      model,
      () => options.tracer ?? getTracer(),
      (id) => replies.get(id),
    );
    for (const method of METHODS) {
      const original = model[method] as (...args: unknown[]) => unknown;
      if (typeof original !== "function") continue;
      overrideMethod(model, method, function (this: unknown, ...args: unknown[]): unknown {
        return callTraced(model, () => original.apply(this, args), args[0], options);
      });
    }
  });
  return model;
}

function callTraced(model: object, call: () => unknown, input: unknown, options: TraceEmbeddingsOptions): unknown {
  const tracer = options.tracer ?? getTracer();
  // Models embed a query as a list of one: the call inside is this call.
  if (!tracer.enabled || safely("traceEmbeddings", () => claimedObservation(tracer)?.type) === "embedding")
    return call();
  const observation = safely("traceEmbeddings", () => start(tracer, model, input, options));
  if (!observation) return call();
  const { id } = observation;
  replies.set(id, new EmbeddingReplies());
  /** What was asked for stays where nothing was told. */
  const told = (): ObservationAttributes => replies.take(id)?.describe() ?? {};
  const onError = (error: unknown): void => {
    observation.update(told());
    endWithError(observation, error);
  };
  let result: unknown;
  try {
    result = runWithClaim(tracer, observation, call);
  } catch (error) {
    safely("traceEmbeddings", () => onError(error));
    throw error;
  }
  const onResult = (vectors: unknown): void => observation.end({ ...told(), output: describeVectors(vectors) });
  if (isThenable(result)) return followPromise(result, { onResult, onError });
  safely("traceEmbeddings", () => onResult(result));
  return result;
}

function start(
  tracer: Tracer,
  model: object,
  input: unknown,
  { name, parent, metadata, captureInput = true }: TraceEmbeddingsOptions,
): Observation {
  const fields = fieldsOf(model);
  const className = firstText((model.constructor as { name?: unknown }).name) ?? "embeddings";
  const { dimensions } = fields;
  return tracer.startObservation(
    name ?? className,
    {
      model: firstText(fields["model"], fields["modelName"]),
      provider: providerNamed(className.replace(/Embeddings$/, "")),
      ...(typeof dimensions === "number" && { modelParameters: { dimensions } }),
      ...(captureInput && { input }),
      metadata: { ...metadata },
    },
    { type: "embedding", parent },
  );
}

function describeVectors(vectors: unknown): unknown {
  const list = Array.isArray(vectors) ? (vectors as unknown[]) : [];
  const isOne = typeof list[0] === "number";
  const first = isOne ? list : list[0];
  const dimensions = Array.isArray(first) ? first.length : undefined;
  return defined({ count: isOne ? 1 : list.length, dimensions });
}
