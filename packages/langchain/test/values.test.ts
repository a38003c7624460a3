import { beforeAll, describe, expect, it } from "vitest";
import { traceEmbeddings } from "../src/index.ts";
import { describeValue } from "../src/values.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTracedCallbacks } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

const NO_PARAMETERS = { type: "object", properties: {} } as never;

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);

  it("tools: text, objects, tool calls with an artifact, failures", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const make = (name: string, fn: (input: never) => unknown, more: object = {}) =>
      lc.tool(fn as never, { name, description: "d", schema: NO_PARAMETERS, ...more } as never) as unknown as {
        invoke(input: unknown, config: unknown): Promise<unknown>;
      };
    const call = (name: string) => ({ type: "tool_call", id: `call_${name}`, name, args: { a: 1 } });
    await make("plain", () => ({ rows: [1, 2] })).invoke({ q: "x" }, { callbacks });
    await make("artifact", () => ["short", { big: true }], { responseFormat: "content_and_artifact" }).invoke(
      call("artifact"),
      { callbacks },
    );
    await make(
      "says error",
      () => new lc.ToolMessage({ content: "not found", tool_call_id: "c", status: "error" }),
    ).invoke(call("x"), { callbacks });
    const [plain, artifact, failed] = await roots();
    expect(plain).toMatchObject({ type: "tool", input: { q: "x" }, output: { rows: [1, 2] } });
    expect(artifact).toMatchObject({
      input: { a: 1 },
      output: { content: "short", artifact: { big: true } },
      metadata: { tool_call_id: "call_artifact" },
    });
    expect(failed).toMatchObject({ status: "error", statusMessage: "not found", output: "not found" });
  });

  it.runIf(version === "1")("a tool that streams: its values are events, and its output", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const counting = lc.tool(
      // oxlint-disable-next-line typescript/require-await -- a tool may be a generator without waiting
      async function* () {
        yield { n: 1 };
        yield { n: 2 };
      } as never,
      { name: "counting", description: "d", schema: NO_PARAMETERS },
    );
    await counting.invoke({} as never, { callbacks });
    const tree = await root();
    expect(tree.children.map(({ type, output }) => [type, output])).toEqual([
      ["event", { n: 1 }],
      ["event", { n: 2 }],
    ]);
    expect(tree.output).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("retrievers give documents, and what they embed is theirs", async () => {
    const { callbacks, root, tracer } = createTracedCallbacks();
    const vectors = {
      embedQuery: async (text: string) => [text.length, 0],
      embedDocuments: async (texts: string[]) => texts.map(({ length }) => [length, 0]),
    };
    const embeddings = traceEmbeddings(vectors, { tracer, name: "embed" });
    class Fixed extends lc.BaseRetriever {
      lc_namespace = ["test"];
      override async _getRelevantDocuments(query: string): Promise<never> {
        await embeddings.embedQuery(query);
        return [new lc.Document({ pageContent: `about ${query}`, metadata: { source: "a.md" } })] as never;
      }
    }
    const chain = lc.RunnableMap.from({ context: new Fixed(), question: new lc.RunnablePassthrough() } as never);
    await chain.invoke("masks", { callbacks, runName: "rag" });
    const tree = await root();
    expect(shape(tree)).toBe("rag(Fixed(embed), RunnablePassthrough)");
    expect(find(tree, "Fixed")).toMatchObject({
      type: "retriever",
      input: "masks",
      output: [{ pageContent: "about masks", metadata: { source: "a.md" } }],
      metadata: { documents: 1, step: "map:key:context" },
    });
  });

  it("messages inside values, and no configuration of what is part of the program", () => {
    const model = new lc.ChatOpenAI({ model: "m", apiKey: "sk-secret" });
    const described = describeValue({
      deep: [{ message: new lc.HumanMessage({ content: "hi", name: "ann" }) }],
      model,
      command: new lc.Command({ goto: "next", update: { a: 1 } }),
      send: new lc.Send("node", { b: 2 }),
    });
    expect(described).toEqual({
      deep: [{ message: { role: "user", content: "hi", name: "ann" } }],
      model: "[ChatOpenAI]",
      command: { command: { goto: expect.anything() as unknown, update: { a: 1 } } },
      send: { send: { node: "node", args: { b: 2 } } },
    });
    expect(JSON.stringify(described)).not.toContain("secret");
    const same = { plain: [1, { two: 2 }] };
    expect(describeValue(same)).toBe(same);
  });

  it("a generator's lambda, branches and a value that refers to itself", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const circular: { self?: unknown; n: number } = { n: 1 };
    circular.self = circular;
    await lc.RunnableLambda.from(() => circular).invoke("x", { callbacks });
    const [tree] = await roots();
    expect(tree!.status).toBe("ok");
    expect(JSON.stringify(tree!.output)).toContain('"n":1');
  });

  it.runIf(version === "0.3")("a classic agent: one root, its steps as events", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const { AgentExecutor } = await import("./core-0.3/agents.ts");
    const look = lc.tool(() => "found", { name: "look", description: "d", schema: NO_PARAMETERS });
    let steps = 0;
    const agent = lc.RunnableLambda.from(() => {
      steps += 1;
      return steps === 1
        ? { tool: "look", toolInput: { q: 1 }, log: "" }
        : { returnValues: { output: "done" }, log: "" };
    });
    const executor = new AgentExecutor({ agent: agent as never, tools: [look as never] });
    await executor.invoke({ input: "q" }, { callbacks });
    const tree = await root();
    expect(tree).toMatchObject({ name: "AgentExecutor", type: "agent", status: "ok" });
    const all = flatten(tree);
    expect(all.filter(({ type }) => type === "event").map(({ name }) => name)).toEqual([
      "agent action: look",
      "agent finish",
    ]);
    expect(all.filter(({ type }) => type === "tool").map(({ output }) => output)).toEqual(["found"]);
  });
});
