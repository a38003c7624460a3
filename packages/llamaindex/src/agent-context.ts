import { overrideMethod, safely, type IterationEnd } from "@spanwise/core/adapter";
import { fieldsOf, hasMethod, isObject } from "./fields.ts";
import type { Run } from "./run.ts";
import { followStream, onDropped, type StreamObserver } from "./stream.ts";
import { contentOf } from "./values.ts";

/**
 * What `run` of an agent workflow gives in `@llamaindex/workflow` 1.0: a thenable that is an async iterable of events too, and that
 * begins to work when it is first awaited or iterated.
 */
export function isAgentContext(value: unknown): value is PromiseLike<unknown> & AsyncIterable<unknown> & object {
  return isObject(value) && hasMethod(value, "then") && Symbol.asyncIterator in value;
}

/** Ends `run` with the context's stop event, or its error; its steps work in the run's scope. */
export function followAgentContext(context: PromiseLike<unknown> & AsyncIterable<unknown> & object, run: Run): void {
  const reading = new ContextReading(run);
  const then = context.then.bind(context) as (resolve: Settle, reject: Settle) => unknown;
  overrideMethod(context, "then", (onResult?: never, onError?: never) => {
    // The workflow itself calls these, also when it times out, in the scope of the run, which the caller's must not see.
    const settled = new Promise((resolve, reject) => void run.scope(() => then(resolve, reject)));
    settled.then(reading.onItem, (error: unknown) => reading.onEnd("error", error));
    return settled.then(onResult, onError);
  });
  const iterate = context[Symbol.asyncIterator].bind(context);
  overrideMethod(context, Symbol.asyncIterator, () => {
    const events = run.scope(iterate);
    // Each time the same one.
    if (!reading.follows) {
      reading.follows = true;
      safely("events of an agent run", () => followStream(events, reading));
    }
    return events;
  });
  onDropped(context, reading.onEnd);
}

type Settle = (value: unknown) => void;

/** Not one that refers to the context, which is to be collected. */
class ContextReading implements StreamObserver {
  follows = false;
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  scope<T>(fn: () => T): T {
    return this.#run.scope(fn);
  }

  /** Of all events only the stop event has a result. */
  readonly onItem = (event: unknown): void => {
    const data = fieldsOf(fieldsOf(event)["data"]);
    if ("result" in data) safely("end of an agent run", () => this.#run.end({ output: contentOf(data["result"]) }));
  };

  readonly onEnd = (reason: IterationEnd, error?: unknown): void => {
    safely("end of an agent run", () => this.#run.endStream(reason, error, {}));
  };
}
