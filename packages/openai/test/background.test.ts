import { runWithClaim } from "@spanwise/core/adapter";
import type OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BACKGROUND_IDLE_MS, countFollowed, keepInBackground, MAX_BACKGROUND } from "../src/background.ts";
import { Generation } from "../src/generation.ts";
import { observeOpenAI } from "../src/index.ts";
import { responses } from "../src/surfaces/responses.ts";
import { MAJORS } from "./conformance/majors.ts";
import { createChatServer, json, type ChatServer, type Reply } from "./support/model-server.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const USAGE = { input_tokens: 10, output_tokens: 5, total_tokens: 15, output_tokens_details: { reasoning_tokens: 2 } };
const OUTPUT = [{ id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "done" }] }];

const response = (status: string, fields: object = {}): Record<string, unknown> => ({
  id: "resp_1",
  object: "response",
  status,
  background: true,
  model: "gpt-5-2025-08-07",
  output: [],
  usage: null,
  ...fields,
});
const COMPLETED = response("completed", { output: OUTPUT, usage: USAGE });
const request = { model: "gpt-5", input: "hello", background: true };

/** Events with `sequence_number`; the connection is cut after the last where `isCut`. */
function events(list: readonly object[], isCut = false): Reply {
  return async (_request, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_s" });
    for (const event of list)
      answer.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (!isCut) return void answer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer.destroy();
  };
}

const created = { type: "response.created", sequence_number: 0, response: response("in_progress") };
const item = {
  type: "response.output_item.added",
  sequence_number: 1,
  output_index: 0,
  item: { ...OUTPUT[0], content: [] },
};
const part = {
  type: "response.content_part.added",
  sequence_number: 2,
  output_index: 0,
  content_index: 0,
  item_id: "msg_1",
  part: { type: "output_text", text: "", annotations: [] },
};
const delta = (text: string, sequence_number: number): object => ({
  type: "response.output_text.delta",
  sequence_number,
  output_index: 0,
  content_index: 0,
  item_id: "msg_1",
  delta: text,
});
const last = { type: "response.completed", sequence_number: 9, response: COMPLETED };

describe.each(MAJORS)("a background response with openai $version", ({ load }) => {
  let server: ChatServer;
  let traced: Traced;
  let client: OpenAI;
  let raw: OpenAI;

  beforeEach(async () => {
    server = await createChatServer();
    traced = createTraced();
    const { OpenAI: Client } = await load();
    raw = new Client({ apiKey: "k", baseURL: server.baseURL, maxRetries: 0 });
    client = observeOpenAI(raw, { tracer: traced.tracer });
  });
  afterEach(async () => {
    await traced.tracer.shutdown();
    await server.close();
  });

  const createQueued = async (): Promise<void> => {
    server.reply = json(response("queued"));
    expect(await client.responses.create(request)).toMatchObject({ status: "queued" });
  };

  it("stays open until the caller's retrieve says that it is complete, and asks for nothing itself", async () => {
    await createQueued();
    expect(await traced.read()).toEqual([]);
    const followed = countFollowed();
    server.reply = json(response("in_progress"));
    await client.responses.retrieve("resp_1");
    expect(await traced.read()).toEqual([]);
    server.reply = json(COMPLETED);
    expect(await client.responses.retrieve("resp_1")).toMatchObject(COMPLETED);

    expect(await traced.one()).toMatchObject({
      status: "ok",
      model: "gpt-5-2025-08-07",
      input: "hello",
      modelParameters: { background: true },
      output: OUTPUT,
      usageDetails: { input: 10, output: 3, output_reasoning_tokens: 2, total: 15 },
      metadata: { response_id: "resp_1", response_status: "completed", requestId: "req_1", httpStatus: 200 },
    });
    expect(countFollowed()).toBe(followed - 1);
    // A later look at it is nobody's end.
    await client.responses.retrieve("resp_1");
    await traced.one();
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/responses",
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^GET \/v1\/responses\/resp_1/)),
    ]);
  });

  it("takes as long as it took, not as long as its first answer", async () => {
    await createQueued();
    await new Promise((resolve) => setTimeout(resolve, 60));
    server.reply = json(COMPLETED);
    await client.responses.retrieve("resp_1");
    const { startTime, endTime } = await traced.one();
    expect(endTime! - startTime).toBeGreaterThan(50);
  });

  it("is cancelled by the caller's cancel", async () => {
    await createQueued();
    server.reply = json(response("cancelled"));
    await client.responses.cancel("resp_1");
    expect(await traced.one()).toMatchObject({
      status: "cancelled",
      level: "WARNING",
      metadata: { response_status: "cancelled" },
    });
  });

  it("that failed is an error with its code", async () => {
    await createQueued();
    server.reply = json(response("failed", { error: { code: "server_error", message: "it broke" } }));
    await client.responses.retrieve("resp_1");
    expect(await traced.one()).toMatchObject({
      status: "error",
      statusMessage: "it broke",
      metadata: { error: { code: "server_error" } },
    });
  });

  it("outlives a retrieve that fails", async () => {
    await createQueued();
    server.reply = json({ error: { message: "busy" } }, 500);
    await expect(client.responses.retrieve("resp_1")).rejects.toThrow("busy");
    expect(await traced.read()).toEqual([]);
    server.reply = json(COMPLETED);
    await client.responses.retrieve("resp_1");
    expect(await traced.one()).toMatchObject({ status: "ok" });
  });

  it("is followed by a copy made with withOptions and by another observed client of the same host", async () => {
    await createQueued();
    server.reply = json(COMPLETED);
    // openai 4 and later differ in the type of the copy, not in what it does.
    const copy = (client as unknown as { withOptions?(options: object): OpenAI }).withOptions?.({ timeout: 1_000 });
    await (copy ?? observeOpenAI(raw, { tracer: traced.tracer })).responses.retrieve("resp_1");
    expect(await traced.one()).toMatchObject({ status: "ok" });
  });

  it("is read to its end from a stream that the caller asks for", async () => {
    await createQueued();
    server.reply = events([created, item, delta("do", 2), delta("ne", 3), last]);
    const stream = await client.responses.retrieve("resp_1", { stream: true });
    const followed = countFollowed();
    const types: string[] = [];
    for await (const event of stream as unknown as AsyncIterable<{ type: string }>) types.push(event.type);
    expect(types).toHaveLength(5);
    expect(countFollowed()).toBe(followed - 1);
    expect(await traced.one()).toMatchObject({ status: "ok", output: OUTPUT, completionStartTime: expect.anything() });
  });

  it("stays open when its own stream breaks off, and goes on where it is taken up again", async () => {
    server.reply = events([created, item, delta("do", 2)], true);
    const first = (await client.responses.create({ ...request, stream: true })) as unknown as AsyncIterable<unknown>;
    await expect(
      (async () => {
        for await (const event of first) void event;
      })(),
    ).rejects.toThrow();
    expect(await traced.read()).toEqual([]);

    server.reply = events([delta("ne", 3)]);
    const second = await client.responses.retrieve("resp_1", { stream: true, starting_after: 2 } as never);
    for await (const event of second as unknown as AsyncIterable<unknown>) void event;
    expect(await traced.read()).toEqual([]);

    // Never completed: what the two streams brought is what is known.
    await traced.tracer.shutdown();
    expect(await traced.one()).toMatchObject({
      status: "incomplete",
      output: [{ id: "msg_1", content: [{ text: "done" }] }],
      metadata: { response_id: "resp_1", response_status: "in_progress" },
    });
  });

  it("is ended by a plain retrieve after the caller left its stream", async () => {
    server.reply = events([created, item, delta("do", 2), delta("ne", 3)]);
    const stream = (await client.responses.create({ ...request, stream: true })) as unknown as AsyncIterable<{
      type: string;
    }>;
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    expect(await traced.read()).toEqual([]);
    server.reply = json(COMPLETED);
    await client.responses.retrieve("resp_1");
    expect(await traced.one()).toMatchObject({ status: "ok", output: OUTPUT });
  });

  it("is followed by the stream() helper that takes it up", async () => {
    await createQueued();
    server.reply = events([created, item, part, delta("done", 3), last]);
    const final = await client.responses.stream({ response_id: "resp_1" } as never).finalResponse();
    expect(final.id).toBe("resp_1");
    expect(await traced.one()).toMatchObject({ status: "ok", output: OUTPUT });
  });

  it("is not followed for an outer adapter, which ends its generation itself", async () => {
    const followed = countFollowed();
    const outer = traced.tracer.startObservation("model", {}, { type: "generation" });
    await runWithClaim(traced.tracer, outer, createQueued);
    expect(countFollowed()).toBe(followed);
    outer.end({ output: "the outer adapter's" });
    expect(await traced.one()).toMatchObject({
      name: "model",
      status: "ok",
      output: "the outer adapter's",
      metadata: { response_id: "resp_1", response_status: "queued", requestId: "req_1" },
    });
  });

  it("a stored response that nobody left open is retrieved without a trace", async () => {
    server.reply = json({ ...COMPLETED, id: "resp_other" });
    await client.responses.retrieve("resp_other");
    expect(await traced.read()).toEqual([]);
  });
});

describe("bounds of what is followed", () => {
  afterEach(() => vi.useRealTimers());

  const follow = (traced: Traced, id: string): void => {
    const described = responses.describeRequest(request, true);
    const generation = Generation.start(traced.tracer, responses, described, "openai", {});
    const partial = responses.createStream!();
    partial.accept(delta("part", 2));
    keepInBackground("http://bounds.test", id, { generation, surface: responses, partial });
  };

  it("in number: the one asked for the longest ago is recorded as incomplete, with what had come", async () => {
    const traced = createTraced();
    for (let n = 0; n <= MAX_BACKGROUND; n += 1) follow(traced, `resp_${n}`);
    expect(await traced.one()).toMatchObject({
      status: "incomplete",
      statusMessage: expect.stringContaining("not asked for"),
      output: [{ content: [{ text: "part" }] }],
    });
    await traced.tracer.shutdown();
  });

  it("in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
    const traced = createTraced();
    follow(traced, "resp_old");
    vi.advanceTimersByTime(BACKGROUND_IDLE_MS * 1.5);
    vi.useRealTimers();
    expect(await traced.one()).toMatchObject({ status: "incomplete" });
  });

  it("an id that is given again ends the one before", async () => {
    const traced = createTraced();
    follow(traced, "resp_twice");
    follow(traced, "resp_twice");
    expect(await traced.one()).toMatchObject({ status: "incomplete" });
    await traced.tracer.shutdown();
  });
});
