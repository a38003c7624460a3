import { safely } from "@spanwise/core/adapter";
import {
  isAgent,
  isAgentWorkflow,
  isEarlyAgentWorkflow,
  traceAgentWorkflow,
  traceEarlyAgentWorkflow,
  traceStep,
} from "./agents.ts";
import { isEmbedding, traceEmbeddingModel } from "./embedding.ts";
import { isChatEngine, isQueryEngine, isRetriever, isSynthesizer, traceComponent } from "./engines.ts";
import { arrayOf, isObject } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { isLLM, traceModel } from "./llm.ts";
import { readOr } from "./llm-request.ts";
import { isPostprocessor, tracePostprocessor } from "./postprocessors.ts";
import { isTool, traceToolObject } from "./tools.ts";

/** Where LlamaIndex's components keep others. Nothing else of an object is looked at. */
const PARTS = [
  "llm",
  "chatModel",
  "responseSynthesizer",
  "retriever",
  "queryEngine",
  "contextGenerator",
  "questionGen",
  "selector",
  "summarizer",
  "index",
  "embedModel",
  "memory",
] as const;
const LISTS = ["queryEngines", "tools", "transformations", "nodePostprocessors", "memoryBlocks"] as const;

/** Parts, and parts of parts, that are looked at for one call. */
const MAX_COMPONENTS = 1_000;
/** Items of one list of parts that are looked at. */
const MAX_ITEMS = 256;

/**
 * Finds the components that an application has made and puts the wrappers on them, by what they can do and never by class: the
 * default install has two copies of each class. Told of the same object again it does nothing new.
 */
export class Components {
  readonly #instrumentation: Instrumentation;

  constructor(instrumentation: Instrumentation) {
    this.#instrumentation = instrumentation;
  }

  /** The component and those it is made of. */
  adopt(component: unknown, seen: Set<object> = new Set()): void {
    if (!isObject(component) || seen.has(component) || seen.size >= MAX_COMPONENTS) return;
    seen.add(component);
    safely("look at a component", () => {
      this.#trace(component);
      for (const name of PARTS)
        this.adopt(
          readOr(() => component[name]),
          seen,
        );
      for (const name of LISTS) {
        for (const part of arrayOf(readOr(() => component[name])).slice(0, MAX_ITEMS)) this.adopt(part, seen);
      }
      if (isAgentWorkflow(component) || isEarlyAgentWorkflow(component)) {
        for (const agent of arrayOf(readOr(() => component.getAgents()))) this.adopt(agent, seen);
      }
    });
  }

  adoptTools(tools: unknown): void {
    for (const tool of arrayOf(tools).slice(0, MAX_ITEMS)) if (isTool(tool)) this.adopt(tool);
  }

  #trace(component: object): void {
    const parts = this.#instrumentation;
    if (isLLM(component)) traceModel(parts, component);
    else if (isEmbedding(component)) traceEmbeddingModel(parts, component);
    else if (isTool(component)) traceToolObject(parts, component);
    else if (isAgentWorkflow(component)) traceAgentWorkflow(parts, component);
    else if (isEarlyAgentWorkflow(component)) traceEarlyAgentWorkflow(parts, component);
    else if (isAgent(component)) traceStep(parts, component);
    else if (isPostprocessor(component)) tracePostprocessor(parts, component);
    else if (isQueryEngine(component) || isChatEngine(component) || isRetriever(component) || isSynthesizer(component))
      traceComponent(parts, component);
  }
}
