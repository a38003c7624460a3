import { observeOpenAI } from "@spanwise/openai";
import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTracedCallbacks } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

const WEATHER = {
  type: "function",
  function: {
    name: "weather",
    description: "d",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
} as const;

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  const fields = () => ({
    apiKey: "sk-secret",
    configuration: { baseURL: server.url, defaultHeaders: { "x-key": "header-secret" } },
    maxRetries: 0,
  });
  const chatModel = (more: object = {}) => new lc.ChatOpenAI({ model: "gpt-4o-mini", ...fields(), ...more });

  it("usage in disjoint buckets, as the request's own count says", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 30, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 0 },
    };
    const choice = (index: number) => ({
      index,
      finish_reason: "stop",
      message: { role: "assistant", content: `c${index}` },
    });
    server.script([
      {
        body: {
          id: "chatcmpl-7",
          object: "chat.completion",
          created: 1,
          model: "gpt-4o-mini-2024-07-18",
          choices: [choice(0), choice(1)],
          usage,
        },
      },
    ]);
    await chatModel({ n: 2 }).invoke("x", { callbacks });
    const model = await root();
    expect(model.usageDetails).toEqual({
      input: 70,
      input_cached_tokens: 30,
      output: 15,
      output_reasoning_tokens: 5,
      total: 120,
    });
    expect(model).toMatchObject({
      model: "gpt-4o-mini-2024-07-18",
      modelParameters: { n: 2 },
      metadata: { response_id: "chatcmpl-7" },
    });
    // LangChain keeps the first choice's message of `invoke`; the callback has both.
    expect(model.output).toEqual([
      { role: "assistant", content: "c0" },
      { role: "assistant", content: "c1" },
    ]);
  });

  it("nothing of the client's configuration is recorded", async () => {
    const { callbacks, roots, exporter } = createTracedCallbacks();
    await chatModel().invoke("x", { callbacks });
    await roots();
    const all = JSON.stringify(exporter.observations);
    for (const secret of ["sk-secret", "header-secret", server.url]) expect(all).not.toContain(secret);
  });

  it("tools and their calls, streamed and not", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const answer = { toolCalls: [{ name: "weather", arguments: '{"city":"Oslo"}' }] };
    server.script([{ answer }, { answer, chunkDelayMs: 5 }]);
    const model = chatModel().bindTools([WEATHER]);
    await model.invoke("weather?", { callbacks });
    for await (const _ of await model.stream("weather?", { callbacks }));
    const all = (await roots()).flatMap(flatten).filter(({ type }) => type === "generation");
    expect(all).toHaveLength(2);
    for (const generation of all) {
      expect(generation.input).toMatchObject({
        messages: [{ role: "user", content: "weather?" }],
        tools: [{ function: { name: "weather" } }],
      });
      expect(generation.output.tool_calls).toMatchObject([
        { id: expect.any(String), type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
      ]);
      expect(generation.metadata.finish_reason).toBe("tool_calls");
    }
    expect(all[1]!.completionStartTime).toBeGreaterThan(all[1]!.startTime);
  });

  it("structured output: the schema is part of the request", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const schema = {
      title: "answer",
      type: "object",
      properties: { n: { type: "number" } },
      required: ["n"],
      additionalProperties: false,
    };
    await chatModel({ model: "gpt-4o" })
      .withStructuredOutput(schema, { method: "jsonSchema", name: "answer" })
      .invoke("a number", { callbacks });
    const generation = flatten(await root()).find(({ type }) => type === "generation")!;
    expect(JSON.stringify(generation.input.response_format)).toContain('"n"');
  });

  it("the Responses API, invoked and streamed, under one model name", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    server.script([{ answer: { text: "r one" } }, { answer: { text: "r two" } }]);
    const model = chatModel({ useResponsesApi: true });
    await model.invoke("x", { callbacks });
    for await (const _ of await model.stream("x", { callbacks }));
    const all = await roots();
    expect(all).toHaveLength(2);
    for (const generation of all) {
      expect(generation.model).toMatch(/^gpt-4o-mini[-0-9]*$/);
      expect(generation.usageDetails).toMatchObject({
        input: expect.any(Number),
        output: expect.any(Number),
        total: expect.any(Number),
      });
      expect(JSON.stringify(generation.output)).toMatch(/r (one|two)/);
    }
    expect(all[1]!.completionStartTime).toBeGreaterThan(0);
  });

  it("a text model", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const model = new lc.OpenAI({ model: "gpt-3.5-turbo-instruct", temperature: 0, ...fields() });
    await model.invoke("Say hi", { callbacks });
    expect(await root()).toMatchObject({
      type: "generation",
      name: "OpenAI",
      model: "gpt-3.5-turbo-instruct",
      provider: "openai",
      input: "Say hi",
      output: expect.any(String),
      usageDetails: { input: expect.any(Number), output: expect.any(Number) },
      metadata: { finish_reason: "stop" },
    });
  });

  it("several prompts in one call are generations side by side", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    await chatModel().generate([[new lc.HumanMessage("a")], [new lc.HumanMessage("b")]], { callbacks });
    await new lc.OpenAI({ model: "gpt-3.5-turbo-instruct", ...fields() }).batch(["c", "d", "e"], { callbacks });
    const all = await roots();
    expect(all.map(shape)).toEqual(["ChatOpenAI", "ChatOpenAI", "OpenAI", "OpenAI", "OpenAI"]);
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(5);
  });

  it("images are taken out the media way", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const message = new lc.HumanMessage({
      content: [
        { type: "text", text: "what is it?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
      ],
    });
    await chatModel().invoke([message], { callbacks });
    const { input } = await root();
    expect(input[0].content[0]).toEqual({ type: "text", text: "what is it?" });
    expect(JSON.stringify(input)).not.toContain(png);
  });

  it("a model on an observed client is one generation, plain and streamed", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const model = chatModel();
    const { OpenAI } = await import("openai");
    const client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 }), { tracer });
    const inner = (model as unknown as { completions?: object }).completions ?? model;
    Object.assign(inner, { client });
    await lc.RunnableLambda.from((x: string) => x)
      .pipe(model)
      .invoke("x", { callbacks });
    for await (const _ of await model.stream("x", { callbacks }));
    await client.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "alone" }] });
    const all = await roots();
    expect(all.map(shape)).toEqual(["RunnableSequence(RunnableLambda, ChatOpenAI)", "ChatOpenAI", "chat.completions"]);
    const generation = find(all[0]!, "ChatOpenAI");
    // What the client alone knows.
    expect(generation.metadata.requestId).toEqual(expect.any(String));
    expect(generation.usageDetails).toMatchObject({ input: expect.any(Number) });
    expect(all[1]!.completionStartTime).toBeGreaterThan(0);
  });

  it("captureInput and captureOutput", async () => {
    const { callbacks, roots, exporter } = createTracedCallbacks({ captureInput: false, captureOutput: false });
    server.script([{ answer: { text: "the secret answer" } }]);
    const chain = lc.ChatPromptTemplate.fromTemplate("the secret {q}")
      .pipe(chatModel({ stop: ["secret stop"] }))
      .pipe(new lc.StringOutputParser());
    for await (const _ of await chain.stream({ q: "secret question" }, { callbacks }));
    await roots();
    expect(JSON.stringify(exporter.observations)).not.toContain("secret");
    expect(exporter.observations.some(({ usageDetails }) => (usageDetails?.["input"] ?? 0) > 0)).toBe(true);
  });

  it.runIf(version === "1")("streamEvents version 3 of a graph: first token and answer", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: "one two three four five" }, delayMs: 20, chunkDelayMs: 15 }]);
    const State = lc.Annotation.Root({
      messages: lc.Annotation<unknown[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
    });
    const graph = new lc.StateGraph(State)
      .addNode("model", async ({ messages }) => ({ messages: [await chatModel().invoke(messages as never)] }))
      .addEdge(lc.START, "model")
      .compile();
    const stream = await (graph.streamEvents as unknown as (...args: unknown[]) => Promise<AsyncIterable<unknown>>)(
      { messages: [new lc.HumanMessage("count")] },
      { version: "v3", callbacks },
    );
    for await (const _ of stream);
    const generation = find(await root(), "ChatOpenAI");
    expect(generation.completionStartTime).toBeGreaterThan(generation.startTime + 15);
    expect(generation.endTime! - generation.completionStartTime!).toBeGreaterThan(20);
    expect(JSON.stringify(generation.output)).toContain("one two three four five");
    expect(generation.usageDetails).toMatchObject({ input: expect.any(Number) });
  });
});
