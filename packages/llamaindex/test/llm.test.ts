import { runWithClaim } from "@spanwise/core/adapter";
import { observeOpenAI } from "@spanwise/openai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instrumentLlamaIndex, traceLLM } from "../src/index.ts";
import { createLLM, openai, readAll, v12 } from "./support/llamaindex.ts";
import { gc } from "./support/gc.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;

beforeEach(async () => void (setup = await createSetup()));
afterEach(() => setup.close());

const messages = [{ role: "user" as const, content: "Hello" }];

function traced(init: Parameters<typeof createLLM>[1] = {}): openai.OpenAI {
  return traceLLM(createLLM(setup, init), { tracer: setup.tracer });
}

test("a call: messages, parameters, who answered, tokens", async () => {
  const llm = traced({ maxTokens: 50, additionalChatOptions: { seed: 7, user: "private" } });
  const response = await llm.chat({ messages });
  const [record, ...others] = await setup.records();
  expect(others).toEqual([]);
  expect(record).toMatchObject({ type: "generation", name: "OpenAI.chat", provider: "openai", status: "ok" });
  expect(record!.model).toBe("gpt-4o-mini-2024-07-18");
  expect(JSON.parse(record!.modelParameters!)).toEqual({ temperature: 0.1, top_p: 1, max_tokens: 50, seed: 7 });
  expect(JSON.parse(record!.output!)).toEqual({ role: "assistant", content: response.message.content });
  expect(record!.usageDetails).toMatchObject({ input: expect.any(Number), output: expect.any(Number) });
});

test("all of several tool calls of a stream", async () => {
  const calls = ["one", "two", "three"].map((name) => ({ name, arguments: `{"of":"${name}"}` }));
  setup.server.script([{ answer: { toolCalls: calls } }]);
  await readAll(await traced().chat({ messages, stream: true }));
  const [record] = await setup.records();
  const { tool_calls: recorded } = JSON.parse(record!.output!) as { tool_calls: { function: unknown }[] };
  expect(recorded.map((call) => call.function)).toEqual(calls);
});

test("a stream asks for its usage, and the caller sees the chunks of one that does not", async () => {
  const plain = await readAll(await createLLM(setup).chat({ messages, stream: true }));
  const seen = await readAll(await traced().chat({ messages, stream: true }));
  expect(seen.map(({ delta }) => delta)).toEqual(plain.map(({ delta }) => delta));
  expect(seen.map(({ raw }) => Object.keys(raw as object))).toEqual(plain.map(({ raw }) => Object.keys(raw as object)));
  expect(setup.server.requests.map(({ body }) => body?.["stream_options"])).toEqual([
    undefined,
    { include_usage: true },
  ]);
  const [record] = await setup.records();
  expect(record!.usageDetails!["total"]).toBeGreaterThan(5);
});

test("what the caller wrote about usage stays", async () => {
  const options = { stream_options: { include_usage: false } };
  await readAll(await traced().chat({ messages, stream: true, additionalChatOptions: options }));
  const own = traced({ additionalChatOptions: options });
  await readAll(await own.chat({ messages, stream: true }));
  const never = traceLLM(createLLM(setup), { tracer: setup.tracer, streamUsage: false });
  await readAll(await never.chat({ messages, stream: true }));
  expect(setup.server.requests.map(({ body }) => body?.["stream_options"])).toEqual([
    { include_usage: false },
    { include_usage: false },
    undefined,
  ]);
});

test("a stream that is read by hand, and one that is stopped", async () => {
  const llm = traced();
  const byHand = (await llm.chat({ messages, stream: true })) as AsyncGenerator<{ delta: string }>;
  let text = "";
  for (let item = await byHand.next(); !item.done; item = await byHand.next()) text += item.value.delta;
  const stopped = (await llm.chat({ messages, stream: true })) as AsyncGenerator<{ delta: string }>;
  await stopped.next();
  await stopped.return(undefined);
  const [first, second] = await setup.records();
  expect(first).toMatchObject({ status: "ok" });
  expect(JSON.parse(first!.output!)).toMatchObject({ content: text });
  expect(second).toMatchObject({ status: "cancelled" });
});

test("a stream that nobody reads is incomplete once it is collected", async () => {
  await traced().chat({ messages, stream: true });
  await expect
    .poll(
      async () => {
        gc();
        return (await setup.records()).map(({ status }) => status);
      },
      { timeout: 4_000 },
    )
    .toEqual(["incomplete"]);
});

test("a stream that is under way at shutdown is incomplete, with what has come of it", async () => {
  const stream = (await traced().chat({ messages, stream: true })) as AsyncGenerator<{ delta: string }>;
  let text = "";
  while (text === "") text += (await stream.next()).value?.delta ?? "";
  await setup.tracer.shutdown();
  const [record] = await setup.records();
  expect(record).toMatchObject({ status: "incomplete" });
  expect(JSON.parse(record!.output!)).toMatchObject({ content: text });
  await stream.return(undefined);
});

test("an error is the caller's own", async () => {
  setup.server.script([{ status: 401 }]);
  const error: unknown = await traced()
    .chat({ messages })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 401 });
  expect((error as Error).constructor.name).toBe("AuthenticationError");
  expect(await setup.records()).toMatchObject([{ status: "error", level: "ERROR" }]);
});

test("a stream that fails before it says anything has no output", async () => {
  setup.server.script([{ status: 400 }]);
  await expect(async () => readAll(await traced().chat({ messages, stream: true }))).rejects.toThrow();
  const [record] = await setup.records();
  expect(record).toMatchObject({ status: "error" });
  expect(record!.output).toBeUndefined();
});

test("complete() is the chat that it is made of", async () => {
  const llm = traced();
  await llm.complete({ prompt: "Hello" });
  await readAll(await llm.complete({ prompt: "Hello", stream: true }));
  const records = await setup.records();
  expect(records.map(({ name }) => name)).toEqual(["OpenAI.chat", "OpenAI.chat"]);
  for (const { usageDetails } of records) expect(usageDetails!["total"]).toBeGreaterThan(1);
});

test("exec() with a tool", async () => {
  setup.server.script([{ answer: { toolCalls: [{ name: "add", arguments: '{"a":2}' }] } }]);
  const add = v12.tool({ name: "add", description: "adds", parameters: {}, execute: () => "4" } as never) as never;
  await traced().exec({ messages, tools: [add] });
  expect(await setup.tree()).toBe("generation OpenAI.chat\ntool add");
});

test("OpenAI's responses, which have no events, plain and streamed", async () => {
  const { OpenAIResponses } = openai;
  const handle = instrumentLlamaIndex({ llamaindex: v12, openai }, { tracer: setup.tracer });
  const llm = new OpenAIResponses({ apiKey: "k", baseURL: setup.server.url, model: "gpt-4o-mini", maxRetries: 0 });
  const response = await llm.chat({ messages });
  await readAll(await llm.chat({ messages, stream: true }));
  handle.uninstall();

  const [plain, streamed] = await setup.records();
  const { content } = response.message;
  const text =
    typeof content === "string" ? content : content.map((part) => ("text" in part ? part.text : "")).join("");
  for (const record of [plain, streamed]) {
    expect(record).toMatchObject({ name: "OpenAIResponses.chat", status: "ok" });
    expect(JSON.parse(record!.output!)).toMatchObject({ content: text });
    expect(record!.model).toBe("gpt-4o-mini-2024-07-18");
    expect(record!.usageDetails!["total"]).toBeGreaterThan(1);
  }
});

test("a model of the application's own that overrides complete()", async () => {
  class Custom extends v12.BaseLLM {
    metadata = { model: "mine-1", temperature: 0.5, topP: 1, contextWindow: 10, tokenizer: undefined } as never;
    async chat(): Promise<never> {
      return { message: { role: "assistant", content: "chatted" }, raw: { usage: { prompt_eval_count: 1 } } } as never;
    }
    override async complete(params: { prompt: unknown }): Promise<never> {
      if (params.prompt === "via chat") {
        const { message } = (await this.chat()) as { message: { content: string } };
        return { text: message.content, raw: null } as never;
      }
      return { text: "completed", raw: { usage: { input_tokens: 3, output_tokens: 4 } } } as never;
    }
  }
  const llm = traceLLM(new Custom(), { tracer: setup.tracer });
  await llm.complete({ prompt: "direct" });
  await llm.complete({ prompt: "via chat" });
  await (llm.chat as (params: unknown) => Promise<unknown>)({ messages });
  const records = await setup.records();
  expect(records.map(({ name, output }) => [name, (JSON.parse(output!) as { content: string }).content])).toEqual([
    ["Custom.complete", "completed"],
    ["Custom.complete", "chatted"],
    ["Custom.chat", "chatted"],
  ]);
  expect(records[0]).toMatchObject({ model: "mine-1", usageDetails: { input: 3, output: 4 } });
});

test("one generation where the API client is observed too", async () => {
  const { tracer } = setup;
  const session: never = observeOpenAI((await createLLM(setup).session) as never, { tracer });
  const llm = traced({ session });
  await llm.chat({ messages });
  await readAll(await llm.chat({ messages, stream: true }));
  const records = await setup.records();
  expect(records.map(({ name }) => name)).toEqual(["OpenAI.chat", "OpenAI.chat"]);
  for (const { metadata } of records) expect(JSON.parse(metadata!)).toHaveProperty("requestId");
});

test("a call that another adapter has claimed is not recorded again", async () => {
  const { tracer } = setup;
  const outer = tracer.startObservation("outer", {}, { type: "generation" });
  await runWithClaim(tracer, outer, () => traced().chat({ messages }));
  outer.end();
  expect((await setup.records()).map(({ name }) => name)).toEqual(["outer"]);
});
