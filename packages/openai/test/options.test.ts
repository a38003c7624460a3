import { createTracer, memory, type Tracer } from "@spanwise/core";
import { runWithClaim } from "@spanwise/core/adapter";
import OpenAI, { AzureOpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeOpenAI, type ObserveOpenAIOptions } from "../src/index.ts";
import { createChatServer, sse, textChunks, USAGE, type ChatServer } from "./support/model-server.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const body = { model: "gpt-4o", messages: [{ role: "user" as const, content: "hello" }] };
const streamBody = { ...body, stream: true as const };

let server: ChatServer;
let traced: Traced;
let raw: OpenAI;

beforeEach(async () => {
  server = await createChatServer();
  traced = createTraced();
  raw = new OpenAI({ apiKey: "k", baseURL: server.baseURL });
});
afterEach(() => server.close());

const observed = (options: ObserveOpenAIOptions = {}): OpenAI =>
  observeOpenAI(raw, { tracer: traced.tracer, ...options });

async function drain(client: OpenAI): Promise<void> {
  for await (const item of await client.chat.completions.create(streamBody)) void item;
}

describe("options", () => {
  it("name, metadata, prompt, trace", async () => {
    const client = observed({
      name: "draft",
      metadata: { team: "a" },
      prompt: { name: "p", version: 3 },
      trace: { userId: "u1", traceName: "t" },
    });
    await client.chat.completions.create(body);
    const record = await traced.one();
    expect(record).toMatchObject({
      name: "draft",
      prompt: { name: "p", version: 3 },
      metadata: { team: "a", finish_reason: "stop" },
    });
    expect(record.trace.current()).toMatchObject({ userId: "u1", name: "t" });
  });

  it("captureInput and captureOutput keep content out", async () => {
    await observed({ captureInput: false, captureOutput: false }).chat.completions.create(body);
    const record = await traced.one();
    expect([record.input, record.output]).toEqual([undefined, undefined]);
    expect(record.usageDetails).toMatchObject({ total: 15 });
    expect(JSON.stringify(record)).not.toContain("hello");
  });

  it("captureInput: false keeps out every parameter that holds content", async () => {
    await observed({ captureInput: false, captureOutput: false, metadata: { team: "a" } }).chat.completions.create({
      ...body,
      messages: [{ role: "user", content: "PRIVATE" }],
      prediction: { type: "content", content: "PRIVATE" },
      stop: ["PRIVATE"],
      user: "PRIVATE",
      safety_identifier: "PRIVATE",
      prompt_cache_key: "PRIVATE",
      metadata: { note: "PRIVATE" },
      logit_bias: { 4711: 5 },
      web_search_options: { user_location: { type: "approximate", approximate: { city: "PRIVATE" } } },
      tools: [{ type: "function", function: { name: "PRIVATE" } }],
      temperature: 0.5,
      seed: 7,
      logprobs: false,
      reasoning_effort: "low",
      // Not what the API takes: a text where a number belongs.
      top_p: "PRIVATE" as never,
      service_tier: ["PRIVATE"] as never,
    });
    const record = await traced.one();
    expect(record.modelParameters).toEqual({ temperature: 0.5, seed: 7, logprobs: false, reasoning_effort: "low" });
    expect(record.metadata).toMatchObject({ team: "a", finish_reason: "stop" });
    expect(record.metadata).not.toHaveProperty("user");
    expect(JSON.stringify(record)).not.toMatch(/PRIVATE|4711/);
  });

  it("a usage chunk and usage: null that we did not ask for are the caller's", async () => {
    const chunks = [...textChunks("a").map((item) => ({ ...item, usage: null })), { choices: [], usage: USAGE }];
    server.reply = sse(chunks);
    const seen = [];
    for await (const item of await observed({ includeUsage: false }).chat.completions.create(streamBody))
      seen.push(item);
    expect(seen).toEqual(chunks);
    expect(await traced.one()).toMatchObject({ usageDetails: { total: 15 } });
  });

  it("a fetch of the caller's sees what it would see", async () => {
    const seen: PropertyKey[][] = [];
    const spy = (fetchOptions?: object): OpenAI =>
      new OpenAI({
        apiKey: "k",
        baseURL: server.baseURL,
        ...(fetchOptions && { fetchOptions }),
        fetch: (url, init) => {
          seen.push(Reflect.ownKeys(init ?? {}));
          return fetch(url, init);
        },
      });
    const requestOptions = { fetchOptions: { keepalive: false } };
    await spy({ redirect: "follow" }).chat.completions.create(body, requestOptions);
    const client = observeOpenAI(spy({ redirect: "follow" }), { tracer: traced.tracer });
    await client.chat.completions.create(body, requestOptions);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toEqual(expect.arrayContaining(["redirect", "keepalive"]));
    expect((await traced.one()).metadata).toMatchObject({ retries: 0 });
  });

  it("includeUsage: never, always, and on hosts not known", async () => {
    server.reply = sse(textChunks("a"), { usage: USAGE });
    await drain(observed({ includeUsage: false }));
    await drain(observed({ includeUsage: true }));
    await drain(observed());
    expect(server.requests.map(({ raw: text }) => text.includes("include_usage"))).toEqual([false, true, true]);
    expect((await traced.read()).map(({ usageDetails }) => usageDetails?.["total"])).toEqual([undefined, 15, 15]);
  });

  it("what the caller wrote in stream_options stays beside the usage wish", async () => {
    server.reply = sse(textChunks("a"), { usage: USAGE });
    const options = { include_obfuscation: false };
    for await (const item of await observed().chat.completions.create({ ...streamBody, stream_options: options }))
      void item;
    expect(server.requests[0]!.body).toMatchObject({
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    expect(options).toEqual({ include_obfuscation: false });
  });
});

describe("the parent", () => {
  it("is the active observation at the call, under concurrency", async () => {
    const client = observed();
    const roots = ["a", "b", "c"].map((name) => traced.tracer.startObservation(name, {}, { parent: null }));
    await Promise.all(
      roots.map((root) =>
        traced.tracer.runWithObservation(root, async () => client.chat.completions.create({ ...body, user: root.id })),
      ),
    );
    const records = await traced.read();
    expect(records).toHaveLength(3);
    for (const record of records) expect(record.parentId).toBe(record.metadata.user);
  });

  it("is the given one, or none", async () => {
    const root = traced.tracer.startObservation("root");
    await observed({ parent: root }).chat.completions.create(body);
    await traced.tracer.runWithObservation(root, () => observed({ parent: null }).chat.completions.create(body));
    const [under, alone] = await traced.read();
    expect(under).toMatchObject({ parentId: root.id, traceId: root.traceId });
    expect(alone!.parentId).toBeUndefined();
    expect(alone!.traceId).not.toBe(root.traceId);
  });
});

describe("a claimed call", () => {
  it("adds request, first token and usage to the outer generation and starts none", async () => {
    server.reply = sse(textChunks("a"), { usage: USAGE });
    const outer = traced.tracer.startObservation("ChatOpenAI", {}, { type: "generation" });
    await runWithClaim(traced.tracer, outer, () => drain(observed()));
    outer.end({ output: "outer's own" });
    expect(await traced.one()).toMatchObject({
      name: "ChatOpenAI",
      output: "outer's own",
      status: "ok",
      usageDetails: { total: 15 },
      completionStartTime: expect.any(Number) as number,
      metadata: { requestId: "req_s", httpStatus: 200, retries: 0, usage: USAGE },
    });
  });

  it("that fails leaves the outer generation's end to the outer adapter", async () => {
    server.reply = (_request, response) => void response.writeHead(400, { "x-request-id": "req_e" }).end("{}");
    const outer = traced.tracer.startObservation("ChatOpenAI", {}, { type: "generation" });
    await runWithClaim(traced.tracer, outer, () =>
      observed()
        .chat.completions.create(body)
        .catch(() => undefined),
    );
    outer.end({ output: "recovered" });
    expect(await traced.one()).toMatchObject({
      status: "ok",
      level: "DEFAULT",
      metadata: { requestId: "req_e", httpStatus: 400 },
    });
  });
});

describe("with tracing off", () => {
  it("a call goes out untouched, and is recorded once tracing is on", async () => {
    server.reply = sse(textChunks("a"), { usage: USAGE });
    const exporter = memory();
    let tracer: Tracer = createTracer({ enabled: false, exporters: [exporter] });
    const client = observeOpenAI(raw, {
      get tracer() {
        return tracer;
      },
    });
    await drain(client);
    expect(server.requests[0]!.raw).not.toContain("stream_options");
    expect(exporter.observations).toHaveLength(0);
    tracer = traced.tracer;
    await drain(client);
    expect(await traced.read()).toHaveLength(1);
  });

  it("an unsampled call goes out untouched", async () => {
    server.reply = sse(textChunks("a"), { usage: USAGE });
    const tracer = createTracer({ exporters: [memory()], sampleRate: 0, logLevel: "silent" });
    await drain(observeOpenAI(raw, { tracer }));
    expect(server.requests[0]!.raw).not.toContain("stream_options");
    expect(tracer.stats().unsampled).toBe(1);
  });

  it("a tracer that throws does not reach the caller", async () => {
    const broken = new Proxy({} as Tracer, {
      get: () => {
        throw new Error("broken tracer");
      },
    });
    const answer = await observeOpenAI(raw, { tracer: broken }).chat.completions.create(body);
    expect(answer.choices[0]!.message.content).toBe("hi");
  });

  it("a generation that throws at every call does not reach the caller", async () => {
    const handle = { recording: true, id: "x", update: fail, end: fail };
    const tracer = { id: "t", enabled: true, startObservation: () => handle } as unknown as Tracer;
    server.reply = sse(textChunks("a", "b"), { usage: USAGE });
    const seen = [];
    for await (const item of await observeOpenAI(raw, { tracer }).chat.completions.create(streamBody)) seen.push(item);
    expect(seen).toEqual(textChunks("a", "b"));
  });
});

describe("wrapping", () => {
  it("twice is once", async () => {
    const once = observed();
    expect(observeOpenAI(once)).toBe(once);
    await observeOpenAI(once, { name: "renamed" }).chat.completions.create(body);
    expect(await traced.one()).toMatchObject({ name: "renamed" });
  });

  it("leaves the raw client as it was", async () => {
    const own = (): unknown => Object.getOwnPropertyDescriptors(raw.chat.completions);
    const before = own();
    observed();
    await raw.chat.completions.create(body);
    expect(own()).toEqual(before);
    expect(await traced.read()).toHaveLength(0);
  });

  it("takes what is no client as it is", () => {
    for (const value of [undefined, null, 1, "x"]) expect(observeOpenAI(value)).toBe(value);
    expect(observeOpenAI({ chat: { completions: {} } }).chat).toEqual({ completions: {} });
  });

  it("keeps a subclass with private fields and methods of its own working", async () => {
    class Mine extends OpenAI {
      #calls = 0;
      static readonly kind = "mine";
      get calls(): number {
        return this.#calls;
      }
      ask(): Promise<string | null> {
        this.#calls += 1;
        return this.chat.completions.create(body).then((answer) => answer.choices[0]!.message.content);
      }
    }
    const client = observeOpenAI(new Mine({ apiKey: "k", baseURL: server.baseURL }), { tracer: traced.tracer });
    expect(client).toBeInstanceOf(Mine);
    expect((client.constructor as typeof Mine).kind).toBe("mine");
    expect(await client.ask()).toBe("hi");
    expect(client.calls).toBe(1);
    await client.chat.completions.create(body);
    expect(await traced.read()).toHaveLength(1);
  });

  it("AzureOpenAI: the provider and the deployment's path", async () => {
    const azure = new AzureOpenAI({
      apiKey: "k",
      endpoint: server.baseURL.replace("/v1", ""),
      apiVersion: "2024-10-21",
    });
    await observeOpenAI(azure, { tracer: traced.tracer }).chat.completions.create(body);
    expect(server.requests[0]!.path).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
    expect(await traced.one()).toMatchObject({ provider: "azure", model: "gpt-4o-2024-08-06" });
  });
});

function fail(): never {
  throw new Error("broken handle");
}
