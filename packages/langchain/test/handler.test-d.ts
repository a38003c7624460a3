import { RunnableLambda } from "@langchain/core/runnables";
import { createTracer, type Observation } from "@spanwise/core";
import { expectTypeOf, test } from "vitest";
import { CallbackHandler, traceEmbeddings } from "../src/index.ts";
import { OpenAIEmbeddings } from "./core-1/modules.ts";
import { RunnableLambda as OldLambda } from "./core-0.3/modules.ts";

test("a handler goes where LangChain takes callbacks, in every major", () => {
  const handler = new CallbackHandler();
  void RunnableLambda.from((x: string) => x).invoke("x", { callbacks: [handler] });
  void OldLambda.from((x: string) => x).invoke("x", { callbacks: [handler] });
  RunnableLambda.from((x: string) => x).withConfig({ callbacks: [handler] });
});

test("options", () => {
  const tracer = createTracer();
  const parent: Observation = tracer.startObservation("x");
  expectTypeOf(CallbackHandler).toBeConstructibleWith({
    tracer,
    parent,
    trace: { userId: "u" },
    captureInput: undefined,
  });
  expectTypeOf(CallbackHandler).toBeConstructibleWith({ parent: null });
  // @ts-expect-error -- not an option
  void new CallbackHandler({ user: "u" });
  expectTypeOf(CallbackHandler.registerGlobally()).toEqualTypeOf<() => void>();
});

test("a traced embedding model keeps its type", () => {
  expectTypeOf(traceEmbeddings(new OpenAIEmbeddings({}), { name: "embed" })).toEqualTypeOf<OpenAIEmbeddings>();
});
