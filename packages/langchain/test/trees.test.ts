import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTraced, createTracedCallbacks } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ load }) => {
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

  it("prompt, model and parser, invoked", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    server.script([{ answer: { text: "Hello there" } }]);
    const chain = lc.ChatPromptTemplate.fromMessages([
      ["system", "Be {tone}."],
      ["human", "{question}"],
    ])
      .pipe(chatModel({ temperature: 0.2 }))
      .pipe(new lc.StringOutputParser());
    const answer = await chain.invoke({ tone: "kind", question: "Hi?" }, { callbacks: [handler], runName: "greet" });
    expect(answer).toBe("Hello there");

    const root = await traced.root();
    expect(shape(root)).toBe("greet(ChatPromptTemplate, ChatOpenAI, StrOutputParser)");
    expect(root).toMatchObject({
      type: "chain",
      input: { tone: "kind", question: "Hi?" },
      output: "Hello there",
      status: "ok",
    });
    const [prompt, model, parser] = root.children;
    expect(prompt!.output).toEqual([
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi?" },
    ]);
    expect(model).toMatchObject({
      type: "generation",
      provider: "openai",
      input: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Hi?" },
      ],
      output: { role: "assistant", content: "Hello there" },
      modelParameters: { temperature: 0.2 },
      metadata: { finish_reason: "stop" },
    });
    expect(model!.model).toMatch(/^gpt-4o-mini/);
    expect(model!.usageDetails).toMatchObject({ input: expect.any(Number), output: expect.any(Number) });
    expect(parser).toMatchObject({ input: { role: "assistant", content: "Hello there" }, output: "Hello there" });
  });

  it("streamed: time to the first token that is seen, and the parser's real input", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    server.script([{ answer: { text: "one two three four" }, chunkDelayMs: 10 }]);
    const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel()).pipe(new lc.StringOutputParser());
    let text = "";
    for await (const part of await chain.stream({ q: "count" }, { callbacks: [handler] })) text += part;
    expect(text).toBe("one two three four");
    const root = await traced.root();
    expect(shape(root)).toBe("RunnableSequence(ChatPromptTemplate, ChatOpenAI, StrOutputParser)");
    const model = find(root, "ChatOpenAI");
    expect(model.completionStartTime).toBeGreaterThan(model.startTime);
    expect(model.completionStartTime).toBeLessThan(model.endTime!);
    expect(model.usageDetails).toMatchObject({ input: expect.any(Number), output: expect.any(Number) });
    expect(model.output).toEqual({ role: "assistant", content: text });
    expect(find(root, "StrOutputParser").output).toBe(text);
    expect(find(root, "StrOutputParser").input).not.toBe("");
    expect(root.output).toBe(text);
  });

  it("streamed into a parser of JSON: its input is the whole message", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: '{"a":[1,2]}' } }]);
    const chain = chatModel().pipe(new lc.JsonOutputParser());
    for await (const _ of await chain.stream("x", { callbacks }));
    expect(find(await root(), "JsonOutputParser")).toMatchObject({
      input: { role: "assistant", content: '{"a":[1,2]}' },
      output: { a: [1, 2] },
    });
  });

  it("a graph with nodes, and code of the application's in a node, a tool and a lambda", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    const { tracer } = traced;
    const mark = (name: string): void => tracer.startObservation(name).end();
    const look = lc.tool(
      async ({ q }: { q: string }) => {
        await Promise.resolve();
        mark("in tool");
        return `found ${q}`;
      },
      { name: "look", description: "d", schema: { type: "object", properties: { q: { type: "string" } } } as never },
    );
    const State = lc.Annotation.Root({ text: lc.Annotation<string>() });
    const graph = new lc.StateGraph(State)
      .addNode("first", async ({ text }: { text: string }) => {
        mark("in node");
        const found = (await look.invoke({ q: text } as never)) as string;
        return { text: found };
      })
      .addNode(
        "second",
        lc.RunnableLambda.from(async ({ text }: { text: string }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          mark("in lambda");
          return { text: `${text}!` };
        }) as never,
      )
      .addEdge(lc.START, "first")
      .addEdge("first", "second")
      .compile();
    const state = await graph.invoke({ text: "x" }, { callbacks: [handler], runName: "my graph" });
    expect(state).toEqual({ text: "found x!" });
    expect(tracer.getActiveObservation()).toBeUndefined();
    const root = await traced.root();
    expect(shape(root)).toBe("my graph(first(in node, look(in tool)), second(RunnableLambda(in lambda)))");
    expect(find(root, "look")).toMatchObject({ type: "tool", input: { q: "x" }, output: "found x" });
    expect(find(root, "first").metadata).toMatchObject({ langgraph: { node: "first", step: 1 } });
    expect(flatten(root).every(({ status }) => status === "ok")).toBe(true);
  });
});
