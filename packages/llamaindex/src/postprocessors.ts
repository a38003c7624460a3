import { classNameOf, hasMethod, isObject } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { nodeIds, queryOf } from "./values.ts";

/** What is done with nodes between retrieval and synthesis: cut-offs, rerankers, replacements. */
export function isPostprocessor(value: unknown): value is object {
  return hasMethod(value, "postprocessNodes");
}

/** Ids and scores before and after; the texts are in the retrieval. */
export function tracePostprocessor({ recorder, patches, components }: Instrumentation, owner: object): void {
  if (recorder.options.include?.postprocessing === false) return;
  patches.around(owner, "postprocessNodes", (self, args, call) => {
    if (!isObject(self) || !recorder.tracer.enabled || recorder.isPartOf("postprocess", self)) return call();
    components.adopt(self);
    return recorder.observe(
      {
        kind: "postprocess",
        type: "span",
        name: `${classNameOf(self, "postprocessor")}.postprocessNodes`,
        input: recorder.captureInput ? { query: queryOf(args[1]), nodes: nodeIds(args[0]) } : undefined,
        target: self,
      },
      call,
      { onResult: (nodes) => ({ output: nodeIds(nodes) }) },
    );
  });
}
