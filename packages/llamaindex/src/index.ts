export { hookCallbackManager } from "./callback-hook.ts";
export { instrumentLlamaIndex, traceEmbedding, traceEngine, traceLLM } from "./instrument.ts";
export { createWorkflowPlugin } from "./workflow-plugin.ts";
export type { InstrumentationHandle, LlamaIndexModules } from "./instrument.ts";
export type { IncludedParts, LlamaIndexOptions } from "./options.ts";
