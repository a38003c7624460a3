import "#platform";

export { CallbackHandler } from "./handler.ts";
export { traceEmbeddings } from "./embeddings.ts";
export type { CallbackHandlerOptions, GlobalHandlerOptions } from "./options.ts";
export type { RunStats } from "./registry.ts";
export type { TraceEmbeddingsOptions } from "./embeddings.ts";
