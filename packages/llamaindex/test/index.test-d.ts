import type { OpenAI, OpenAIEmbedding } from "@llamaindex/openai";
import type { Tracer } from "@spanwise/core";
import * as llamaindex from "llamaindex";
import { expectTypeOf, test } from "vitest";
import { hookCallbackManager, instrumentLlamaIndex, traceEmbedding, traceEngine, traceLLM } from "../src/index.ts";

test("what is traced keeps its type", () => {
  expectTypeOf(traceLLM<OpenAI>).returns.toEqualTypeOf<OpenAI>();
  expectTypeOf(traceEmbedding<OpenAIEmbedding>).returns.toEqualTypeOf<OpenAIEmbedding>();
  expectTypeOf(traceEngine<llamaindex.RetrieverQueryEngine>).returns.toEqualTypeOf<llamaindex.RetrieverQueryEngine>();
});

test("modules are handed over as they are imported", () => {
  expectTypeOf(instrumentLlamaIndex).toBeCallableWith({ llamaindex, anything: llamaindex, workflow: undefined });
  expectTypeOf(instrumentLlamaIndex).toBeCallableWith({ llamaindex }, { tracer: {} as Tracer, parent: null });
  expectTypeOf(hookCallbackManager).toBeCallableWith(llamaindex.Settings.callbackManager);
  // @ts-expect-error -- llamaindex itself is needed
  instrumentLlamaIndex({ workflow: llamaindex });
});
