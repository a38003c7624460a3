import { propagateAttributes } from "@spanwise/core";
import { beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTraced, createTracedCallbacks } from "./support/traced.ts";
import { flatten } from "./support/tree.ts";

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  const chain = () => lc.RunnableLambda.from((x: string) => x).pipe(lc.RunnableLambda.from((x: string) => x));

  it("user, session, tags and metadata of the call are the trace's, on every observation", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const metadata = { user_id: 7, sessionId: "s-1", plan: "pro", nested: { a: 1 } };
    await chain().invoke("x", { callbacks, tags: ["beta", "eu"], metadata });
    const all = flatten(await root());
    expect(all).toHaveLength(3);
    for (const { trace } of all) {
      expect(trace).toMatchObject({
        userId: "7",
        sessionId: "s-1",
        tags: ["beta", "eu"],
        metadata: { plan: "pro", nested: { a: 1 } },
      });
    }
    // What is inherited is not said again.
    expect(all[1]!.metadata).toEqual({ step: "seq:step:1" });
  });

  it("Langfuse's keys", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const metadata = { langfuseUserId: "u", langfuseSessionId: "s", langfuseTags: ["t"], thread_id: "other" };
    await chain().invoke("x", { callbacks, metadata });
    const { trace } = await root();
    expect(trace).toMatchObject({ userId: "u", sessionId: "s", tags: ["t"] });
    expect(trace.metadata).toEqual({ thread_id: "other" });
  });

  it("options win over metadata, and tags unite", async () => {
    const { callbacks, root } = createTracedCallbacks({
      name: "named",
      metadata: { component: "chat" },
      trace: { userId: "option", tags: ["app"], metadata: { plan: "free" } },
    });
    await chain().invoke("x", { callbacks, tags: ["call"], metadata: { userId: "metadata", plan: "pro", other: 1 } });
    const tree = await root();
    expect(tree).toMatchObject({ name: "named", metadata: { component: "chat" } });
    expect(tree.trace).toMatchObject({ userId: "option", tags: ["app", "call"], metadata: { plan: "free", other: 1 } });
    expect(tree.children[0]!.name).toBe("RunnableLambda");
  });

  it("a thread is a session, unless the code around has named one", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const call = () => chain().invoke("x", { callbacks, metadata: { thread_id: "thread" } });
    await call();
    await propagateAttributes({ sessionId: "mine" }, call);
    expect((await roots()).map(({ trace }) => trace.sessionId)).toEqual(["thread", "mine"]);
  });

  it.runIf(version === "0.3")("configurable is in metadata on 0.3", async () => {
    const { callbacks, root } = createTracedCallbacks();
    await chain().invoke("x", { callbacks, configurable: { thread_id: "configured" } });
    expect((await root()).trace.sessionId).toBe("configured");
  });

  it("metadata of a step is the step's", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const steps = lc.RunnableLambda.from((x: string) => x)
      .withConfig({ metadata: { own: 1 } })
      .pipe(lc.RunnableLambda.from((x: string) => x));
    await steps.invoke("x", { callbacks, metadata: { shared: 2 } });
    const tree = await root();
    expect(tree.children[0]!.metadata).toMatchObject({ own: 1 });
    expect(tree.children[0]!.metadata.shared).toBeUndefined();
    expect(tree.children[1]!.metadata.own).toBeUndefined();
  });

  it("langfusePrompt links the model call after the template", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const prompt = lc.ChatPromptTemplate.fromTemplate("{q}").withConfig({
      metadata: { langfusePrompt: { name: "greet", version: 3 } },
    });
    const model = createScriptedModel(lc, () => ({ content: "ok" }));
    const again = lc.RunnableLambda.from(() => "again");
    await prompt.pipe(model).pipe(again).pipe(model).invoke({ q: "x" }, { callbacks });
    const generations = flatten(await root()).filter(({ type }) => type === "generation");
    expect(generations.map(({ prompt: linked }) => linked)).toEqual([{ name: "greet", version: 3 }, undefined]);
  });

  it("parent: a trace of its own, or an observation given", async () => {
    const own = createTracedCallbacks({ parent: null });
    const around = own.tracer.startObservation("around");
    await own.tracer.runWithObservation(around, () => chain().invoke("x", { callbacks: own.callbacks }));
    around.end();
    expect(await own.roots()).toHaveLength(2);

    const traced = createTraced();
    const given = traced.tracer.startObservation("given");
    await chain().invoke("x", { callbacks: [new CallbackHandler({ tracer: traced.tracer, parent: given })] });
    given.end();
    expect((await traced.root()).children.map(({ name }) => name)).toEqual(["RunnableSequence"]);
  });
});
