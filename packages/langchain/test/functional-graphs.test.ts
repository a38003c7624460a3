import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
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
  afterEach(() => expect(CallbackHandler.stats().open).toBe(0));

  const chatModel = () =>
    new lc.ChatOpenAI({ model: "gpt-4o-mini", apiKey: "k", configuration: { baseURL: server.url }, maxRetries: 0 });
  const graphOf = () =>
    new lc.StateGraph(
      lc.Annotation.Root({
        text: lc.Annotation<string>({ reducer: (_, b) => b, default: () => "" }),
        all: lc.Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
      }),
    );

  it("the functional API: tasks under their entrypoint, the value it gave as output", async () => {
    const { callbacks, root, tracer } = createTracedCallbacks();
    const double = lc.task("double", async (n: number) => {
      const work = tracer.startObservation("work");
      await pause(2);
      work.end();
      return n * 2;
    });
    const flow = lc.entrypoint("flow", async (ns: number[]) => {
      const doubled = await Promise.all(ns.map((n) => double(n)));
      return doubled.reduce((a, b) => a + b, 0);
    });
    expect(await flow.invoke([1, 2], { callbacks })).toBe(6);
    const tree = await root();
    expect(tree).toMatchObject({ name: "flow", type: "chain", status: "ok", input: [1, 2], output: 6 });
    const tasks = flatten(tree).filter(({ name }) => name === "double");
    expect(tasks.map(({ output, children }) => [output, children.map(({ name }) => name)])).toEqual([
      [2, ["work"]],
      [4, ["work"]],
    ]);
    expect(flatten(tree).map(({ name }) => name)).not.toContain("pluckReturnValue");
  });

  it("the functional API: an interrupt and its resume", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const flow = lc.entrypoint({ name: "flow", checkpointer: new lc.MemorySaver() }, async (x: string) => {
      const answer = lc.interrupt<unknown, string>({ ask: x });
      return `${x}: ${answer}`;
    });
    const config = { callbacks, configurable: { thread_id: "functional" } };
    await flow.invoke("sure?", config);
    expect(await flow.invoke(new lc.Command({ resume: "yes" }) as never, config)).toBe("sure?: yes");
    const [paused, resumed] = await roots();
    expect(paused).toMatchObject({ status: "interrupted", level: "DEFAULT" });
    expect(flatten(paused!).filter(({ level }) => level === "ERROR")).toEqual([]);
    expect(resumed).toMatchObject({ status: "ok", link: { kind: "resume", traceId: paused!.traceId } });
  });

  it("subgraph, Send, interrupts in two of the workers, and a resume of both", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const worker = new lc.StateGraph(
      lc.Annotation.Root({
        item: lc.Annotation<number>(),
        all: lc.Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
      }),
    )
      .addNode("check", async ({ item }: { item: number }) => {
        await pause(item);
        const answer = item === 2 ? "fine" : lc.interrupt<unknown, string>({ item });
        return { all: [`${item} ${answer}`] };
      })
      .addEdge(lc.START, "check")
      .compile();
    const graph = graphOf()
      .addNode("plan", () => ({ text: "planned" }))
      .addNode("worker", worker as never)
      .addEdge(lc.START, "plan")
      .addConditionalEdges("plan", () => [1, 2, 3].map((item) => new lc.Send("worker", { item, all: [] })), [
        "worker",
      ] as never)
      .compile({ checkpointer: new lc.MemorySaver() });
    const config = { callbacks, configurable: { thread_id: "fan" }, runName: "graph", metadata: { user_id: "ann" } };
    await graph.invoke({ text: "go" }, config);
    const state = await graph.getState(config);
    const asked = state.tasks.flatMap(({ interrupts }) => interrupts as { id?: string }[]);
    expect(asked).toHaveLength(2);
    const resume = Object.fromEntries(asked.map(({ id }, i) => [id, `yes ${i}`]));
    await graph.invoke(new lc.Command({ resume }), config);

    const [paused, resumed] = await roots();
    const workers = (tree: typeof paused) => tree!.children.filter(({ name }) => name === "worker");
    expect(paused).toMatchObject({ status: "interrupted", trace: { userId: "ann", sessionId: "fan" } });
    const statuses = workers(paused).map(({ status }) => status);
    expect(statuses.filter((status) => status === "ok")).toHaveLength(1);
    expect(statuses.filter((status) => status === "interrupted")).toHaveLength(2);
    expect(flatten(paused!).map(({ status }) => status)).not.toContain("error");
    expect(resumed).toMatchObject({ status: "ok", link: { kind: "resume", observationId: paused!.id } });
    expect(workers(resumed).map(({ status }) => status)).toEqual(["ok", "ok"]);
    for (const worker of workers(resumed)) expect(flatten(worker).map(({ name }) => name)).toContain("check");
    expect(flatten(resumed!).every(({ trace }) => trace.userId === "ann" && trace.sessionId === "fan")).toBe(true);
  });

  it("a node that is tried again: the failed try and the one that went well", async () => {
    const { callbacks, root } = createTracedCallbacks();
    let tries = 0;
    const graph = graphOf()
      .addNode(
        "flaky",
        () => {
          tries += 1;
          if (tries === 1) throw new Error("once");
          return { text: "ok" };
        },
        { retryPolicy: { maxAttempts: 2, initialInterval: 1, logWarning: false } },
      )
      .addEdge(lc.START, "flaky")
      .compile();
    await graph.invoke({ text: "x" }, { callbacks, runName: "graph" });
    const tree = await root();
    expect(tree).toMatchObject({ status: "ok", metadata: { recoveredErrors: 1 } });
    expect(tree.children.map(({ name, status }) => [name, status])).toEqual([
      ["flaky", "error"],
      ["flaky", "ok"],
    ]);
  });

  it.each(["values", "updates", "messages", "debug"] as const)("stream mode %s: the same tree", async (streamMode) => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: "one two three" } }]);
    const graph = graphOf()
      .addNode("ask", async () => ({ text: (await chatModel().invoke("x")).text }))
      .addNode("after", ({ text }: { text: string }) => ({ all: [text] }))
      .addEdge(lc.START, "ask")
      .addEdge("ask", "after")
      .compile();
    for await (const _ of await graph.stream({ text: "a" }, { callbacks, streamMode, runName: "graph" }));
    const tree = await root();
    expect(shape(tree)).toBe("graph(ask(ChatOpenAI), after)");
    expect(tree).toMatchObject({ status: "ok", output: { all: ["one two three"] } });
    expect(find(tree, "ChatOpenAI").completionStartTime !== undefined).toBe(streamMode === "messages");
  });

  it("a graph's stream that the consumer breaks off ends, with what had come", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    await (async () => {
      server.script([{ answer: { text: "one two three four five six seven eight" }, chunkDelayMs: 5 }]);
      const graph = graphOf()
        .addNode("ask", async () => ({ text: (await chatModel().invoke("x")).text }))
        .addEdge(lc.START, "ask")
        .compile();
      const stream = await graph.stream({ text: "a" }, { callbacks, streamMode: "messages", runName: "graph" });
      let parts = 0;
      for await (const _ of stream) if ((parts += 1) === 4) break;
    })();
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect(shape(tree!)).toBe("graph(ask(ChatOpenAI))");
    expect(find(tree!, "ChatOpenAI").output.content).toMatch(/^one/);
    expect(flatten(tree!).map(({ level }) => level)).not.toContain("ERROR");
  });

  it.each(version === "1" ? (["v2", "v3"] as const) : (["v2"] as const))(
    "streamEvents %s of a graph that the consumer breaks off",
    async (streamVersion) => {
      const { callbacks, roots, tracer } = createTracedCallbacks();
      await (async () => {
        server.script([{ answer: { text: "one two three four five six seven eight" }, chunkDelayMs: 5 }]);
        const graph = graphOf()
          .addNode("ask", async () => ({ text: (await chatModel().invoke("x")).text }))
          .addEdge(lc.START, "ask")
          .compile();
        const events = await (graph.streamEvents as unknown as (...args: unknown[]) => Promise<AsyncIterable<unknown>>)(
          { text: "a" },
          { version: streamVersion, callbacks, runName: "graph" },
        );
        let parts = 0;
        for await (const _ of events) if ((parts += 1) === 8) break;
      })();
      await collectGarbage(() => tracer.stats().open === 0);
      const [tree, ...more] = await roots();
      expect(more).toEqual([]);
      expect(tree!.name).toBe("graph");
      expect(flatten(tree!).map(({ status }) => status)).not.toContain("running");
      expect(flatten(tree!).map(({ status }) => status)).not.toContain("error");
    },
  );

  it.each([
    ["a time-out", () => AbortSignal.timeout(50), "error"],
    ["no reason", () => abortedAfter(50), "cancelled"],
    ["a reason", () => abortedAfter(50, new Error("the user left")), "cancelled"],
  ] as const)("a graph that is aborted with %s", async (_, signal, status) => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    // The aborted request of the test before may arrive only now, and takes one.
    server.script([{ hang: true }, { hang: true }]);
    const graph = graphOf()
      .addNode("ask", async (_state: unknown, config: object) => ({
        text: (await chatModel().invoke("x", config)).text,
      }))
      .addEdge(lc.START, "ask")
      .compile();
    await expect(graph.invoke({ text: "a" }, { callbacks, signal: signal() })).rejects.toThrow();
    server.script([]);
    await collectGarbage(() => tracer.stats().open === 0);
    const [tree] = await roots();
    expect([...new Set(flatten(tree!).map((observed) => observed.status))]).toEqual([status]);
  });
});

function abortedAfter(ms: number, reason?: Error): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(reason), ms);
  return abort.signal;
}
