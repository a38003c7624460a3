import { safely, type IterationEnd } from "@spanwise/core/adapter";
import { followAgentContext, isAgentContext } from "./agent-context.ts";
import { arrayOf, defined, fieldsOf, hasMethod, isObject, stringOf, type Fields } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import type { Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";
import { followStream, isStream, type StreamObserver } from "./stream.ts";
import { contentOf, describeMessage } from "./values.ts";

/** What `agent()` and `multiAgent()` of `@llamaindex/workflow` make. */
export interface AgentWorkflowLike {
  getAgents(): unknown;
  runStream(userInput: unknown, params?: unknown): unknown;
  handle(accept: unknown[], handler: (context: unknown, event: unknown) => void): void;
}

export function isAgentWorkflow(value: unknown): value is AgentWorkflowLike & object {
  return hasMethod(value, "runStream") && hasMethod(value, "getAgents") && hasMethod(value, "handle");
}

/** That of `@llamaindex/workflow` 1.0, which has no stream of events of its own. */
export function isEarlyAgentWorkflow(value: unknown): value is object & Pick<AgentWorkflowLike, "getAgents"> {
  return hasMethod(value, "run") && hasMethod(value, "getAgents") && !hasMethod(value, "runStream");
}

export function isAgent(value: unknown): value is object {
  return hasMethod(value, "takeStep");
}

/** `stopAgentEvent` of the `@llamaindex/workflow` that a class comes from, by the class's prototype. */
const stopEvents = new WeakMap<object, unknown>();

/** Who hears of the ends of a workflow's runs: a handler cannot be taken off again, but it can be led to another recorder. */
const listeners = new WeakMap<object, { recorder: Recorder }>();

/**
 * Records each run of an agent workflow, `run` and `runStream` alike. It ends with the workflow's stop event, or with the error
 * of a step: LlamaIndex itself never settles a run whose step has failed. Without `stopEvent`, which the module
 * `@llamaindex/workflow` exports, the end is that of the stream of events.
 */
export function traceAgentWorkflow(
  { recorder, patches, components }: Instrumentation,
  owner: object,
  stopEvent?: unknown,
): void {
  if (stopEvent !== undefined) stopEvents.set(owner, stopEvent);
  patches.around(owner, "runStream", (self, args, call) => {
    if (!isAgentWorkflow(self) || !recorder.tracer.enabled) return call();
    components.adopt(self);
    const run = safely("start of an agent run", () => startRun(recorder, self, args));
    if (!run) return call();
    const hears = safely("listen for the end of an agent run", () => hearOfEnd(recorder, self)) === true;
    let events: unknown;
    try {
      events = run.scope(() => call());
    } catch (error) {
      run.fail(error);
      throw error;
    }
    if (!hears && isStream(events)) followStream(events, new EventReading(run));
    return events;
  });
}

function startRun(recorder: Recorder, workflow: object & Pick<AgentWorkflowLike, "getAgents">, args: unknown[]) {
  const names = agentNames(workflow);
  return recorder.start({
    kind: "agent",
    type: "agent",
    name: stringOf((workflow as Fields)["rootAgentName"]) ?? names[0] ?? "agent",
    input: inputOf(args),
    attributes: { metadata: { agents: names } },
    target: workflow,
  });
}

/** Runs of `@llamaindex/workflow` 1.0, which give a context that is awaited or iterated. */
export function traceEarlyAgentWorkflow({ recorder, patches, components }: Instrumentation, owner: object): void {
  patches.around(owner, "run", (self, args, call) => {
    if (!isEarlyAgentWorkflow(self) || !recorder.tracer.enabled) return call();
    components.adopt(self);
    const context = call();
    if (!isAgentContext(context)) return context;
    safely("start of an agent run", () => {
      const run = startRun(recorder, self, args);
      if (run) followAgentContext(context, run);
    });
    return context;
  });
}

function hearOfEnd(recorder: Recorder, workflow: AgentWorkflowLike & object): boolean {
  const listener = listeners.get(workflow);
  if (listener) {
    listener.recorder = recorder;
    return true;
  }
  const event = stopEventOf(workflow);
  if (event === undefined) return false;
  const made = { recorder };
  // Called in the context of the run that has ended.
  workflow.handle([event], (_context, stop) => {
    safely("end of an agent run", () => made.recorder.enclosing("agent")?.end({ output: resultOf(stop) }));
  });
  listeners.set(workflow, made);
  return true;
}

function stopEventOf(workflow: object): unknown {
  for (let at: object | null = workflow; at; at = Object.getPrototypeOf(at) as object | null) {
    if (stopEvents.has(at)) return stopEvents.get(at);
  }
  return undefined;
}

function resultOf(stop: unknown): unknown {
  const { result, message, object } = fieldsOf(fieldsOf(stop)["data"]);
  return object ?? contentOf(result ?? fieldsOf(message)["content"]);
}

/** The stream of a run's events, of which the last one with a result is the answer. */
class EventReading implements StreamObserver {
  readonly #run: Run;
  #output: unknown;

  constructor(run: Run) {
    this.#run = run;
  }

  scope<T>(fn: () => T): T {
    return fn();
  }

  onItem(event: unknown): void {
    this.#output = resultOf(event) ?? this.#output;
  }

  onEnd(reason: IterationEnd, error?: unknown): void {
    this.#run.endStream(reason, error, this.#output === undefined ? {} : { output: this.#output });
  }
}

/** One turn of one agent: a model call and what it decides. */
export function traceStep({ recorder, patches, components }: Instrumentation, owner: object): void {
  patches.around(owner, "takeStep", (self, args, call) => {
    if (!isObject(self) || !recorder.tracer.enabled || recorder.isPartOf("step", self)) return call();
    const agentRun = recorder.enclosing("agent");
    components.adopt(self);
    // Last, with or without a state before them.
    components.adoptTools(args.at(-1));
    const name = stringOf(self["name"]) ?? "agent";
    const result = recorder.observe(
      {
        kind: "step",
        type: "span",
        name: `step ${name}`,
        attributes: { metadata: { agent: name } },
        target: self,
      },
      call,
      {
        onResult: (output) => {
          // An event in 1.0.
          const { response, data } = fieldsOf(output);
          return { output: describeMessage(response ?? fieldsOf(data)["response"]) };
        },
      },
    );
    return agentRun ? recorder.follow(failing(agentRun), () => result, { onResult: () => ({}) }) : result;
  });
}

/** Hears only of failures: the run goes on after a step that succeeds. */
function failing(run: { fail(error: unknown): void }) {
  return {
    scope: <T>(fn: () => T): T => fn(),
    update: () => {},
    end: () => {},
    whenLetGo: () => {},
    endStream: () => {},
    fail: (error: unknown) => run.fail(error),
  };
}

function inputOf([userInput, params]: unknown[]): unknown {
  const history = arrayOf(fieldsOf(params)["chatHistory"]).map(describeMessage);
  const input = contentOf(userInput);
  return history.length === 0 ? input : defined({ chatHistory: history, userInput: input });
}

function agentNames(workflow: Pick<AgentWorkflowLike, "getAgents">): string[] {
  return arrayOf(workflow.getAgents()).flatMap((agent) => stringOf(fieldsOf(agent)["name"]) ?? []);
}
