import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { pause } from "./support/pause.ts";
import { createTracedCallbacks } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  const chatModel = (fields: object = {}) =>
    new lc.ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "k",
      configuration: { baseURL: server.url },
      maxRetries: 0,
      ...fields,
    });

  it("an error is one on the step and on what it brought down", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const chain = lc.RunnableLambda.from((x: string) => x).pipe(
      lc.RunnableLambda.from((): string => {
        throw Object.assign(new TypeError("no"), { code: "E_NO" });
      }),
    );
    await expect(chain.invoke("x", { callbacks })).rejects.toThrow("no");
    const tree = await root();
    expect(flatten(tree).map(({ status }) => status)).toEqual(["error", "ok", "error"]);
    expect(tree).toMatchObject({
      level: "ERROR",
      statusMessage: "no",
      metadata: { error: { name: "TypeError", code: "E_NO" } },
    });
  });

  it.each([undefined, "text", { code: 1 }, null])("%j can be thrown", async (thrown) => {
    const { callbacks, root } = createTracedCallbacks();
    const chain = lc.RunnableLambda.from(() => {
      throw thrown;
    });
    await expect(chain.invoke("x", { callbacks })).rejects.toEqual(thrown);
    expect(await root()).toMatchObject({ status: "error", statusMessage: expect.stringMatching(/./) });
  });

  it("a provider's refusal keeps its status and code", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ status: 429 }]);
    await expect(chatModel().invoke("x", { callbacks })).rejects.toThrow();
    expect(await root()).toMatchObject({ type: "generation", status: "error", metadata: { error: { status: 429 } } });
  });

  it("an aborted call is cancelled, on the chain and on the model", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ hang: true }]);
    const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel());
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 60);
    await expect(chain.invoke({ q: "x" }, { callbacks, signal: abort.signal })).rejects.toThrow();
    await pause(30);
    const tree = await root();
    expect(shape(tree)).toBe("RunnableSequence(ChatPromptTemplate, ChatOpenAI)");
    expect([tree.status, find(tree, "ChatOpenAI").status]).toEqual(["cancelled", "cancelled"]);
    expect(tree.level).toBe("WARNING");
  });

  it("a stream that is broken off ends as cancelled, with what had come", async () => {
    const before = CallbackHandler.stats().open;
    const { callbacks, roots, tracer } = createTracedCallbacks();
    let brokenOffMs = 0;
    await (async () => {
      server.script([{ answer: { text: "one two three four five six seven eight" }, chunkDelayMs: 5 }]);
      const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel()).pipe(new lc.StringOutputParser());
      let parts = 0;
      for await (const _ of await chain.stream({ q: "count" }, { callbacks })) if ((parts += 1) === 5) break;
      await pause(100);
      brokenOffMs = Date.now();
    })();
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect(shape(tree!)).toBe("RunnableSequence(ChatPromptTemplate, ChatOpenAI, StrOutputParser)");
    const model = find(tree!, "ChatOpenAI");
    expect(model).toMatchObject({ status: "cancelled", level: "WARNING", output: { role: "assistant" } });
    expect(model.output.content).toMatch(/^one two/);
    expect(model.completionStartTime).toBeGreaterThan(0);
    // The last event's, not the garbage collector's.
    expect(model.endTime!).toBeLessThanOrEqual(brokenOffMs);
    expect(["cancelled", "incomplete"]).toContain(tree!.status);
    expect(CallbackHandler.stats().open).toBeLessThanOrEqual(before);
  });

  it("a stream that is aborted ends as cancelled", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const abort = new AbortController();
    await (async () => {
      server.script([{ answer: { text: "one two three four five six seven eight" }, chunkDelayMs: 20 }]);
      const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel());
      try {
        for await (const _ of await chain.stream({ q: "count" }, { callbacks, signal: abort.signal })) {
          setTimeout(() => abort.abort(), 20);
        }
      } catch {
        // An abort.
      }
    })();
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect(find(tree!, "ChatOpenAI").status).toBe("cancelled");
    expect(tree!.status).toBe("cancelled");
  });

  it("a connection that drops leaves the part of the answer on an error", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: "one two three four five six" }, stream: { breakAfterChunks: 4, how: "reset" } }]);
    const read = async () => {
      for await (const _ of await chatModel().stream("x", { callbacks }));
    };
    await expect(read()).rejects.toThrow();
    const tree = await root();
    expect(tree.status).toBe("error");
    expect(tree.output.content).toMatch(/^one/);
  });

  it("a tool run whose end LangChain forgets is ended as incomplete", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const pair = lc.tool(async () => "not a pair", {
      name: "pair",
      description: "d",
      schema: { type: "object", properties: {} } as never,
      responseFormat: "content_and_artifact",
    });
    await expect(pair.invoke({} as never, { callbacks })).rejects.toThrow();
    const { abandoned } = CallbackHandler.stats();
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    if (tree!.status === "incomplete") expect(CallbackHandler.stats().abandoned).toBe(abandoned + 1);
    expect(tree).toMatchObject({ name: "pair", type: "tool" });
    expect(["incomplete", "error"]).toContain(tree!.status);
  });

  it("a retry and a fallback that helped", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    let tries = 0;
    const flaky = lc.RunnableLambda.from((x: string) => {
      tries += 1;
      if (tries < 2) throw new Error("once");
      return x;
    });
    await flaky.withRetry({ stopAfterAttempt: 3 }).invoke("x", { callbacks });
    const bad = lc.RunnableLambda.from((): string => {
      throw new Error("bad");
    });
    await bad.withFallbacks([lc.RunnableLambda.from((x: string) => x)]).invoke("y", { callbacks });
    const [retried, fallen] = await roots();
    expect(retried).toMatchObject({ status: "ok", metadata: { recoveredErrors: 1 } });
    expect(retried!.children.map(({ status }) => status)).toEqual(["error", "ok"]);
    expect(retried!.children[1]!.metadata).toMatchObject({ retryAttempt: 2 });
    expect(fallen).toMatchObject({ status: "ok", metadata: { recoveredErrors: 1 } });
    expect(fallen!.children.map(({ status }) => status)).toEqual(["error", "ok"]);
  });

  it("a fallback that is streamed: the output that LangChain keeps to itself", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const bad = lc.RunnableLambda.from((): string => {
      throw new Error("no");
    });
    const good = new lc.FakeListChatModel({ responses: ["hello"] });
    let text = "";
    for await (const part of await bad.withFallbacks([good as never]).stream("y", { callbacks })) {
      text += (part as unknown as { content: string }).content;
    }
    expect(text).toBe("hello");
    expect(await root()).toMatchObject({ status: "ok", output: { role: "assistant", content: "hello" } });
  });

  it.runIf(version === "1")("batch with returnExceptions: the failed element failed", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const model = createScriptedModel(lc, (text) => {
      if (text === "b") throw new Error("not b");
      return { content: text };
    });
    const chain = lc.RunnableLambda.from((x: string) => x).pipe(model);
    await chain.batch(["a", "b"], { callbacks }, { returnExceptions: true });
    const all = await roots();
    expect(all.map(({ status }) => status).toSorted()).toEqual(["error", "ok"]);
  });

  it("an answer out of the cache is no model's work", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const cache = new lc.InMemoryCache(new Map());
    server.script([{ answer: { text: "once" } }]);
    const model = chatModel({ cache });
    await model.invoke("same", { callbacks });
    await model.invoke("same", { callbacks });
    const [first, second] = await roots();
    expect(first!.usageDetails).toMatchObject({ input: expect.any(Number) });
    expect(second).toMatchObject({ output: { content: "once" }, usageDetails: undefined });
    if (version === "1") {
      expect(second!.metadata).toMatchObject({ cached: true });
      expect(second!.completionStartTime).toBeUndefined();
    }
  });
});
