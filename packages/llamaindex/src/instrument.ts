import { SpanwiseConfigError } from "@spanwise/core";
import { isAgentWorkflow, isEarlyAgentWorkflow } from "./agents.ts";
import { isEmbedding } from "./embedding.ts";
import { isChatEngine, isQueryEngine, isRetriever, isSynthesizer } from "./engines.ts";
import { isObject } from "./fields.ts";
import { createInstrumentation } from "./instrumentation.ts";
import { isLLM } from "./llm.ts";
import { traceModule } from "./modules.ts";
import type { LlamaIndexOptions } from "./options.ts";

/** The application's own modules of LlamaIndex, as `import * as` or `require` give them. */
export interface LlamaIndexModules {
  /** `import * as llamaindex from "llamaindex"`. */
  llamaindex: object;
  /** `import * as workflow from "@llamaindex/workflow"`: agents, their steps, tools and hand-offs. */
  workflow?: object | undefined;
  /** Any other package of LlamaIndex that models, embeddings or engines come from, by any name: `openai`, `anthropic`, ... */
  [name: string]: object | undefined;
}

export interface InstrumentationHandle {
  /** Takes every wrapper off again. What is open is recorded to its end. Called twice it does nothing more. */
  readonly uninstall: () => void;
}

/**
 * Records queries, chats, retrieval, synthesis, model calls, embeddings, tools, ingestion and agent runs of LlamaIndex.TS 0.11
 * and 0.12. Nothing is imported: the wrappers go on the classes of the modules that are handed over, and on the models, tools
 * and engines that are found at work. Installed again, what is wrapped already stays as it is.
 *
 * @throws SpanwiseConfigError when a module is missing or is none.
 * @example
 * import * as llamaindex from "llamaindex";
 * import * as openai from "@llamaindex/openai";
 * instrumentLlamaIndex({ llamaindex, openai });
 */
export function instrumentLlamaIndex(
  modules: LlamaIndexModules,
  options: LlamaIndexOptions = {},
): InstrumentationHandle {
  const given = Object.entries((modules as LlamaIndexModules | undefined) ?? {});
  if (!isObject(given.find(([name]) => name === "llamaindex")?.[1])) {
    throw new SpanwiseConfigError(
      'instrumentLlamaIndex needs your llamaindex module: import * as llamaindex from "llamaindex", then instrumentLlamaIndex({ llamaindex })',
    );
  }
  for (const [name, module] of given) {
    if (module !== undefined && !isObject(module)) {
      throw new SpanwiseConfigError(
        `instrumentLlamaIndex: ${name} is not a module; pass what import * as ${name} gives`,
      );
    }
  }
  const instrumentation = createInstrumentation(options);
  for (const [, module] of given) if (module !== undefined) traceModule(instrumentation, module);
  return { uninstall: () => instrumentation.patches.restore() };
}

/**
 * Records the calls of one model, in place, and returns it. For models that `instrumentLlamaIndex` cannot find, or on its own.
 *
 * @throws SpanwiseConfigError when `llm` is no model: it needs `chat` and `complete`.
 */
export function traceLLM<T extends object>(llm: T, options: LlamaIndexOptions = {}): T {
  return trace(llm, options, isLLM, "traceLLM takes a model with chat() and complete(), such as openai({ model })");
}

/**
 * Records the calls of one embedding model, in place, and returns it.
 *
 * @throws SpanwiseConfigError when `model` is no embedding model: it needs `getTextEmbedding` and `getQueryEmbedding`.
 */
export function traceEmbedding<T extends object>(model: T, options: LlamaIndexOptions = {}): T {
  return trace(model, options, isEmbedding, "traceEmbedding takes an embedding model, such as new OpenAIEmbedding()");
}

/**
 * Records the calls of one query engine, chat engine, retriever, synthesizer or agent workflow, in place, with the models
 * and tools that it is made of, and returns it. For chat engines that were made before `instrumentLlamaIndex`.
 *
 * @throws SpanwiseConfigError when `engine` is none of these.
 */
export function traceEngine<T extends object>(engine: T, options: LlamaIndexOptions = {}): T {
  const isEngine = (value: unknown): boolean =>
    isQueryEngine(value) ||
    isChatEngine(value) ||
    isRetriever(value) ||
    isSynthesizer(value) ||
    isAgentWorkflow(value) ||
    isEarlyAgentWorkflow(value);
  return trace(
    engine,
    options,
    isEngine,
    "traceEngine takes a query engine, chat engine, retriever, synthesizer or agent workflow",
  );
}

function trace<T extends object>(
  component: T,
  options: LlamaIndexOptions,
  isRight: (value: unknown) => boolean,
  help: string,
): T {
  if (!isRight(component)) throw new SpanwiseConfigError(help);
  createInstrumentation(options).components.adopt(component);
  return component;
}
