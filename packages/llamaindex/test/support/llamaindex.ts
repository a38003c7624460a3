import * as openai from "@llamaindex/openai";
import * as workflow from "@llamaindex/workflow";
import * as v12 from "llamaindex";
import { instrumentLlamaIndex } from "../../src/index.ts";
import type { InstrumentationHandle, LlamaIndexOptions } from "../../src/index.ts";
import type { Setup } from "./setup.ts";

/** 0.11 has the same shape as far as the tests go. */
export type LlamaIndex = typeof v12;

export { openai, v12, workflow };

type ChatInit = NonNullable<ConstructorParameters<typeof openai.OpenAI>[0]>;

export function createLLM({ server }: Setup, init: Partial<ChatInit> = {}): openai.OpenAI {
  return new openai.OpenAI({ apiKey: "sk-secret", baseURL: server.url, model: "gpt-4o-mini", maxRetries: 0, ...init });
}

export function createEmbedding({ server }: Setup, embedBatchSize = 10): openai.OpenAIEmbedding {
  return new openai.OpenAIEmbedding({
    apiKey: "sk-secret",
    baseURL: server.url,
    model: "text-embedding-3-small",
    maxRetries: 0,
    embedBatchSize,
  });
}

/** Models of the one copy of the core are no models of the other to the type checker either. */
export interface LooseSettings {
  llm: unknown;
  embedModel: unknown;
  withLLM<T>(llm: unknown, fn: () => T): T;
}

export function settingsOf(llamaindex: LlamaIndex): LooseSettings {
  return llamaindex.Settings;
}

export interface Installed extends InstrumentationHandle {
  llm: openai.OpenAI;
  embedModel: openai.OpenAIEmbedding;
}

/** Models in `Settings`, and everything handed over, as an application does at its start. */
export function install(setup: Setup, llamaindex: LlamaIndex, options: LlamaIndexOptions = {}): Installed {
  const llm = createLLM(setup);
  const embedModel = createEmbedding(setup);
  Object.assign(settingsOf(llamaindex), { llm, embedModel });
  const handle = instrumentLlamaIndex({ llamaindex, workflow, openai }, { tracer: setup.tracer, ...options });
  return { ...handle, llm, embedModel };
}

export function createIndex(llamaindex: LlamaIndex): Promise<v12.VectorStoreIndex> {
  const texts = ["Spanwise flushes every second.", "The server listens on port 4777."];
  return llamaindex.VectorStoreIndex.fromDocuments(
    texts.map((text, n) => new llamaindex.Document({ text, id_: `doc-${n}`, metadata: { page: n } })),
  );
}

export async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
