import { arrayOf, classNameOf, defined, fieldsOf, hasMethod, isObject } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";

/** Node parsers at work, with the time that it takes: their events come after the work. Counts, not texts. */
export function traceNodeParser({ recorder, patches }: Instrumentation, owner: object): void {
  if (recorder.options.include?.nodeParsing === false) return;
  patches.around(owner, "getNodesFromDocuments", (self, args, call) => {
    if (!isObject(self) || recorder.isPartOf("parse", self)) return call();
    return recorder.observe(
      {
        kind: "parse",
        type: "span",
        name: `${classNameOf(self, "NodeParser")}.getNodesFromDocuments`,
        input: { documents: arrayOf(args[0]).length },
        target: self,
      },
      call,
      { onResult: (nodes) => ({ output: { nodes: arrayOf(nodes).length } }) },
    );
  });
}

export function tracePipeline({ recorder, patches, components }: Instrumentation, owner: object): void {
  patches.around(owner, "run", (self, args, call) => {
    if (!isObject(self) || !recorder.tracer.enabled) return call();
    components.adopt(self);
    const { documents, nodes } = fieldsOf(args[0]);
    return recorder.observe(
      {
        kind: "ingest",
        type: "chain",
        name: `${classNameOf(self, "IngestionPipeline")}.run`,
        input: defined({ documents: countOf(documents ?? self["documents"]), nodes: countOf(nodes) }),
        attributes: {
          metadata: { transformations: arrayOf(self["transformations"]).map((step) => classNameOf(step, "transform")) },
        },
        target: self,
      },
      call,
      { onResult: (made) => ({ output: { nodes: arrayOf(made).length } }) },
    );
  });
}

/** `fromDocuments` of an index class: parsing, embedding and storing under one observation. */
export function traceFromDocuments({ recorder, patches, components }: Instrumentation, owner: object): void {
  patches.around(owner, "fromDocuments", (self, args, call) =>
    recorder.observe(
      {
        kind: "ingest",
        type: "chain",
        name: `${typeof self === "function" ? self.name : "Index"}.fromDocuments`,
        input: { documents: arrayOf(args[0]).length },
      },
      call,
      {
        onResult(index) {
          components.adopt(index);
          return {};
        },
      },
    ),
  );
}

/** Documents and nodes that are put into an index once it is there. Building one is made of the same, and is one observation. */
export function traceInsert(
  { recorder, patches, components }: Instrumentation,
  owner: object,
  method: "insert" | "insertNodes",
): void {
  patches.around(owner, method, (self, args, call) => {
    if (!isObject(self) || !recorder.tracer.enabled || recorder.activeRun()?.kind === "ingest") return call();
    components.adopt(self);
    return recorder.observe(
      {
        kind: "ingest",
        type: "chain",
        name: `${classNameOf(self, "Index")}.${method}`,
        input: method === "insert" ? { documents: 1 } : { nodes: arrayOf(args[0]).length },
        target: self,
      },
      call,
      { onResult: () => ({}) },
    );
  });
}

/** An index makes engines of classes that no module exports; they are reached as they are made. */
const FACTORIES = ["asQueryEngine", "asChatEngine", "asRetriever", "asQueryTool"] as const;

export function traceFactories({ patches, components }: Instrumentation, owner: object): void {
  for (const factory of FACTORIES) {
    if (!Object.hasOwn(owner, factory) || !hasMethod(owner, factory)) continue;
    patches.around(owner, factory, (_self, _args, call) => {
      const made = call();
      components.adopt(made);
      return made;
    });
  }
}

function countOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}
