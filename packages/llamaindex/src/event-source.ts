import { safely } from "@spanwise/core/adapter";
import { EventRecorder, type EventReason, type Pair } from "./events.ts";
import { fieldsOf, hasMethod, isObject } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";

/**
 * Hears of every event of one copy of LlamaIndex's core, whatever manager carries it, at the moment it is sent. Only what no
 * wrapper has seen is recorded: a model that was not found. Callers that were not known are wrapped for their next call.
 */
export function traceEvents(instrumentation: Instrumentation, prototype: object): void {
  const { recorder, patches, components } = instrumentation;
  const events = new EventRecorder(recorder);
  const previous = recorder.onFail;
  recorder.onFail = (run, error) => {
    previous?.(run, error);
    events.failBelow(run.observation, error);
  };
  const chunking = recorder.options.include?.chunking === true;
  patches.around(prototype, "dispatchEvent", (self, args, call) => {
    safely("event of LlamaIndex", () => {
      if (self === probe || !recorder.tracer.enabled) return;
      const [type, detail] = args;
      if (type === "llm-stream") events.chunk(detail);
      if (type === "retrieve-start") return adoptCallers(reasonOf());
      if (type !== "llm-start" && type !== "llm-end" && !isUncoveredKind(type, chunking)) return;
      const reason = reasonOf();
      adoptCallers(reason);
      tell(events, type, detail, reason);
    });
    return call();
  });

  function adoptCallers(reason: EventReason | null): void {
    for (let at = reason, depth = 0; at && depth < MAX_CALLERS; at = at.parent, depth += 1) components.adopt(at.caller);
  }

  // An event learns its reason as it is delivered, so one is delivered to a manager of our own.
  let probe: Manager | undefined;
  let heard: EventReason | null = null;
  function reasonOf(): EventReason | null {
    probe ??= createProbe();
    probe.dispatchEvent("llm-start", {}, true);
    // A chain of callers holds its engines.
    const reason = heard;
    heard = null;
    return reason;
  }

  function createProbe(): Manager {
    const made = new (prototype.constructor as new () => Manager)();
    made.on("llm-start", (event) => (heard = (fieldsOf(event)["reason"] ?? null) as EventReason | null));
    return made;
  }
}

interface Manager {
  on(type: string, handler: (event: unknown) => void): void;
  dispatchEvent(type: string, detail: unknown, sync: boolean): void;
}

/** A chain of callers that nobody has seen the end of. */
const MAX_CALLERS = 32;

function isUncoveredKind(type: unknown, chunking: boolean): type is "chunking-start" | "chunking-end" {
  return chunking && (type === "chunking-start" || type === "chunking-end");
}

function tell(events: EventRecorder, type: string, detail: unknown, reason: EventReason | null): void {
  const match = /^(.+)-(start|end)$/.exec(type);
  if (!match) return;
  if (match[2] === "start") events.start(match[1] as Pair, detail, reason);
  else events.end(match[1] as Pair, detail, reason);
}

export function isCallbackManager(value: unknown): value is object {
  return isObject(value) && hasMethod(value, "on") && hasMethod(value, "off") && hasMethod(value, "dispatchEvent");
}
