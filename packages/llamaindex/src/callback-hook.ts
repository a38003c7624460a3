import { SpanwiseConfigError } from "@spanwise/core";
import { RunMap, safely } from "@spanwise/core/adapter";
import { isCallbackManager } from "./event-source.ts";
import { EventRecorder, PAIRS, type EventReason } from "./events.ts";
import { fieldsOf, stringOf } from "./fields.ts";
import type { InstrumentationHandle } from "./instrument.ts";
import type { LlamaIndexOptions } from "./options.ts";
import { Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";

interface CallbackManagerLike {
  on(event: string, handler: (event: unknown) => void): unknown;
  off(event: string, handler: (event: unknown) => void): unknown;
}

const hooked = new WeakMap<object, InstrumentationHandle>();

/**
 * Records what a callback manager tells: queries, retrieval, synthesis, model calls and tools, and nothing is wrapped. Events tell
 * of no error, parameter, embedding or agent run, and in the default install not of model calls either, since the API packages
 * have a manager of their own; `instrumentLlamaIndex` sees all that. Hooked twice, a manager tells once.
 *
 * @throws SpanwiseConfigError when `manager` is no callback manager.
 * @example
 * const hook = hookCallbackManager(Settings.callbackManager);
 */
export function hookCallbackManager(manager: object, options: LlamaIndexOptions = {}): InstrumentationHandle {
  if (!isCallbackManager(manager)) {
    throw new SpanwiseConfigError("hookCallbackManager takes a CallbackManager: pass Settings.callbackManager");
  }
  const existing = hooked.get(manager);
  if (existing) return existing;
  const events = manager as object & CallbackManagerLike;
  const handlers = handlersOf(new Recorder(options), options);
  for (const [event, handler] of handlers) events.on(event, handler);
  const handle = {
    uninstall: (): void => {
      for (const [event, handler] of handlers) events.off(event, handler);
      hooked.delete(manager);
    },
  };
  hooked.set(manager, handle);
  return handle;
}

type Handler = (event: unknown) => void;

function handlersOf(recorder: Recorder, { include = {} }: LlamaIndexOptions): [string, Handler][] {
  const events = new EventRecorder(recorder);
  const tools = new RunMap<Run>({ onEvict: (run) => run.end({ status: "incomplete" }) });
  // What a listener throws would end the process.
  const guarded = (tell: (detail: unknown, reason: EventReason | null) => void): Handler => {
    return (event) =>
      safely("event of LlamaIndex", () => {
        const { detail, reason } = fieldsOf(event);
        if (recorder.tracer.enabled) tell(detail, (reason ?? null) as EventReason | null);
      });
  };
  const kept = PAIRS.filter(
    (pair) =>
      !(pair === "chunking" && include.chunking !== true) &&
      !(pair === "node-parsing" && include.nodeParsing === false),
  );
  return [
    ...kept.flatMap((pair): [string, Handler][] => [
      [`${pair}-start`, guarded((detail, reason) => events.start(pair, detail, reason))],
      [`${pair}-end`, guarded((detail, reason) => events.end(pair, detail, reason))],
    ]),
    ["llm-stream", guarded((detail) => events.chunk(detail))],
    [
      "llm-tool-call",
      guarded((detail) => {
        const { id, name, input } = fieldsOf(fieldsOf(detail)["toolCall"]);
        // Under a wrapped agent the tool is wrapped too.
        if (recorder.activeRun()) return;
        const run = recorder.start({ kind: "tool", type: "tool", name: stringOf(name) ?? "tool", input });
        if (run) tools.set(callKey(recorder, id, name), run);
      }),
    ],
    [
      "llm-tool-result",
      guarded((detail) => {
        const { toolCall, toolResult } = fieldsOf(detail);
        const { id, name } = fieldsOf(toolCall);
        tools.take(callKey(recorder, id, name))?.end({ output: fieldsOf(toolResult)["output"] });
      }),
    ],
  ];
}

/** Ids of tool calls repeat between runs; the context does not. */
function callKey(recorder: Recorder, id: unknown, name: unknown): string {
  const { traceId = "", id: parent = "" } = recorder.tracer.getActiveObservation() ?? {};
  return `${traceId}:${parent}:${String(id)}:${String(name)}`;
}
