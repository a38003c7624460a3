import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { createChatServer, sse, textChunks, type ChatServer } from "./support/model-server.ts";
import { collectGarbage, createTraced, type Traced } from "./support/traced.ts";

const body = { model: "gpt-4o", messages: [{ role: "user" as const, content: "hello" }] };
const streamBody = { ...body, stream: true as const };

let server: ChatServer;
let traced: Traced;
let client: OpenAI;

beforeEach(async () => {
  server = await createChatServer();
  traced = createTraced();
  client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.baseURL }), { tracer: traced.tracer });
});
afterEach(() => server.close());

const ended = async (): Promise<boolean> => (await traced.read()).length > 0;

describe("what is let go of still ends", () => {
  it("a promise that is never awaited", async () => {
    void client.chat.completions.create(body);
    await collectGarbage(ended);
    expect(await traced.one()).toMatchObject({
      status: "ok",
      output: undefined,
      metadata: { requestId: "req_1", httpStatus: 200 },
    });
  });

  it("a stream that is never read", async () => {
    server.reply = sse(textChunks("a"));
    await client.chat.completions.create(streamBody).then(() => undefined);
    await collectGarbage(ended);
    expect(await traced.one()).toMatchObject({ status: "incomplete", level: "WARNING" });
  });

  it("a stream that is read by hand and left", async () => {
    server.reply = sse(textChunks("a", "b"), { delayMs: 5 });
    await (async () => {
      const iterator = (await client.chat.completions.create(streamBody))[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.next();
    })();
    await collectGarbage(ended);
    expect(await traced.one()).toMatchObject({ status: "incomplete", output: { content: "a" } });
  });

  it("at shutdown: as incomplete, with what was known", async () => {
    const promise = client.chat.completions.create(body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await traced.tracer.shutdown();
    expect(await traced.one()).toMatchObject({ status: "incomplete", metadata: { requestId: "req_1" } });
    await promise;
  });
});

describe("what is held is not ended early", () => {
  it("a promise that is awaited after collections", async () => {
    const promise = client.chat.completions.create(body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    let rounds = 0;
    await collectGarbage(() => (rounds += 1) > 5);
    expect(await traced.read()).toHaveLength(0);
    await promise;
    expect(await traced.one()).toMatchObject({ output: { content: "hi" } });
  });

  it("a stream of which only the iterator is held", async () => {
    server.reply = sse(textChunks("a", "b", "c"), { delayMs: 40 });
    const collecting = collectGarbage(ended);
    for await (const item of await client.chat.completions.create(streamBody)) void item;
    await collecting;
    expect(await traced.one()).toMatchObject({ status: "ok", output: { content: "abc" } });
  });
});
