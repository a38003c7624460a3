import { createTracer, memory } from "@spanwise/core";
import type OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { MAJORS } from "./conformance/majors.ts";
import { createChatServer, sse, textChunks, type ChatServer } from "./support/model-server.ts";
import { collectGarbage, createTraced, type Traced } from "./support/traced.ts";

const body = { model: "gpt-4o", messages: [{ role: "user" as const, content: "hello" }] };
const streamBody = { ...body, stream: true as const };

describe.each(MAJORS)("openai $version", ({ load }) => {
  let server: ChatServer;
  let traced: Traced;
  let client: OpenAI;

  beforeEach(async () => {
    server = await createChatServer();
    traced = createTraced();
    const { OpenAI: Client } = await load();
    client = observeOpenAI(new Client({ apiKey: "k", baseURL: server.baseURL }), { tracer: traced.tracer });
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
      const { OpenAI: Client } = await load();
      const arrivals: string[] = [];
      const telling: typeof fetch = async (...args) => {
        const response = await fetch(...args);
        // After what the client does with a response that is there.
        setImmediate(() => arrivals.push(response.url));
        return response;
      };
      const raw = new Client({ apiKey: "k", baseURL: server.baseURL, fetch: telling });
      const promise = observeOpenAI(raw, { tracer: traced.tracer }).chat.completions.create(body);
      await expect.poll(() => arrivals).toHaveLength(1);
      await traced.tracer.shutdown();
      expect(await traced.one()).toMatchObject({ status: "incomplete", metadata: { requestId: "req_1" } });
      await promise;
    });

    it("at shutdown: a stream that is under way, with what has come of it", async () => {
      server.reply = sse(textChunks("a", "b"), { delayMs: 5 });
      const stream = await client.chat.completions.create(streamBody);
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.next();
      await traced.tracer.shutdown();
      expect(await traced.one()).toMatchObject({ status: "incomplete", output: { content: "a" } });
      for (let read = await iterator.next(); !read.done; read = await iterator.next());
    });

    it("a stream that is read as tee'd branches, both dropped half way", async () => {
      server.reply = sse(textChunks("a", "b"), { delayMs: 5 });
      await (async () => {
        for (const branch of (await client.chat.completions.create(streamBody)).tee()) {
          const iterator = branch[Symbol.asyncIterator]();
          await iterator.next();
          await iterator.next();
        }
      })();
      await collectGarbage(ended);
      expect(await traced.one()).toMatchObject({ status: "incomplete", output: { content: "a" } });
    });

    it("a response of which only the raw one is read", async () => {
      const response = await client.chat.completions.create(body).asResponse();
      await response.text();
      await collectGarbage(ended);
      expect(await traced.one()).toMatchObject({ status: "ok", metadata: { requestId: "req_1", httpStatus: 200 } });
    });

    it("a stream that is held and not read for maxOpenMs", async () => {
      const exporter = memory();
      const tracer = createTracer({ exporters: [exporter], logLevel: "silent", maxOpenMs: 100 });
      server.reply = sse(textChunks("a", "b"));
      const stream = await observeOpenAI(client, { tracer }).chat.completions.create(streamBody);
      await vi.waitFor(async () => {
        await tracer.flush();
        expect(exporter.observations).toMatchObject([{ status: "incomplete" }]);
      }, 3_000);
      // Read after all: the full record follows under the same id.
      for await (const item of stream) void item;
      await tracer.flush();
      const [first, second] = exporter.observations;
      expect(second).toMatchObject({ id: first!.id, status: "ok" });
    });

    it("a stream that is open at shutdown: as incomplete", async () => {
      server.reply = sse(textChunks("a", "b"), { delayMs: 5 });
      const stream = await client.chat.completions.create(streamBody);
      await traced.tracer.shutdown();
      expect(await traced.one()).toMatchObject({ status: "incomplete" });
      for await (const item of stream) void item;
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
});
