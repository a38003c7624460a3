import type { ObservationAttributes, ObservationType } from "@spanwise/core";
import { classNameOf, defined, fieldsOf, hasMethod, isObject, stringOf } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { MAX_STREAM_CHARS } from "./llm-answer.ts";
import type { CallObserver, StreamReading } from "./recorder.ts";
import type { RunKind } from "./run.ts";
import { answerOf, contentOf, describeNodes, nodeIds, positive, queryOf } from "./values.ts";

export function isQueryEngine(value: unknown): value is object {
  return hasMethod(value, "query") && hasMethod(value, "retrieve");
}

export function isRetriever(value: unknown): value is object {
  return hasMethod(value, "retrieve") && hasMethod(value, "_retrieve");
}

export function isSynthesizer(value: unknown): value is object {
  return hasMethod(value, "synthesize") && hasMethod(value, "getResponse");
}

export function isChatEngine(value: unknown): value is object {
  return hasMethod(value, "chat") && hasMethod(value, "reset") && !hasMethod(value, "complete");
}

/** Agents of before `agent()` are chat engines that work through tasks. */
function isLegacyAgent(value: unknown): boolean {
  return hasMethod(value, "createTask");
}

/** Wraps the methods of one instance. What its class's prototype has wrapped already is left as it is. */
export function traceComponent(instrumentation: Instrumentation, component: object): void {
  if (isQueryEngine(component)) {
    traceQuery(instrumentation, component, "query");
    traceQuery(instrumentation, component, "_query");
  } else if (isChatEngine(component)) traceChat(instrumentation, component);
  if (isRetriever(component)) traceRetrieve(instrumentation, component);
  if (isSynthesizer(component)) traceSynthesize(instrumentation, component);
}

interface EngineCall {
  kind: RunKind;
  type: ObservationType;
  method: string;
  input: (args: unknown[]) => unknown;
  metadata?: (self: object, args: unknown[]) => Record<string, unknown>;
  observer: CallObserver;
}

/**
 * `query` is bound to each engine when it is made, so that its prototype reaches later engines only; `_query`, which it calls,
 * reaches all of them. Whichever is seen first is the call.
 */
export function traceQuery(instrumentation: Instrumentation, owner: object, method: "query" | "_query"): void {
  traceEngineCall(instrumentation, owner, method, {
    kind: "query",
    type: "chain",
    method: "query",
    input: (args) => queryOf(args[0]),
    observer: answers,
  });
}

export function traceChat(instrumentation: Instrumentation, owner: object): void {
  traceEngineCall(instrumentation, owner, "chat", {
    kind: "chat",
    type: isLegacyAgent(owner) ? "agent" : "chain",
    method: "chat",
    input: (args) => contentOf(isObject(args[0]) && "message" in args[0] ? args[0]["message"] : args[0]),
    observer: answers,
  });
}

export function traceSynthesize(instrumentation: Instrumentation, owner: object): void {
  traceEngineCall(instrumentation, owner, "synthesize", {
    kind: "synthesize",
    type: "span",
    method: "synthesize",
    input: ([given]) => ({ query: queryOf(given), nodes: nodeIds(fieldsOf(given)["nodes"]) }),
    observer: answers,
  });
}

export function traceRetrieve(instrumentation: Instrumentation, owner: object): void {
  const { maxNodeTextChars } = instrumentation.recorder;
  traceEngineCall(instrumentation, owner, "retrieve", {
    kind: "retrieve",
    type: "retriever",
    method: "retrieve",
    input: (args) => queryOf(args[0]),
    metadata: (self) => defined({ topK: topKOf(self) }),
    observer: {
      onResult: (result) => {
        const { nodes, metadata } = describeNodes(result, maxNodeTextChars);
        return { output: nodes, metadata };
      },
    },
  });
}

function traceEngineCall(
  { recorder, patches, components }: Instrumentation,
  owner: object,
  key: string,
  { kind, type, method, input, metadata, observer }: EngineCall,
): void {
  patches.around(owner, key, (self, args, call) => {
    if (!isObject(self) || !recorder.tracer.enabled || recorder.isPartOf(kind, self)) return call();
    components.adopt(self);
    return recorder.observe(
      {
        kind,
        type,
        name: `${classNameOf(self, "engine")}.${method}`,
        input: recorder.captureInput ? input(args) : undefined,
        attributes: metadata && { metadata: metadata(self, args) },
        target: self,
      },
      call,
      observer,
    );
  });
}

function topKOf(retriever: object): unknown {
  const { topK, similarityTopK } = retriever as { topK?: unknown; similarityTopK?: unknown };
  return topK ?? similarityTopK;
}

const answers: CallObserver = { onResult: describeAnswer, onStream: () => new StreamedText() };

function describeAnswer(response: unknown, captureOutput: boolean): ObservationAttributes {
  const { sourceNodes, metadata } = fieldsOf(response);
  return {
    output: answerOf(response),
    metadata: defined({
      sourceNodes: nodeIds(sourceNodes),
      selectorResult: describeSelection(fieldsOf(metadata)["selectorResult"], captureOutput),
    }),
  };
}

/** Which engines a router chose, and why, in the words of the model. */
function describeSelection(result: unknown, captureOutput: boolean): unknown {
  const { selections } = fieldsOf(result);
  if (!Array.isArray(selections)) return undefined;
  return selections.map((selection) => {
    const { index, reason } = fieldsOf(selection);
    return defined({ index, reason: captureOutput ? reason : undefined });
  });
}

/** The text of an engine's stream: chunks of engines and agents, or plain text. */
class StreamedText implements StreamReading {
  #text = "";
  #cutChars = 0;
  #sourceNodes: ReturnType<typeof nodeIds>;

  onItem(chunk: unknown): void {
    const piece = stringOf(answerOf(chunk)) ?? stringOf(fieldsOf(chunk)["text"]) ?? "";
    const kept = piece.slice(0, MAX_STREAM_CHARS - this.#text.length);
    this.#text += kept;
    this.#cutChars += piece.length - kept.length;
    this.#sourceNodes ??= nodeIds(fieldsOf(chunk)["sourceNodes"]);
  }

  attributes(): ObservationAttributes {
    return {
      output: this.#text,
      metadata: defined({ sourceNodes: this.#sourceNodes, cutChars: positive(this.#cutChars) }),
    };
  }
}
