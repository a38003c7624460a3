import { classNameOf, fieldsOf, isObject, stringOf } from "./fields.ts";
import type { LlamaIndexOptions } from "./options.ts";
import { Recorder } from "./recorder.ts";

type Handler = (...args: never[]) => unknown;

/**
 * A plugin for `withTraceEvents` of `@llamaindex/workflow-core/middleware/trace-events`: each handler of a workflow of your own
 * becomes a span, named by its function, under the observation that was active when the workflow was started.
 *
 * @example
 * const workflow = withTraceEvents(createWorkflow(), { plugins: [createWorkflowPlugin()] });
 */
export function createWorkflowPlugin(options: LlamaIndexOptions = {}): <H extends Handler>(handler: H) => H {
  const recorder = new Recorder(options);
  return <H extends Handler>(handler: H): H => {
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      const event = args.find((arg) => "data" in fieldsOf(arg));
      return recorder.observe(
        {
          kind: "workflow",
          type: "chain",
          name: handler.name === "" ? "workflow step" : handler.name,
          input: fieldsOf(event)["data"],
        },
        () => handler.apply(this, args as never[]),
        {
          onResult: (result) => ({
            output: fieldsOf(result)["data"],
            metadata: { event: labelOf(result) },
          }),
        },
      );
    };
    return wrapped as unknown as H;
  };
}

/** An event bears its `debugLabel`, or a number, as the tag of the object. */
function labelOf(event: unknown): string {
  const tag = isObject(event) ? (event as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] : undefined;
  return stringOf(tag) ?? classNameOf(event, "none");
}
