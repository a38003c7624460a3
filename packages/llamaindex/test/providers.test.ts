import * as anthropic from "@llamaindex/anthropic";
import * as google from "@llamaindex/google";
import * as mistral from "@llamaindex/mistral";
import * as ollama from "@llamaindex/ollama";
import type { ObservationRecord } from "@spanwise/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { instrumentLlamaIndex } from "../src/index.ts";
import { readAll, v12 } from "./support/llamaindex.ts";
import { createProviderServer, type ProviderServer, type Reply } from "./support/provider-server.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;
let server: ProviderServer;
let uninstall: () => void;

beforeEach(async () => {
  setup = await createSetup();
  server = await createProviderServer();
  ({ uninstall } = instrumentLlamaIndex(
    { llamaindex: v12, anthropic, google, mistral, ollama },
    { tracer: setup.tracer },
  ));
});
afterEach(async () => {
  uninstall();
  await setup.close();
  await server.close();
});

const messages = [{ role: "user" as const, content: "Hello" }];

const parsed = (record: ObservationRecord) => ({
  output: JSON.parse(record.output!) as Record<string, unknown>,
  metadata: JSON.parse(record.metadata ?? "{}") as Record<string, unknown>,
  parameters: JSON.parse(record.modelParameters ?? "{}") as Record<string, unknown>,
});

async function onlyRecord(): Promise<ObservationRecord> {
  const [record, ...others] = await setup.records();
  expect(others).toEqual([]);
  return record!;
}

/** LlamaIndex has no option for Mistral's address. */
async function createMistral(): Promise<mistral.MistralAI> {
  const llm = new mistral.MistralAI({ apiKey: "sk-secret", model: "mistral-small-latest" });
  const session: unknown = Reflect.get(llm, "session");
  pointTo(await (session as mistral.MistralAISession).getClient());
  return llm;
}

function pointTo(client: unknown): void {
  (client as { _options: { serverURL: string } })._options.serverURL = server.url;
}

describe("Mistral, which has no events", () => {
  const answer = (delta: object, usage?: object, finish: string | null = null) => ({
    data: {
      id: "m-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "mistral-small-2506",
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(usage && { usage }),
    },
  });
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

  test("a call", async () => {
    const llm = await createMistral();
    const choice = { index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" };
    server.on("/chat/completions", {
      json: { id: "m-1", object: "chat.completion", created: 1, model: "mistral-small-2506", choices: [choice], usage },
    });
    await llm.chat({ messages });
    const record = await onlyRecord();
    expect(record).toMatchObject({ name: "MistralAI.chat", provider: "mistral", model: "mistral-small-2506" });
    expect(record.usageDetails).toEqual({ input: 11, output: 7, total: 18 });
    expect(parsed(record)).toMatchObject({
      output: { content: "Hi" },
      metadata: { finish_reason: "stop", response_id: "m-1" },
      parameters: { temperature: 0.1, top_p: 1 },
    });
  });

  test("a stream: the chunk with the usage never leaves LlamaIndex, its client hears it", async () => {
    const llm = await createMistral();
    server.on("/chat/completions", {
      events: [
        answer({ role: "assistant", content: "He" }),
        answer({ content: "llo" }),
        answer({ content: "" }, usage, "stop"),
        { data: "[DONE]" },
      ],
    });
    const chunks = await readAll(await llm.chat({ messages, stream: true }));
    expect(chunks.map(({ delta }) => delta)).toEqual(["He", "llo"]);
    const record = await onlyRecord();
    expect(record.usageDetails).toEqual({ input: 11, output: 7, total: 18 });
    expect(record.completionStartTime).toBeGreaterThanOrEqual(record.startTime);
    expect(parsed(record)).toMatchObject({ output: { content: "Hello" }, metadata: { finish_reason: "stop" } });
  });

  test("a model that its adapter does not know, whose metadata throws", async () => {
    const llm = await createMistral();
    llm.model = "mistral-next" as never;
    expect(() => llm.metadata).toThrow(TypeError);
    server.on("/chat/completions", { status: 400, json: { message: "unknown model" } });
    await expect(llm.chat({ messages })).rejects.toThrow(/unknown model/);
    const record = await onlyRecord();
    expect(record).toMatchObject({ status: "error", model: "mistral-next" });
    expect(parsed({ ...record, output: "{}" }).parameters).toEqual({ temperature: 0.1, top_p: 1 });
  });

  test("embeddings, with their tokens", async () => {
    const model = new mistral.MistralAIEmbedding({ apiKey: "sk-secret" });
    const session: unknown = Reflect.get(model, "session");
    pointTo(await (session as mistral.MistralAISession).getClient());
    server.on("/embeddings", {
      json: {
        id: "e-1",
        object: "list",
        model: "mistral-embed",
        data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }],
        usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 },
      },
    });
    await model.getTextEmbedding("a text");
    const record = await onlyRecord();
    expect(record).toMatchObject({ name: "MistralAIEmbedding", model: "mistral-embed" });
    expect(record.usageDetails).toMatchObject({ input: 5, total: 5 });
  });
});

describe("Ollama", () => {
  const create = () =>
    new ollama.Ollama({ model: "llama3.2", config: { host: server.url }, options: { num_predict: 64 } });
  const counts = { done: true, done_reason: "stop", prompt_eval_count: 9, eval_count: 4, eval_duration: 1 };

  test("chat with a tool call", async () => {
    const call = { function: { name: "add", arguments: { a: 2 } } };
    const message = { role: "assistant", content: "", tool_calls: [call] };
    server.on("/api/chat", { json: { model: "llama3.2", message, ...counts } });
    await create().chat({ messages });
    const record = await onlyRecord();
    expect(record).toMatchObject({ name: "Ollama.chat", provider: "ollama", model: "llama3.2" });
    expect(record.usageDetails).toEqual({ input: 9, output: 4 });
    const { output, metadata, parameters } = parsed(record);
    expect(output).toMatchObject({ tool_calls: [{ function: { name: "add", arguments: '{"a":2}' } }] });
    expect(metadata).toMatchObject({ finish_reason: "stop" });
    // Its metadata gives the context window as the limit of the answer.
    expect(parameters).toEqual({ temperature: 0.7, top_p: 0.9, num_ctx: 4096, num_predict: 64 });
  });

  test("a streamed chat", async () => {
    const line = (content: string, rest: object = { done: false }) => ({
      model: "llama3.2",
      message: { role: "assistant", content },
      ...rest,
    });
    server.on("/api/chat", { lines: [line("Hel"), line("lo"), line("", counts)] });
    await readAll(await create().chat({ messages, stream: true }));
    const record = await onlyRecord();
    expect(record.usageDetails).toEqual({ input: 9, output: 4 });
    expect(parsed(record)).toMatchObject({ output: { content: "Hello" }, metadata: { finish_reason: "stop" } });
  });

  test("complete, which goes past chat, plain and streamed", async () => {
    const whole = { model: "llama3.2", response: "Hello", ...counts };
    const streamed: Reply = {
      lines: [
        { model: "llama3.2", response: "Hel", done: false },
        { ...whole, response: "lo" },
      ],
    };
    server.on("/api/generate", { json: whole }, streamed);
    await create().complete({ prompt: "Hi" });
    await readAll(await create().complete({ prompt: "Hi", stream: true }));
    const records = await setup.records();
    expect(records.map(({ name }) => name)).toEqual(["Ollama.complete", "Ollama.complete"]);
    for (const record of records) {
      expect(record.usageDetails).toEqual({ input: 9, output: 4 });
      expect(parsed(record).output).toMatchObject({ content: "Hello" });
    }
  });

  test("embeddings have the name of the model that is asked", async () => {
    server.on("/api/embeddings", { json: { embedding: [0.1, 0.2, 0.3] } });
    await new ollama.OllamaEmbedding({ model: "nomic", config: { host: server.url } }).getTextEmbedding("a text");
    expect(await onlyRecord()).toMatchObject({
      name: "OllamaEmbedding",
      model: "nomic",
      type: "embedding",
      provider: "ollama",
    });
  });
});

describe("Anthropic", () => {
  const create = () =>
    new anthropic.Anthropic({
      model: "claude-3-5-sonnet",
      maxTokens: 100,
      session: new anthropic.AnthropicSession({ apiKey: "sk-secret", baseURL: server.url, maxRetries: 0 }),
    });
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-3-5-sonnet-20241022",
    stop_reason: null,
    stop_sequence: null,
    content: [] as object[],
  };

  test("a call with tool calls and the cache's tokens", async () => {
    server.on("/v1/messages", {
      json: {
        ...message,
        stop_reason: "tool_use",
        content: [
          { type: "text", text: "Adding." },
          { type: "tool_use", id: "t-1", name: "add", input: { a: 2 } },
          { type: "tool_use", id: "t-2", name: "add", input: { a: 3 } },
        ],
        usage: { input_tokens: 10, output_tokens: 6, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      },
    });
    await create().chat({ messages: [{ role: "system", content: "Be brief." }, ...messages] });
    const record = await onlyRecord();
    expect(record).toMatchObject({ provider: "anthropic", model: "claude-3-5-sonnet-20241022" });
    expect(record.usageDetails).toEqual({
      input: 10,
      output: 6,
      input_cached_tokens: 100,
      input_cache_creation: 20,
    });
    const { output, metadata, parameters } = parsed(record);
    expect(output).toMatchObject({ content: "Adding.", tool_calls: [{ id: "t-1" }, { id: "t-2" }] });
    expect(metadata).toMatchObject({ finish_reason: "tool_use", response_id: "msg_1" });
    expect(parameters).toEqual({ temperature: 1, max_tokens: 100 });
  });

  test("a stream: the events with the usage never leave LlamaIndex, its client hears them", async () => {
    const events = [
      {
        type: "message_start",
        message: {
          ...message,
          usage: { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 5, cache_creation_input_tokens: 0 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Hel" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "lo" } },
      { type: "content_block_stop", index: 1 },
      ...["t-1", "t-2"].flatMap((id, n) => [
        { type: "content_block_start", index: n + 2, content_block: { type: "tool_use", id, name: "add", input: {} } },
        { type: "content_block_delta", index: n + 2, delta: { type: "input_json_delta", partial_json: '{"a":' } },
        { type: "content_block_delta", index: n + 2, delta: { type: "input_json_delta", partial_json: `${n}}` } },
        { type: "content_block_stop", index: n + 2 },
      ]),
      { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 42 } },
      { type: "message_stop" },
    ];
    server.on("/v1/messages", { events: events.map((data) => ({ event: data.type, data })) });
    const llm = create();
    const chunks = await readAll(await llm.chat({ messages, stream: true }));
    expect(chunks.map(({ delta }) => delta).join("")).toBe("Hello");
    const record = await onlyRecord();
    expect(record).toMatchObject({ model: "claude-3-5-sonnet-20241022", status: "ok" });
    expect(record.usageDetails).toEqual({ input: 10, output: 42, input_cached_tokens: 5 });
    expect(parsed(record)).toMatchObject({
      output: {
        content: "Hello",
        reasoning_content: "Hm.",
        tool_calls: [
          { id: "t-1", function: { name: "add", arguments: '{"a":0}' } },
          { id: "t-2", function: { name: "add", arguments: '{"a":1}' } },
        ],
      },
      metadata: { finish_reason: "tool_use", response_id: "msg_1" },
    });
    expect(JSON.stringify(record)).not.toContain("sk-secret");
    uninstall();
    expect(Object.keys(llm.session.anthropic.messages)).not.toContain("create");
  });

  test("an error", async () => {
    server.on("/v1/messages", { status: 400, json: { type: "error", error: { type: "invalid", message: "no" } } });
    await expect(create().chat({ messages })).rejects.toMatchObject({ status: 400 });
    await expect(create().chat({ messages, stream: true }).then(readAll)).rejects.toMatchObject({ status: 400 });
    expect((await setup.records()).map(({ status }) => status)).toEqual(["error", "error"]);
  });
});

describe("Gemini", () => {
  const create = () =>
    new google.Gemini({
      apiKey: "sk-secret",
      model: google.GEMINI_MODEL.GEMINI_2_0_FLASH,
      httpOptions: { baseUrl: server.url },
    });
  const body = (parts: object[], rest: object = {}) => ({
    candidates: [{ content: { role: "model", parts }, index: 0, ...rest }],
    modelVersion: "gemini-2.0-flash-001",
    responseId: "g-1",
  });
  const usageMetadata = {
    promptTokenCount: 12,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 3,
    totalTokenCount: 20,
  };

  test("a call with a tool call", async () => {
    const parts = [{ functionCall: { name: "add", args: { a: 2 } } }];
    server.on(":generateContent", { json: { ...body(parts, { finishReason: "STOP" }), usageMetadata } });
    await create().chat({ messages });
    const record = await onlyRecord();
    expect(record).toMatchObject({ name: "Gemini.chat", provider: "google", model: "gemini-2.0-flash-001" });
    expect(record.usageDetails).toEqual({ input: 12, output: 5, output_reasoning_tokens: 3, total: 20 });
    expect(parsed(record)).toMatchObject({
      output: { tool_calls: [{ function: { name: "add", arguments: '{"a":2}' } }] },
      metadata: { finish_reason: "STOP", response_id: "g-1" },
    });
    expect(JSON.stringify(record)).not.toContain("sk-secret");
  });

  test("a stream, and complete", async () => {
    server.on(":streamGenerateContent", {
      events: [
        { data: body([{ text: "Hel" }]) },
        { data: { ...body([{ text: "lo" }], { finishReason: "STOP" }), usageMetadata } },
      ],
    });
    server.on(":generateContent", { json: { ...body([{ text: "Done" }]), usageMetadata } });
    const warnings = vi.spyOn(console, "warn");
    await readAll(await create().chat({ messages, stream: true }));
    await create().complete({ prompt: "Hi" });
    // The getters of an answer warn.
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
    const records = await setup.records();
    expect(records.map(({ name }) => name)).toEqual(["Gemini.chat", "Gemini.complete"]);
    expect(records.map((record) => parsed(record).output["content"])).toEqual(["Hello", "Done"]);
    for (const { usageDetails } of records) expect(usageDetails).toMatchObject({ input: 12, total: 20 });
  });

  test("embeddings", async () => {
    const values = [0.1, 0.2];
    server.on(":batchEmbedContents", { json: { embeddings: [{ values }, { values }] } });
    const model = new google.GeminiEmbedding({ apiKey: "sk-secret", httpOptions: { baseUrl: server.url } });
    await model.getTextEmbeddingsBatch(["one", "two"]);
    const record = await onlyRecord();
    expect(record).toMatchObject({ name: "GeminiEmbedding", input: '["one","two"]' });
    expect(parsed(record).output).toEqual({ count: 2, dimensions: 2 });
  });
});
