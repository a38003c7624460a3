import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { pause } from "./support/pause.ts";
import { createTraced, createTracedCallbacks } from "./support/traced.ts";
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
  afterEach(() => expect(CallbackHandler.stats().open).toBe(0));

  const chatModel = (fields: object = {}) =>
    new lc.ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "k",
      configuration: { baseURL: server.url },
      maxRetries: 0,
      ...fields,
    });

  it("a model's stream that is broken off, and one whose iterator is dropped", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const answer = { text: "one two three four five six" };
    await (async () => {
      server.script([{ answer, chunkDelayMs: 5 }]);
      let parts = 0;
      // LangChain tells of a piece after the consumer has had it: the last one is not told.
      for await (const _ of await chatModel().stream("x", { callbacks })) if ((parts += 1) === 4) break;
      server.script([{ answer, chunkDelayMs: 5 }]);
      const stream = await chatModel().stream("x", { callbacks });
      const iterator = stream[Symbol.asyncIterator]();
      for (let i = 0; i < 4; i += 1) await iterator.next();
    })();
    await pause(100);
    await collectGarbage(() => tracer.stats().open === 0);
    const all = await roots();
    expect(all).toHaveLength(2);
    for (const { status, level, output } of all) {
      expect([status, level]).toEqual(["cancelled", "WARNING"]);
      expect(output.content).toMatch(/^one/);
    }
  });

  it("messages that are changed after the call are recorded as they were", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ delayMs: 30, answer: { text: "ok" } }]);
    const messages = [new lc.HumanMessage("before")];
    const call = chatModel().invoke(messages, { callbacks });
    await pause(10);
    messages[0]!.content = "after";
    messages.push(new lc.HumanMessage("later"));
    const answer = await call;
    answer.content = "changed by the caller";
    expect(await root()).toMatchObject({
      input: [{ role: "user", content: "before" }],
      output: { role: "assistant", content: "ok" },
    });
  });

  it("inputs of megabytes, ten thousand messages, and values that throw when they are read", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const step = lc.RunnableLambda.from((x: unknown) => (Array.isArray(x) ? x.length : "done"));
    await step.invoke({ text: "x".repeat(5_000_000) }, { callbacks });
    const many = Array.from({ length: 10_000 }, (_, i) => new lc.HumanMessage(`${i}`));
    await step.invoke(many, { callbacks });
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error("a trap");
        },
        ownKeys() {
          throw new Error("a trap");
        },
      },
    );
    const getter = Object.defineProperty({ fine: 1 }, "bad", {
      enumerable: true,
      get(): never {
        throw new Error("a getter");
      },
    });
    await step.invoke(
      { trap, getter, big: 10n, date: new Date(0), map: new Map([["k", trap]]) },
      {
        callbacks,
      },
    );
    const [large, list, odd] = await roots();
    expect(large!.status).toBe("ok");
    expect(JSON.stringify(large!.input).length).toBeLessThan(1_200_000);
    expect(JSON.stringify(large!.input)).toContain("xxx");
    expect(list).toMatchObject({ status: "ok", output: 10_000 });
    expect(JSON.stringify(list!.input)).not.toContain('"lc":1');
    expect(odd).toMatchObject({ status: "ok", output: "done" });
    expect(JSON.stringify(odd!.input)).toContain('"fine":1');
    expect(tracer.stats().dropped).toEqual({});
  });

  it("a map one of whose branches fails: what it brought down is no failure of its own", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const slow = lc.RunnableLambda.from(async (x: string) => {
      await pause(30);
      return x;
    });
    const map = lc.RunnableMap.from({
      bad: lc.RunnableLambda.from(async (): Promise<string> => {
        await pause(5);
        throw new Error("one branch");
      }),
      slow,
    } as never);
    await expect(map.invoke("x", { callbacks })).rejects.toThrow("one branch");
    await pause(60);
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect(tree).toMatchObject({ status: "error", statusMessage: "one branch" });
    const branches = Object.fromEntries(tree!.children.map((child) => [child.metadata.step, child]));
    expect(branches["map:key:bad"]).toMatchObject({ status: "error" });
    // It went on to its end, after its parent's.
    expect(branches["map:key:slow"]).toMatchObject({ status: "ok", output: "x" });
    expect(branches["map:key:slow"]!.endTime).toBeGreaterThan(tree!.endTime!);
  });

  it("batch with a limit and exceptions given back: each element by itself", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    let atOnce = 0;
    let most = 0;
    const model = createScriptedModel(lc, async (text) => {
      most = Math.max(most, (atOnce += 1));
      await pause(5);
      atOnce -= 1;
      if (text === "c") throw new RangeError("not c");
      return { content: `${text}!` };
    });
    const chain = lc.RunnableLambda.from((x: string) => x)
      .pipe(model)
      .pipe(new lc.StringOutputParser());
    const results = await chain.batch(
      ["a", "b", "c", "d"],
      { callbacks, maxConcurrency: 2 },
      { returnExceptions: true },
    );
    expect(most).toBeLessThanOrEqual(2);
    expect(results.filter((_, i) => i !== 2)).toEqual(["a!", "b!", "d!"]);
    expect(results[2]).toBeInstanceOf(Error);
    const all = await roots();
    const byInput = Object.fromEntries(all.map((root) => [root.input, root]));
    expect(Object.keys(byInput).toSorted()).toEqual(["a", "b", "c", "d"]);
    for (const text of ["a", "b", "d"]) expect(byInput[text]).toMatchObject({ status: "ok", output: `${text}!` });
    expect(byInput["c"]).toMatchObject({ status: "error" });
    expect(find(byInput["c"], "ScriptedModel")).toMatchObject({ status: "error", statusMessage: "not c" });
    expect(byInput["c"]!.output).toBeUndefined();
  });

  it("batch of a chain: each element has its own output", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const inner = lc.RunnableLambda.from((x: number) => x + 1).pipe(lc.RunnableLambda.from((x: number) => [x, x]));
    const chain = inner.pipe(lc.RunnableLambda.from((xs: number[]) => xs));
    await chain.batch([1, 2], { callbacks });
    const all = await roots();
    expect(all.map(({ input, output }) => [input, output])).toEqual(
      expect.arrayContaining([
        [1, [2, 2]],
        [2, [3, 3]],
      ]),
    );
  });

  it("one handler in the constructor, in withConfig and in the call, at two levels", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const model = chatModel({ callbacks });
    const inner = lc.RunnableLambda.from((x: string) => x)
      .pipe(model)
      .withConfig({ callbacks, runName: "inner" });
    const outer = lc.RunnableLambda.from(async (x: string, config: object) => inner.invoke(x, { ...config, callbacks }))
      .pipe(new lc.StringOutputParser())
      .withConfig({ callbacks, runName: "outer" });
    await outer.invoke("x", { callbacks: [...callbacks, ...callbacks] });
    const tree = await root();
    expect(flatten(tree).filter(({ type }) => type === "generation")).toHaveLength(1);
    expect(shape(tree)).toBe("outer(RunnableLambda(inner(RunnableLambda, ChatOpenAI)), StrOutputParser)");
  });

  it("a handler with a long life holds nothing of what it recorded", async () => {
    const traced = createTraced({ keeps: false });
    const { tracer } = traced;
    const handler = new CallbackHandler({ tracer });
    const model = createScriptedModel(lc, (text) => ({ content: text }));
    const chain = lc.RunnableLambda.from((x: string) => x).pipe(model);
    const inputs: WeakRef<object>[] = [];
    const round = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) {
        const input = { text: `${i} ${"x".repeat(1_000)}` };
        inputs.push(new WeakRef(input));
        await lc.RunnableLambda.from((given: { text: string }) => chain.invoke(given.text)).invoke(input, {
          callbacks: [handler],
        });
      }
      await tracer.flush();
    };
    await round();
    // One may still be on the stack of the engine, as it is without a handler.
    const held = () => inputs.filter((ref) => ref.deref() !== undefined).length;
    await collectGarbage(() => held() <= 1);
    expect(held()).toBeLessThanOrEqual(1);
    expect(CallbackHandler.stats().open).toBe(0);
    expect(tracer.stats()).toMatchObject({ open: 0, bytesHeld: 0 });
  }, 30_000);

  it("nothing of how the parts were made is recorded, whatever kind of run", async () => {
    const { callbacks, exporter, roots } = createTracedCallbacks();
    const handler = callbacks[0]!;
    const kwargs = { apiKey: "the-secret", headers: { authorization: "the-secret" }, url: "the-secret" };
    const serialized = { lc: 1, type: "constructor", id: ["a", "b", "Part"], kwargs, repr: "the-secret" };
    const params = { invocation_params: { model: "m", api_key: "the-secret", headers: kwargs, custom: "the-secret" } };
    const told = (tell: () => void) => Promise.resolve().then(tell);
    await told(() => handler.handleChainStart(serialized, { input: "x" }, "c", undefined, [], {}));
    await told(() => handler.handleChatModelStart(serialized, [[new lc.HumanMessage("x")]], "m", "c", params, [], {}));
    await told(() => handler.handleLLMEnd({ generations: [[{ text: "ok" }]] }, "m"));
    await told(() => handler.handleLLMStart(serialized, ["x"], "l", "c", params, [], {}));
    await told(() => handler.handleLLMEnd({ generations: [[{ text: "ok" }]] }, "l"));
    await told(() => handler.handleToolStart(serialized, "x", "t", "c", [], {}));
    await told(() => handler.handleToolEnd("ok", "t"));
    await told(() => handler.handleRetrieverStart(serialized, "x", "r", "c", [], {}));
    await told(() => handler.handleRetrieverEnd([], "r"));
    await told(() => handler.handleChainEnd({ output: chatModel({ apiKey: "the-secret" }) }, "c"));
    const [tree] = await roots();
    expect(shape(tree!)).toBe("Part(Part, Part, Part, Part)");
    expect(JSON.stringify(exporter.observations)).not.toContain("the-secret");
  });

  it("a model that works on after its last token: its end, and when the last token was", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      const { callbacks, root } = createTracedCallbacks();
      class Slow extends lc.BaseChatModel {
        override _llmType(): string {
          return "slow";
        }
        override async _generate(
          _messages: never,
          _options: never,
          run?: { handleLLMNewToken(t: string): unknown },
        ): Promise<never> {
          await run?.handleLLMNewToken("to");
          await run?.handleLLMNewToken("ken");
          vi.advanceTimersByTime(120_000);
          return { generations: [[{ text: "token", message: new lc.AIMessage("token") }]].flat() } as never;
        }
      }
      const startedAtMs = Date.now();
      await new Slow({}).invoke("x", { callbacks });
      const { metadata, completionStartTime } = await root();
      expect(Date.parse(metadata.lastTokenTime as string) - startedAtMs).toBeLessThan(60_000);
      expect(completionStartTime! - startedAtMs).toBeLessThan(60_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it.runIf(version === "1")("a model's own streamEvents v3, which has no callbacks, is left as it is", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    server.script([{ answer: { text: "one two" } }]);
    const stream = (chatModel().streamEvents as unknown as (...args: unknown[]) => { text: PromiseLike<string> })("x", {
      version: "v3",
      callbacks,
    });
    expect(await stream.text).toBe("one two");
    expect(await roots()).toEqual([]);
  });

  it("chain.streamEvents v2 that the consumer breaks off is no failure", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    await (async () => {
      server.script([{ answer: { text: "one two three four five six" }, chunkDelayMs: 5 }]);
      const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel()).pipe(new lc.StringOutputParser());
      const events = chain.streamEvents({ q: "x" }, { version: "v2", callbacks });
      let parts = 0;
      for await (const { event } of events) if (event === "on_chat_model_stream" && (parts += 1) === 4) break;
    })().catch((error: unknown) => {
      // 0.3 throws the abort at its own consumer.
      if (version === "1") throw error;
    });
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect(flatten(tree!).map(({ status }) => status)).not.toContain("error");
    expect(find(tree!, "ChatOpenAI")).toMatchObject({ status: "cancelled", level: "WARNING" });
  });
});
