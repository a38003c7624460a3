import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
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
  // oxlint-disable-next-line typescript/no-explicit-any -- the two majors type graphs differently
  const graphOf = (): any => {
    const State = lc.Annotation.Root({
      text: lc.Annotation<string>(),
      all: lc.Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
    });
    return new lc.StateGraph(State);
  };

  it("interrupt and resume: no failures, and the two traces know of each other", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const inner = graphOf()
      .addNode("ask", () => ({ text: lc.interrupt<unknown, string>({ question: "go on?" }) }))
      .addEdge(lc.START, "ask")
      .compile();
    const graph = graphOf()
      .addNode("before", () => ({ text: "b" }))
      .addNode("sub", inner)
      .addEdge(lc.START, "before")
      .addEdge("before", "sub")
      .compile({ checkpointer: new lc.MemorySaver() });
    const config = { callbacks, configurable: { thread_id: "thread-1" }, runName: "graph" };
    await graph.invoke({ text: "a" }, config);
    const done = await graph.invoke(new lc.Command({ resume: "yes" }), config);
    expect(done.text).toBe("yes");

    const [paused, resumed] = await roots();
    expect(paused).toMatchObject({ type: "chain", status: "interrupted", level: "DEFAULT" });
    expect(find(paused!, "ask")).toMatchObject({ status: "interrupted", level: "DEFAULT" });
    expect(find(paused!, "sub")).toMatchObject({ status: "interrupted" });
    expect(flatten(paused!).filter(({ level }) => level === "ERROR")).toEqual([]);
    const event = find(paused!, "interrupt");
    expect(event.type).toBe("event");
    expect(JSON.stringify(event.output)).toContain("go on?");
    expect(flatten(paused!).filter(({ name }) => name === "interrupt")).toHaveLength(1);

    expect(resumed).toMatchObject({
      status: "ok",
      input: { command: { resume: "yes" } },
      link: { kind: "resume", traceId: paused!.traceId, observationId: paused!.id },
    });
    expect([paused!.trace.sessionId, resumed!.trace.sessionId]).toEqual(["thread-1", "thread-1"]);
    expect(find(resumed!, "ask")).toMatchObject({ status: "ok", output: { text: "yes" } });
  });

  it("a new run on a thread that waits is no resume", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const graph = graphOf()
      .addNode("ask", ({ text }: { text: string }) => ({
        text: text === "again" ? "new" : lc.interrupt<unknown, string>("?"),
      }))
      .addEdge(lc.START, "ask")
      .compile({ checkpointer: new lc.MemorySaver() });
    const config = { callbacks, configurable: { thread_id: "thread-2" } };
    await graph.invoke({ text: "a" }, config);
    await graph.invoke({ text: "again" }, config);
    const [, second] = await roots();
    expect(second!.metadata?.link).toBeUndefined();
  });

  it("nodes that interrupt side by side: all that is asked", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const ask = (question: string) => () => ({ all: [lc.interrupt<unknown, string>(question)] });
    const graph = graphOf()
      .addNode("one", ask("first?"))
      .addNode("two", ask("second?"))
      .addEdge(lc.START, "one")
      .addEdge(lc.START, "two")
      .compile({ checkpointer: new lc.MemorySaver() });
    const asked = await graph.invoke({ text: "a" }, { callbacks, configurable: { thread_id: "thread-2" } });
    expect(find(await root(), "interrupt").output).toEqual(asked.__interrupt__);
    expect(asked.__interrupt__).toHaveLength(2);
  });

  it.runIf(version === "1")("a static interrupt is seen through LangGraph's lifecycle callback", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const graph = graphOf()
      .addNode("one", () => ({ text: "1" }))
      .addNode("two", () => ({ text: "2" }))
      .addEdge(lc.START, "one")
      .addEdge("one", "two")
      .compile({ checkpointer: new lc.MemorySaver(), interruptBefore: ["two"] });
    const config = { callbacks, configurable: { thread_id: "thread-3" } };
    await graph.invoke({ text: "a" }, config);
    await graph.invoke(null, config);
    const [paused, resumed] = await roots();
    expect(paused!.status).toBe("interrupted");
    expect(resumed).toMatchObject({ status: "ok", link: { kind: "resume", traceId: paused!.traceId } });
  });

  it("a hand-over to the parent graph is no failure", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const inner = graphOf()
      .addNode("leave", () => new lc.Command({ graph: lc.Command.PARENT, goto: "target", update: { text: "moved" } }))
      .addEdge(lc.START, "leave")
      .compile();
    const graph = graphOf()
      .addNode("sub", inner, { ends: ["target"] })
      .addNode("target", ({ text }: { text: string }) => ({ text: `${text}!` }))
      .addEdge(lc.START, "sub")
      .compile();
    expect((await graph.invoke({ text: "a" }, { callbacks, runName: "graph" })).text).toBe("moved!");
    const tree = await root();
    expect(flatten(tree).map(({ status }) => status)).not.toContain("error");
    expect(find(tree, "leave")).toMatchObject({ status: "ok", metadata: { control_flow: "parent-command" } });
    expect(JSON.stringify(find(tree, "leave").output)).toContain("moved");
    expect(find(tree, "target").output).toEqual({ text: "moved!" });
  });

  it("Send: one run each, with what it was sent", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const graph = graphOf()
      .addNode("plan", () => ({ text: "p" }))
      .addNode("work", async ({ item }: { item: number }) => {
        await pause(5);
        return { all: [String(item)] };
      })
      .addEdge(lc.START, "plan")
      .addConditionalEdges("plan", () => [1, 2, 3].map((item) => new lc.Send("work", { item })), ["work"])
      .compile();
    const state = await graph.invoke({ text: "a" }, { callbacks, runName: "graph" });
    expect(state.all).toEqual(["1", "2", "3"]);
    const tree = await root();
    const works = tree.children.filter(({ name }) => name === "work");
    expect(works.map(({ input }) => input)).toEqual([{ item: 1 }, { item: 2 }, { item: 3 }]);
    expect(JSON.stringify(find(tree, "plan").children[0]?.output)).toContain('"send":{"node":"work"');
  });

  it("a node that fails brings its sibling down: that one is cancelled", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const graph = graphOf()
      .addNode("bad", async () => {
        await pause(5);
        throw new Error("bad node");
      })
      .addNode("slow", async (_: unknown, { signal }: { signal?: AbortSignal }) => {
        await Promise.race([
          pause(200),
          new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))),
        ]);
        return { text: "s" };
      })
      .addEdge(lc.START, "bad")
      .addEdge(lc.START, "slow")
      .compile();
    await expect(graph.invoke({ text: "a" }, { callbacks, runName: "graph" })).rejects.toThrow("bad node");
    await pause(250);
    const tree = await root();
    expect(tree.status).toBe("error");
    expect(find(tree, "bad").status).toBe("error");
    expect(find(tree, "slow").status).toBe("cancelled");
  });

  it("a node that fails brings down the graph in its sibling: LangGraph tells nothing of that one", async () => {
    const { callbacks, root, tracer } = createTracedCallbacks();
    const inner = graphOf()
      .addNode("work", async ({ text }: { text: string }) => {
        await pause(text === "bad" ? 20 : 40);
        if (text === "bad") throw new RangeError("one is bad");
        return { all: [text] };
      })
      .addEdge(lc.START, "work")
      .compile();
    const graph = graphOf()
      .addNode("part", inner)
      .addConditionalEdges(lc.START, () => ["bad", "good"].map((text) => new lc.Send("part", { text })), ["part"])
      .compile();
    await expect(graph.invoke({ text: "x" }, { callbacks, runName: "outer" })).rejects.toThrow("one is bad");
    await expect.poll(() => tracer.stats().open).toBe(0);
    const tree = await root();
    expect(shape(tree)).toBe("outer(part(LangGraph(work)), part(LangGraph(work)))");
    const [, brought] = tree.children;
    expect(brought).toMatchObject({ status: "cancelled" });
    expect(brought!.children[0]).toMatchObject({ status: "cancelled", level: "WARNING" });
    expect(brought!.children[0]!.endTime).toBeGreaterThanOrEqual(brought!.children[0]!.children[0]!.startTime);
  });

  it("a recursion limit is the graph's failure alone", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const graph = graphOf()
      .addNode("a", () => ({ text: "a" }))
      .addNode("b", () => ({ text: "b" }))
      .addEdge(lc.START, "a")
      .addEdge("a", "b")
      .addEdge("b", "a")
      .compile();
    await expect(graph.invoke({ text: "x" }, { callbacks, recursionLimit: 3 })).rejects.toThrow();
    const tree = await root();
    expect(tree).toMatchObject({ status: "error", metadata: { error: { lc_error_code: "GRAPH_RECURSION_LIMIT" } } });
    expect(tree.children.every(({ status }) => status === "ok")).toBe(true);
  });

  it("hidden runs are folded away, or shown on wish", async () => {
    const graph = () =>
      graphOf()
        .addNode("one", () => ({ text: "1" }))
        .addEdge(lc.START, "one")
        .compile();
    const folded = createTracedCallbacks();
    await graph().invoke({ text: "x" }, { callbacks: folded.callbacks, runName: "graph" });
    expect(shape(await folded.root())).toBe("graph(one)");
    const shown = createTracedCallbacks({ hiddenRuns: true });
    await graph().invoke({ text: "x" }, { callbacks: shown.callbacks, runName: "graph" });
    const tree = await shown.root();
    expect(find(tree, "__start__").level).toBe("DEBUG");
  });

  it("messages in the state read as messages", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const State = lc.Annotation.Root({
      messages: lc.Annotation<unknown[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
    });
    const graph = new lc.StateGraph(State)
      .addNode("answer", () => ({
        messages: [
          new lc.AIMessage({ content: "", tool_calls: [{ id: "c1", name: "look", args: { q: 1 } }] }),
          new lc.ToolMessage({ content: "found", tool_call_id: "c1", name: "look" }),
        ],
      }))
      .addEdge(lc.START, "answer")
      .compile();
    await graph.invoke({ messages: [new lc.HumanMessage("hi")] }, { callbacks });
    const tree = await root();
    expect(tree.output.messages).toEqual([
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"q":1}' } }],
      },
      { role: "tool", content: "found", name: "look", tool_call_id: "c1" },
    ]);
    expect(JSON.stringify(flatten(tree))).not.toContain('"lc":1');
  });

  it.each(version === "1" ? ["createAgent", "createReactAgent"] : ["createReactAgent"])(
    "%s over HTTP: model, two tools at once, model",
    async (kind) => {
      const { callbacks, root, tracer } = createTracedCallbacks();
      server.script([
        {
          answer: {
            toolCalls: [
              { name: "weather", arguments: '{"city":"Oslo"}' },
              { name: "weather", arguments: '{"city":"Rome"}' },
            ],
          },
        },
        { answer: { text: "Oslo 3, Rome 20." } },
      ]);
      const weather = lc.tool(
        async ({ city }: { city: string }) => {
          const work = tracer.startObservation(`ask ${city}`);
          await pause(20);
          work.end();
          return city === "Oslo" ? "3" : "20";
        },
        {
          name: "weather",
          description: "Weather of a city",
          schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } as never,
        },
      );
      const llm = new lc.ChatOpenAI({ model: "gpt-4o-mini", apiKey: "k", configuration: { baseURL: server.url } });
      let result: { messages: { content: unknown }[] };
      if (kind === "createAgent") {
        const { createAgent } = await import("langchain");
        const agent = createAgent({ model: llm, tools: [weather as never], name: "meteo" });
        result = await agent.invoke({ messages: [{ role: "user", content: "Weather in Oslo and Rome?" }] }, {
          callbacks,
        } as never);
      } else {
        const agent = lc.createReactAgent({ llm, tools: [weather as never], name: "meteo" });
        result = await agent.invoke(
          { messages: [new lc.HumanMessage("Weather in Oslo and Rome?")] },
          { callbacks, runName: "meteo" },
        );
      }
      expect(result.messages.at(-1)!.content).toBe("Oslo 3, Rome 20.");
      const tree = await root();
      expect(tree).toMatchObject({ name: "meteo", type: "agent", status: "ok" });
      const all = flatten(tree);
      const tools = all.filter(({ type }) => type === "tool");
      expect(tools.map(({ input, output, children }) => [input, output, children.map(({ name }) => name)])).toEqual([
        [{ city: "Oslo" }, "3", ["ask Oslo"]],
        [{ city: "Rome" }, "20", ["ask Rome"]],
      ]);
      expect(tools.every(({ metadata }) => typeof metadata.tool_call_id === "string")).toBe(true);
      expect(tools[0]!.endTime).toBeGreaterThan(tools[1]!.startTime);
      const generations = all.filter(({ type }) => type === "generation");
      expect(generations).toHaveLength(2);
      expect(generations[0]!.input.tools).toHaveLength(1);
      expect(generations[0]!.output.tool_calls).toHaveLength(2);
      expect(all.filter(({ type }) => type === "agent")).toHaveLength(1);
    },
  );

  it("custom events are events of the run that tells them", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const step = lc.RunnableLambda.from(async (x: string, config) => {
      await lc.dispatchCustomEvent("progress", { done: 1 }, config);
      return x;
    });
    await step.invoke("x", { callbacks, runName: "step" });
    const tree = await root();
    expect(tree.children).toMatchObject([{ type: "event", name: "progress", input: { done: 1 } }]);
  });
});
