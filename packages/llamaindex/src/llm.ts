import { now, safely } from "@spanwise/core/adapter";
import { hearReplies } from "./api-client.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { classNameOf, defined, fieldsOf, hasMethod, isObject, type Fields } from "./fields.ts";
import { describeResponse, StreamedAnswer } from "./llm-answer.ts";
import { describeInput, describeModel, providerOf } from "./llm-request.ts";
import type { CallObserver, StreamReading } from "./recorder.ts";
import { joined, Run, type OpenRun } from "./run.ts";
import { isUsageChunk, requestUsage, stripEmptyUsage } from "./stream-usage.ts";

export function isLLM(value: unknown): value is object {
  return hasMethod(value, "chat") && hasMethod(value, "complete");
}

/** Records `chat`, and `complete` where it is the model's own: the inherited one goes through `chat`. In place. */
export function traceModel(instrumentation: Instrumentation, llm: object): void {
  instrumentation.patches.around(llm, "chat", (self, args, call) => observeChat(instrumentation, self, args, call));
  if (!hasOwnComplete(llm)) return;
  instrumentation.patches.around(llm, "complete", (self, args, call) =>
    observeComplete(instrumentation, self, args, call),
  );
}

/** `BaseLLM` has `exec` and `complete` and leaves `chat` to others; its `complete` is made of `chat`. */
function hasOwnComplete(llm: object): boolean {
  for (let at: object | null = llm; at; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, "complete")) return !Object.hasOwn(at, "exec") || Object.hasOwn(at, "chat");
  }
  return false;
}

type Call = (args?: unknown[]) => unknown;

export function observeChat(instrumentation: Instrumentation, self: unknown, args: unknown[], call: Call): unknown {
  const { recorder, components } = instrumentation;
  if (!isObject(self) || !recorder.tracer.enabled) return call();
  const params = fieldsOf(args[0]);
  components.adoptTools(params["tools"]);
  const claim = recorder.claim();
  if (claim === "foreign") return call();
  if (claim?.kind === "llm") return call();

  const changed = requestUsage(self, params, recorder.options.streamUsage ?? "auto");
  const run = () => call(changed ? [changed, ...args.slice(1)] : args);
  const hear = (open: OpenRun, answer: StreamedAnswer): void => {
    const heard = open instanceof Run ? open : claim;
    if (heard) hearDropped(instrumentation, self, heard, answer);
  };
  const observer = observerOf(changed !== undefined, hear);
  // A `complete` that is made of `chat` is one call; `chat` knows more of it.
  if (claim?.isOf("complete", self)) return recorder.follow(joined(claim), run, observer);
  if (claim?.kind === "complete") return call();
  const { model, provider, modelParameters } = describeModel(
    self,
    params["additionalChatOptions"],
    recorder.captureInput,
  );
  return recorder.observe(
    {
      kind: "llm",
      type: "generation",
      name: `${classNameOf(self, "LLM")}.chat`,
      input: describeInput(params),
      attributes: defined({ model, provider, modelParameters }),
      target: self,
      claims: true,
    },
    run,
    observer,
  );
}

function observeComplete({ recorder }: Instrumentation, self: unknown, args: unknown[], call: Call): unknown {
  if (!isObject(self) || !recorder.tracer.enabled || recorder.claim() !== undefined) return call();
  const { prompt, ...params } = fieldsOf(args[0]) as Fields & { prompt?: unknown };
  const { model, provider, modelParameters } = describeModel(
    self,
    params["additionalChatOptions"],
    recorder.captureInput,
  );
  return recorder.observe(
    {
      kind: "complete",
      type: "generation",
      name: `${classNameOf(self, "LLM")}.complete`,
      input: describeInput({ ...params, messages: [{ role: "user", content: prompt }] }),
      attributes: defined({ model, provider, modelParameters }),
      target: self,
      claims: true,
    },
    call,
    observerOf(false),
  );
}

/** Adapters of LlamaIndex that drop the usage of streams, which the API client below is told. */
const DROPS_STREAM_USAGE: ReadonlySet<unknown> = new Set(["anthropic", "mistral"]);

function hearDropped(instrumentation: Instrumentation, llm: object, run: Run, answer: StreamedAnswer): void {
  if (!DROPS_STREAM_USAGE.has(providerOf(llm))) return;
  safely("replies of a client", () => hearReplies(instrumentation, llm, run, answer.hear));
}

type Hear = (run: OpenRun, answer: StreamedAnswer) => void;

function observerOf(usageAdded: boolean, hear?: Hear): CallObserver {
  return {
    onResult: describeResponse,
    onStream: (run) => {
      const answer = new StreamedAnswer();
      hear?.(run, answer);
      return readStream(run, answer, usageAdded);
    },
  };
}

function readStream(run: OpenRun, answer: StreamedAnswer, usageAdded: boolean): StreamReading {
  let seenFirst = false;
  return {
    onItem(chunk) {
      const { raw } = fieldsOf(chunk);
      const hidden = usageAdded && isUsageChunk(raw);
      if (usageAdded) stripEmptyUsage(raw);
      if (answer.accept(chunk) && !seenFirst) {
        seenFirst = true;
        run.update({ completionStartTime: now() });
      }
      return hidden ? "hide" : undefined;
    },
    attributes: () => answer.attributes(),
  };
}
