import type OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeOpenAI, type ObserveOpenAIOptions } from "../src/index.ts";
import { MAJORS } from "./conformance/majors.ts";
import { createChatServer, json, type ChatServer, type Reply } from "./support/model-server.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const USAGE = {
  input_tokens: 100,
  output_tokens: 50,
  total_tokens: 150,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
  output_tokens_details: { reasoning_tokens: 20 },
};
const BUCKETS = {
  input: 50,
  output: 30,
  input_cached_tokens: 40,
  input_cache_creation: 10,
  output_reasoning_tokens: 20,
  total: 150,
};
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: '{"city":"Bonn"}', annotations: [] }],
};
const SCHEMA = {
  type: "json_schema" as const,
  name: "place",
  strict: true,
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};

const response = (fields: object = {}): Record<string, unknown> => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  background: false,
  model: "gpt-5-2025-08-07",
  service_tier: "default",
  previous_response_id: null,
  error: null,
  incomplete_details: null,
  parallel_tool_calls: true,
  tools: [],
  output: [MESSAGE],
  usage: USAGE,
  ...fields,
});

const START = [
  {
    type: "response.created",
    sequence_number: 0,
    response: response({ status: "in_progress", output: [], usage: null }),
  },
  { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { ...MESSAGE, content: [] } },
  {
    type: "response.content_part.added",
    sequence_number: 2,
    output_index: 0,
    content_index: 0,
    item_id: "msg_1",
    part: { type: "output_text", text: "", annotations: [] },
  },
];
const delta = (text: string): object => ({
  type: "response.output_text.delta",
  sequence_number: 3,
  output_index: 0,
  content_index: 0,
  item_id: "msg_1",
  delta: text,
});
const COMPLETED = { type: "response.completed", sequence_number: 9, response: response() };
const WHOLE = [...START, delta('{"city":'), delta('"Bonn"}'), COMPLETED];
const PARTIAL = [{ id: "msg_1", type: "message", content: [{ type: "output_text", text: "Bo" }] }];

interface Sending {
  /** Before each event. */
  delayMs?: number;
  isCut?: boolean;
}

function events(list: readonly object[], { delayMs = 0, isCut = false }: Sending = {}): Reply {
  return async (_request, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_s" });
    for (const event of list) {
      if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (answer.destroyed) return;
      answer.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (!isCut) return void answer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer.destroy();
  };
}

describe.each(MAJORS)("responses with openai $version", ({ major, load }) => {
  let server: ChatServer;
  let traced: Traced;
  let client: OpenAI;
  let connect: (options?: ObserveOpenAIOptions) => OpenAI;

  beforeEach(async () => {
    server = await createChatServer(json(response()));
    traced = createTraced();
    const { OpenAI: Client } = await load();
    connect = (options) =>
      observeOpenAI(new Client({ apiKey: "k", baseURL: server.baseURL, maxRetries: 0 }), {
        tracer: traced.tracer,
        ...options,
      });
    client = connect();
  });
  afterEach(() => server.close());

  const request = {
    model: "gpt-5",
    instructions: "Be brief.",
    input: [{ role: "user" as const, content: "Where?" }],
    tools: [{ type: "web_search_preview" as const }],
    tool_choice: "auto" as const,
    text: { format: SCHEMA, verbosity: "low" as const },
    prompt: { id: "pmpt_1", version: "3", variables: { name: "Ada" } },
    previous_response_id: "resp_0",
    reasoning: { effort: "low" as const, summary: "auto" as const },
    max_output_tokens: 500,
    temperature: 0.5,
    metadata: { order: "7" },
  };

  it("records request and answer", async () => {
    await client.responses.create(request as never);
    const record = await traced.one();
    expect(record).toMatchObject({
      type: "generation",
      name: "responses",
      status: "ok",
      model: "gpt-5-2025-08-07",
      usageDetails: BUCKETS,
    });
    const { instructions, input, tools, tool_choice, prompt } = request;
    expect(record.input).toEqual({ instructions, input, tools, tool_choice, prompt, text: { format: SCHEMA } });
    expect(record.output).toEqual([MESSAGE]);
    expect(record.modelParameters).toEqual({
      temperature: 0.5,
      max_output_tokens: 500,
      verbosity: "low",
      reasoning_effort: "low",
      reasoning_summary: "auto",
    });
    expect(record.metadata).toMatchObject({
      requestMetadata: { order: "7" },
      prompt_id: "pmpt_1",
      prompt_version: "3",
      previous_response_id: "resp_0",
      response_id: "resp_1",
      response_status: "completed",
      service_tier: "default",
      requestId: "req_1",
      usage: USAGE,
    });
  });

  it("records a plain input as it is", async () => {
    await client.responses.create({ model: "gpt-5", input: "hello" });
    expect((await traced.one()).input).toBe("hello");
  });

  it("records no words of the caller without captureInput, and none of the model without captureOutput", async () => {
    await connect({ captureInput: false, captureOutput: false }).responses.create(request as never);
    const record = await traced.one();
    expect([record.input, record.output]).toEqual([undefined, undefined]);
    expect(record.modelParameters).toMatchObject({ reasoning_effort: "low", temperature: 0.5 });
    expect(JSON.stringify(record)).not.toMatch(/brief|Where|Ada|order|Bonn/);
    expect(record.usageDetails).toEqual(BUCKETS);
  });

  it("a stream: the first token is its first delta", async () => {
    server.reply = events(WHOLE, { delayMs: 25 });
    const stream = await client.responses.create({ model: "gpt-5", input: "hello", stream: true });
    const seen: unknown[] = [];
    for await (const event of stream) seen.push(event);
    expect(seen).toEqual(WHOLE);
    const record = await traced.one();
    expect(record).toMatchObject({
      status: "ok",
      output: [MESSAGE],
      usageDetails: BUCKETS,
      metadata: { stream: true },
    });
    // Four events of 25 ms come up to it, three of which show nothing.
    expect(record.completionStartTime! - record.startTime).toBeGreaterThan(80);
    expect(record.endTime).toBeGreaterThan(record.completionStartTime!);
  });

  it("stream(): events, final response, one generation", async () => {
    server.reply = events(WHOLE);
    const stream = client.responses.stream({ model: "gpt-5", input: "hello", text: { format: SCHEMA } });
    let text = "";
    stream.on("response.output_text.delta", ({ delta: more }) => void (text += more));
    const final = await stream.finalResponse();
    expect([text, final.id]).toEqual(['{"city":"Bonn"}', "resp_1"]);
    expect(await traced.one()).toMatchObject({ status: "ok", output: [MESSAGE], usageDetails: BUCKETS });
  });

  it("parse(): the schema, and the text before it was parsed", async () => {
    const parsed = await client.responses.parse({ model: "gpt-5", input: "hello", text: { format: SCHEMA } });
    expect(parsed.output_text).toBe('{"city":"Bonn"}');
    expect(await traced.one()).toMatchObject({
      input: { input: "hello", text: { format: { name: "place" } } },
      output: [{ content: [{ text: '{"city":"Bonn"}' }] }],
    });
  });

  it.each([false, true])("that was cut short (streamed: %s) is incomplete, with its output", async (isStream) => {
    const cut = response({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    server.reply = isStream
      ? events([...START, delta("Bo"), { type: "response.incomplete", sequence_number: 9, response: cut }])
      : json(cut);
    const result = await client.responses.create({ model: "gpt-5", input: "hello", stream: isStream });
    if (isStream) for await (const event of result as AsyncIterable<unknown>) void event;
    expect(await traced.one()).toMatchObject({
      status: "incomplete",
      level: "WARNING",
      statusMessage: "incomplete: max_output_tokens",
      output: [MESSAGE],
      usageDetails: BUCKETS,
      metadata: { incomplete_reason: "max_output_tokens" },
    });
  });

  it.each([false, true])("that failed (streamed: %s) is an error", async (isStream) => {
    const failed = response({ status: "failed", error: { code: "server_error", message: "it broke" }, output: [] });
    server.reply = isStream
      ? events([...START, delta("Bo"), { type: "response.failed", sequence_number: 9, response: failed }])
      : json(failed);
    const result = await client.responses.create({ model: "gpt-5", input: "hello", stream: isStream });
    if (isStream) for await (const event of result as AsyncIterable<unknown>) void event;
    expect(await traced.one()).toMatchObject({
      status: "error",
      level: "ERROR",
      statusMessage: "it broke",
      metadata: { error: { code: "server_error" }, requestId: isStream ? "req_s" : "req_1" },
      ...(isStream && { output: PARTIAL }),
    });
  });

  it("a connection that breaks keeps what had come", async () => {
    server.reply = events([...START, delta("Bo")], { isCut: true });
    const stream = await client.responses.create({ model: "gpt-5", input: "hello", stream: true });
    await expect(
      (async () => {
        for await (const event of stream) void event;
      })(),
    ).rejects.toThrow();
    expect(await traced.one()).toMatchObject({ status: "error", output: PARTIAL, metadata: { response_id: "resp_1" } });
  });

  it("a stream that the caller leaves is cancelled, with what had come", async () => {
    server.reply = events(WHOLE.with(3, delta("Bo")), { delayMs: 5 });
    const stream = await client.responses.create({ model: "gpt-5", input: "hello", stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    expect(await traced.one()).toMatchObject({ status: "cancelled", level: "WARNING", output: PARTIAL });
  });

  it("what the caller does to the last event afterwards does not show", async () => {
    server.reply = events(WHOLE);
    const stream = await client.responses.create({ model: "gpt-5", input: "hello", stream: true });
    for await (const event of stream) if (event.type === "response.completed") event.response.output.length = 0;
    expect((await traced.one()).output).toEqual([MESSAGE]);
  });

  it("asks for nothing that the caller did not ask for", async () => {
    server.reply = events(WHOLE);
    for await (const event of await client.responses.create({ model: "gpt-5", input: "hello", stream: true }))
      void event;
    expect(server.requests.map(({ body }) => body)).toEqual([{ model: "gpt-5", input: "hello", stream: true }]);
  });

  it.runIf(major >= 6)("compaction", async () => {
    const compaction = { id: "cmp_1", type: "compaction", encrypted_content: "gAAA" };
    server.reply = json({
      id: "resp_c",
      object: "response.compaction",
      created_at: 1,
      output: [compaction],
      usage: USAGE,
    });
    await client.responses.compact({ model: "gpt-5", input: "a long talk" });
    expect(await traced.one()).toMatchObject({
      name: "responses.compact",
      status: "ok",
      model: "gpt-5",
      input: "a long talk",
      output: [compaction],
      usageDetails: BUCKETS,
      metadata: { response_id: "resp_c" },
    });
  });

  it.runIf(major >= 6)("the beta path", async () => {
    await client.beta.responses.create({ model: "gpt-5", input: "hello" } as never);
    expect(server.requests[0]!.path).toBe("/v1/responses?beta=true");
    expect(await traced.one()).toMatchObject({
      name: "responses",
      status: "ok",
      output: [MESSAGE],
      usageDetails: BUCKETS,
    });
  });
});
