import { safely } from "@spanwise/core/adapter";
import {
  isAgentWorkflow,
  isEarlyAgentWorkflow,
  traceAgentWorkflow,
  traceEarlyAgentWorkflow,
  traceStep,
} from "./agents.ts";
import { isEmbedding, traceEmbeddingMethod } from "./embedding.ts";
import {
  isChatEngine,
  isRetriever,
  isSynthesizer,
  traceChat,
  traceQuery,
  traceRetrieve,
  traceSynthesize,
} from "./engines.ts";
import { hasMethod, isObject, type Fields } from "./fields.ts";
import { traceFactories, traceFromDocuments, traceInsert, traceNodeParser, tracePipeline } from "./ingestion.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { isLLM, traceModel } from "./llm.ts";
import { tracePostprocessor } from "./postprocessors.ts";
import { isSettings, traceSettings } from "./settings.ts";
import { isTool, traceToolObject } from "./tools.ts";
import { traceEvents } from "./event-source.ts";

/** Exports of one module that are looked at; LlamaIndex has some 300. */
const MAX_EXPORTS = 5_000;

/** Puts the wrappers on the classes of a module, and on the bases that they extend. Told by what they can do, not by name. */
export function traceModule(instrumentation: Instrumentation, module: object): void {
  const stopEvent = (module as Fields)["stopAgentEvent"];
  for (const exported of Object.values(module).slice(0, MAX_EXPORTS)) {
    safely("look at an export", () => {
      if (isSettings(exported)) traceSettings(instrumentation, exported);
      else if (isClass(exported)) traceClass(instrumentation, exported, stopEvent);
      else if (isComponent(exported)) instrumentation.components.adopt(exported);
    });
  }
}

type Class = (abstract new (...args: never[]) => unknown) & { prototype: object };

function isClass(value: unknown): value is Class {
  if (typeof value !== "function") return false;
  const { prototype } = value as { prototype?: unknown };
  return isObject(prototype) && prototype["constructor"] === value;
}

/** A module may be handed over with instances beside its classes. */
function isComponent(value: unknown): boolean {
  return isLLM(value) || isEmbedding(value) || isTool(value) || isRetriever(value) || isSynthesizer(value);
}

function traceClass(instrumentation: Instrumentation, exported: Class, stopEvent: unknown): void {
  const { prototype } = exported;
  if (Object.hasOwn(exported, "fromDocuments")) traceFromDocuments(instrumentation, exported);
  for (let at: object | null = prototype; at && at !== Object.prototype; at = parentOf(at)) {
    if (at === Function.prototype) return;
    tracePrototype(instrumentation, at, prototype, stopEvent);
  }
}

/** `whole` is the prototype of the exported class, by which `at`, one of its bases, is understood. */
function tracePrototype(instrumentation: Instrumentation, at: object, whole: object, stopEvent: unknown): void {
  const has = (name: string): boolean => Object.hasOwn(at, name) && hasMethod(at, name);
  if (has("dispatchEvent") && has("on") && has("off")) traceEvents(instrumentation, at);
  if (isLLM(whole) && has("chat")) traceModel(instrumentation, at);
  if (isChatEngine(whole) && has("chat")) traceChat(instrumentation, at);
  if (has("query") && has("retrieve")) traceQuery(instrumentation, at, "query");
  if (has("_query") && hasMethod(whole, "query")) traceQuery(instrumentation, at, "_query");
  if (isRetriever(whole) && has("retrieve")) traceRetrieve(instrumentation, at);
  if (isSynthesizer(whole) && has("synthesize")) traceSynthesize(instrumentation, at);
  if (has("takeStep")) traceStep(instrumentation, at);
  if (isAgentWorkflow(at)) traceAgentWorkflow(instrumentation, at, stopEvent);
  if (isEarlyAgentWorkflow(at)) traceEarlyAgentWorkflow(instrumentation, at);
  if (has("postprocessNodes")) tracePostprocessor(instrumentation, at);
  if (has("getNodesFromDocuments")) traceNodeParser(instrumentation, at);
  if (has("run") && has("prepareInput")) tracePipeline(instrumentation, at);
  if (hasMethod(whole, "insertNodes") && hasMethod(whole, "asRetriever")) {
    for (const name of ["insert", "insertNodes"] as const) if (has(name)) traceInsert(instrumentation, at, name);
  }
  if (has("getTools") && has("createTask")) traceTools(instrumentation, at);
  if (has("call") && at.constructor.name.endsWith("Tool")) {
    traceToolObject(instrumentation, at);
  }
  if (hasMethod(whole, "getQueryEmbedding") && hasMethod(whole, "getTextEmbeddingsBatch")) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (/^get(Text|Query|Image)Embedding/.test(name)) traceEmbeddingMethod(instrumentation, at, name);
    }
  }
  traceFactories(instrumentation, at);
}

/** The tools of a legacy agent, which it may look up by the question. */
function traceTools({ patches, components }: Instrumentation, owner: object): void {
  patches.around(owner, "getTools", (_self, _args, call) => {
    const tools = call();
    components.adoptTools(tools);
    return tools;
  });
}

function parentOf(prototype: object): object | null {
  return Object.getPrototypeOf(prototype) as object | null;
}
