import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { instrumentLlamaIndex, traceEngine, traceLLM } from "../src/index.ts";
import { gc } from "./support/gc.ts";
import {
  createEmbedding,
  createIndex,
  createLLM,
  install,
  openai,
  readAll,
  settingsOf,
  v12,
  workflow,
  type Installed,
} from "./support/llamaindex.ts";
import { QUERY } from "./support/trees.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;
let installed: Installed | undefined;

beforeEach(async () => void (setup = await createSetup()));
afterEach(async () => {
  installed?.uninstall();
  installed = undefined;
  await setup.close();
});

const messages = [{ role: "user" as const, content: "Hello" }];

describe("what an application may do", () => {
  test("freeze its objects: nothing breaks, what can be recorded is", async () => {
    installed = install(setup, v12);
    const llm = Object.freeze(createLLM(setup));
    const engine = Object.freeze((await createIndex(v12)).asQueryEngine());
    expect(traceLLM(llm)).toBe(llm);
    expect(traceEngine(engine)).toBe(engine);
    await llm.chat({ messages });
    await engine.query({ query: "How often?" });
    const tree = (await setup.tree()).split("\n").slice(3);
    expect(tree).toEqual(["generation OpenAI.chat", ...QUERY]);
  });

  test("hand over the core too: a model that is nowhere else is one generation", async () => {
    const core = await import("@llamaindex/core/global");
    const handle = instrumentLlamaIndex({ llamaindex: v12, openai, core }, { tracer: setup.tracer });
    const llm = createLLM(setup);
    await llm.chat({ messages });
    await readAll(await llm.chat({ messages, stream: true }));
    await readAll(await llm.complete({ prompt: "x", stream: true }));
    handle.uninstall();
    expect((await setup.tree()).split("\n")).toEqual(Array.from({ length: 3 }, () => "generation OpenAI.chat"));
  });

  test("uninstall in the middle of a query: it is recorded to its end, and nothing after it", async () => {
    installed = install(setup, v12);
    const engine = (await createIndex(v12)).asQueryEngine();
    const running = engine.query({ query: "How often?" });
    const stream = await engine.query({ query: "How often?", stream: true });
    installed.uninstall();
    expect((await running).message.content).not.toBe("");
    const text = (await readAll(stream)).map(({ delta }) => delta).join("");
    await engine.query({ query: "after" });
    const queries = (await setup.records()).filter(({ name }) => name.endsWith(".query"));
    expect(queries.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(queries[1]!.output).toBe(JSON.stringify(text));
  });

  test("install twice with other options, and uninstall in either order", async () => {
    const look = () => Object.getOwnPropertyDescriptor(v12.BaseRetriever.prototype, "retrieve")!.value as unknown;
    const before = look();
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const handles = ["one", "two"].map((name) =>
        instrumentLlamaIndex({ llamaindex: v12, openai, workflow }, { tracer: setup.tracer, name }),
      );
      await createLLM(setup).chat({ messages });
      for (const n of order) handles[n]!.uninstall();
      for (const n of order) handles[n]!.uninstall();
      expect(look()).toBe(before);
      await createLLM(setup).chat({ messages });
    }
    expect((await setup.records()).map(({ name }) => name)).toEqual(["one", "one"]);
  });

  test("uninstall the first of two: the second goes on", async () => {
    const first = instrumentLlamaIndex({ llamaindex: v12, openai }, { tracer: setup.tracer, name: "one" });
    const second = instrumentLlamaIndex({ llamaindex: v12, openai }, { tracer: setup.tracer, name: "two" });
    first.uninstall();
    await createLLM(setup).chat({ messages });
    second.uninstall();
    await createLLM(setup).chat({ messages });
    expect((await setup.records()).map(({ name }) => name)).toEqual(["two"]);
  });

  test("change what it gave and what it got", async () => {
    const llm = traceLLM(createLLM(setup), { tracer: setup.tracer });
    const mine = [{ role: "user" as const, content: "before" }];
    const answer = llm.chat({ messages: mine });
    mine[0]!.content = "after";
    mine.push({ role: "user", content: "more" });
    const { message, raw } = await answer;
    message.content = "changed";
    Object.assign(raw as object, { usage: {}, model: "changed" });
    for await (const chunk of await llm.chat({ messages, stream: true })) {
      const { usage } = chunk.raw as { usage?: Record<string, unknown> };
      Object.assign(chunk, { delta: "changed", options: {} });
      if (usage) usage["total_tokens"] = -1;
    }
    for (const record of await setup.records()) {
      expect(JSON.stringify(record)).not.toMatch(/after|more|changed/);
      expect(record.usageDetails!["total"]).toBeGreaterThan(1);
    }
  });

  test("extend an engine, with a query that asks its super twice", async () => {
    installed = install(setup, v12);
    const index = await createIndex(v12);
    class Careful extends v12.RetrieverQueryEngine {
      override async _query(...args: Parameters<v12.RetrieverQueryEngine["_query"]>): Promise<never> {
        await super._query(...args);
        return (await super._query(...args)) as never;
      }
    }
    await new Careful(index.asRetriever()).query({ query: "How often?" });
    const [root, ...rest] = (await setup.tree()).split("\n").slice(3);
    expect(root).toBe("chain Careful.query");
    expect(rest).toEqual([...QUERY.slice(1), ...QUERY.slice(1)]);
  });

  test("listen to the callback manager, and throw in a wrapper of its own", async () => {
    const heard: unknown[] = [];
    const listen = (event: { detail: object; reason: unknown }): void => {
      heard.push([Object.keys(event.detail), event.reason === null]);
    };
    const kinds = ["query-start", "query-end", "retrieve-start", "retrieve-end", "synthesize-start"] as const;
    for (const kind of kinds) v12.Settings.callbackManager.on(kind, listen);
    const ask = async () => {
      const engine = (await createIndex(v12)).asQueryEngine();
      heard.length = 0;
      await engine.query({ query: "x" });
      return [...heard];
    };
    installed = install(setup, v12);
    const withUs = await ask();
    installed.uninstall();
    const without = await ask();
    for (const kind of kinds) v12.Settings.callbackManager.off(kind, listen);
    expect(withUs).toEqual(without);
  });

  test("wrap our wrapper, and uninstall us below its own", async () => {
    const llm = traceLLM(createLLM(setup), { tracer: setup.tracer });
    const ours: unknown = Reflect.get(llm, "chat");
    let calls = 0;
    Object.assign(llm, {
      chat(...args: unknown[]): unknown {
        calls += 1;
        return Reflect.apply(ours as () => unknown, llm, args);
      },
    });
    installed = install(setup, v12);
    await llm.chat({ messages });
    installed.uninstall();
    await llm.chat({ messages });
    expect(calls).toBe(2);
    expect((await setup.records()).map(({ name }) => name)).toEqual(["OpenAI.chat", "OpenAI.chat"]);
  });

  test("swap the callback manager after the installation", async () => {
    const core = await import("@llamaindex/core/global");
    const handle = instrumentLlamaIndex({ llamaindex: v12, core }, { tracer: setup.tracer });
    const before = core.Settings.callbackManager;
    core.Settings.callbackManager = new core.CallbackManager();
    await createLLM(setup).chat({ messages });
    core.Settings.callbackManager = before;
    await core.Settings.withCallbackManager(new core.CallbackManager(), () => createLLM(setup).chat({ messages }));
    handle.uninstall();
    expect((await setup.records()).map(({ name, status }) => [name, status])).toEqual([
      ["OpenAI.chat", "ok"],
      ["OpenAI.chat", "ok"],
    ]);
  });

  test("pull a stream ahead, without waiting", async () => {
    const llm = traceLLM(createLLM(setup), { tracer: setup.tracer });
    const stream = (await llm.chat({ messages, stream: true })) as AsyncGenerator<{ delta: string }>;
    const pulled = await Promise.all(Array.from({ length: 200 }, () => stream.next()));
    const text = pulled.map(({ value }) => (value as { delta: string } | undefined)?.delta ?? "").join("");
    const [record] = await setup.records();
    expect(record).toMatchObject({ status: "ok", output: JSON.stringify({ role: "assistant", content: text }) });
  });

  test("make engines and models by the request: none of them is kept", async () => {
    installed = install(setup, v12);
    const other = instrumentLlamaIndex({ llamaindex: v12, openai }, { tracer: setup.tracer });
    const index = await createIndex(v12);
    // The first call stays: LlamaIndex makes a client in its context.
    await index.asQueryEngine().query({ query: "x" });
    const made: WeakRef<object>[] = [];
    const answer = async () => {
      const llm = createLLM(setup);
      const embedModel = createEmbedding(setup);
      const engine = index.asQueryEngine();
      traceEngine(engine, { tracer: setup.tracer });
      await engine.query({ query: "x" });
      await llm.chat({ messages });
      await embedModel.getTextEmbedding("x");
      made.push(...[llm, embedModel, engine].map((object) => new WeakRef<object>(object)));
    };
    for (let n = 0; n < 3; n += 1) await answer();
    await expect
      .poll(() => {
        gc();
        return made.map((ref) => ref.deref()?.constructor.name).filter((name) => name !== undefined);
      })
      .toEqual([]);
    other.uninstall();
  });

  test("set no model at all", () => {
    const settings = settingsOf(v12);
    const { llm, embedModel } = installed ?? install(setup, v12);
    Object.assign(settings, { llm: undefined, embedModel: undefined });
    const handle = instrumentLlamaIndex({ llamaindex: v12 }, { tracer: setup.tracer });
    handle.uninstall();
    Object.assign(settings, { llm, embedModel });
  });
});
