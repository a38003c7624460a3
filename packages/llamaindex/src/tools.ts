import { classNameOf, fieldsOf, hasMethod, isObject, stringOf } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { readOr } from "./llm-request.ts";

/** LlamaIndex asks no more of a tool than a `call` and `metadata` with a name. */
export function isTool(value: unknown): value is object {
  return hasMethod(value, "call") && nameOf(value) !== undefined;
}

function nameOf(tool: unknown): string | undefined {
  return stringOf(fieldsOf(readOr(() => fieldsOf(tool)["metadata"]))["name"]);
}

/** Records each `call` of a tool, in place: the objects that are handed to the model are those that are called. */
export function traceToolObject({ recorder, patches, components }: Instrumentation, tool: object): void {
  patches.around(tool, "call", (self, args, call) => {
    if (!isObject(self) || recorder.isPartOf("tool", self)) return call();
    components.adopt(readOr(() => self["queryEngine"]));
    return recorder.observe(
      {
        kind: "tool",
        type: "tool",
        name: nameOf(self) ?? classNameOf(self, "tool"),
        input: args[0],
        target: self,
      },
      call,
      { onResult: (output) => ({ output }) },
    );
  });
}
