import type OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { MAJORS } from "./conformance/majors.ts";
import { completion, createChatServer, sse, textChunks, USAGE, type ChatServer } from "./support/model-server.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const body = { model: "gpt-4o", messages: [{ role: "user" as const, content: "hello" }] };
type AnyFunction = (...args: unknown[]) => unknown;
interface Patchable {
  create: AnyFunction;
}
interface Streaming {
  completions: { stream(given: object): { finalContent(): Promise<string | null> } };
}
type Parse = (given: typeof body) => Promise<unknown>;

/** Clients that somebody has frozen, wrapped in a proxy of their own, or patched. */
describe.each(MAJORS)("openai $version", ({ load }) => {
  let server: ChatServer;
  let traced: Traced;
  let raw: OpenAI;

  beforeEach(async () => {
    server = await createChatServer();
    traced = createTraced();
    const { OpenAI: Client } = await load();
    raw = new Client({ apiKey: "k", baseURL: server.baseURL, maxRetries: 0 });
  });
  afterEach(() => server.close());

  const observe = (client: OpenAI = raw): OpenAI => observeOpenAI(client, { tracer: traced.tracer });
  const parse = (client: OpenAI): Promise<unknown> => {
    const { chat, beta } = client as unknown as Record<"chat" | "beta", { completions: { parse?: Parse } }> & {
      beta: { chat: { completions: { parse: Parse } } };
    };
    return chat.completions.parse ? chat.completions.parse(body) : beta.chat.completions.parse(body);
  };

  it("a frozen client is recorded, and refuses writes as ever", async () => {
    Object.freeze(raw.chat.completions);
    Object.freeze(raw.chat);
    Object.freeze(raw);
    const client = observe();
    await client.chat.completions.create(body);
    await parse(client);
    expect(await traced.read()).toHaveLength(2);
    expect(client).toBeInstanceOf(raw.constructor as new () => OpenAI);
    expect(client.chat).toBe(client.chat);
    expect(() => {
      client.maxRetries = 9;
    }).toThrow(TypeError);
  });

  it("a client that is frozen after it was observed still works", async () => {
    const client = observe();
    await parse(client);
    for (const owner of [raw.chat.completions, raw.chat, raw.beta, raw]) Object.freeze(owner);
    await expect(parse(client)).resolves.toMatchObject({ choices: [{}] });
  });

  // As Sentry's is: https://github.com/getsentry/sentry-javascript/blob/10.0.0/packages/core/src/utils/openai/index.ts
  it("parse() and stream() of a client behind a proxy that binds its methods are recorded", async () => {
    const bound = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(owner, key) {
          const value: unknown = Reflect.get(owner, key);
          if (typeof value === "function") return value.bind(owner) as unknown;
          return typeof value === "object" && value !== null ? bound(value) : value;
        },
      });
    const client = observe(bound(raw));
    await parse(client);
    server.reply = sse(textChunks("a", "b"));
    const { chat, beta } = client as unknown as Record<"chat" | "beta", Streaming> & { beta: { chat: Streaming } };
    const { completions } = "stream" in chat.completions ? chat : beta.chat;
    await completions.stream({ ...body, stream_options: { include_usage: true } }).finalContent();
    const [parsed, streamed] = await traced.read();
    expect(parsed).toMatchObject({ name: "chat.completions", status: "ok" });
    expect(streamed).toMatchObject({ name: "chat.completions", status: "ok" });
  });

  it("parse() of a client behind somebody's proxy is recorded", async () => {
    await parse(observe(new Proxy(raw, {})));
    expect(await traced.one()).toMatchObject({ output: { content: "hi" } });
  });

  it("a client of objects without a prototype is recorded", async () => {
    const completions = Object.assign(Object.create(null) as Record<"create" | "parse", Parse>, {
      create: async () => completion("bare"),
      parse: async () => completion("parsed"),
    });
    const bare = observe({ chat: { completions } } as unknown as OpenAI);
    await expect(bare.chat.completions.create(body)).resolves.toEqual(completion("bare"));
    await expect(parse(bare)).resolves.toEqual(completion("parsed"));
    expect(await traced.one()).toMatchObject({ output: { content: "bare" } });
  });

  it.each([{}, { stream: true }])("a replacement gets the very arguments of the caller: %j", async (more) => {
    const seen: unknown[][] = [];
    (raw.chat.completions as unknown as Patchable).create = async (...args) => {
      seen.push(args);
      return completion("mine");
    };
    const given = { ...body, ...more };
    await observe().chat.completions.create(given);
    expect(seen).toEqual([[given]]);
    expect(seen[0]![0]).toBe(given);
    expect(await traced.one()).toMatchObject({ output: { content: "mine" } });
  });

  it.each([
    [
      "at once",
      (original: AnyFunction) =>
        (...args: unknown[]) =>
          original(...args),
    ],
    [
      "later",
      (original: AnyFunction) =>
        async (...args: unknown[]) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return original(...args);
        },
    ],
  ])("a replacement that calls the method of the view %s is one generation", async (_when, patch) => {
    const client = observe();
    const completions = client.chat.completions as unknown as Patchable;
    const original = completions.create.bind(completions);
    completions.create = patch(original);
    await Promise.all([client.chat.completions.create(body), client.chat.completions.create(body)]);
    expect(await traced.read()).toMatchObject([{ output: { content: "hi" } }, { output: { content: "hi" } }]);
    // Afterwards the method that was kept is recorded again.
    await original(body);
    expect(await traced.read()).toHaveLength(3);
  });

  it("a replacement that fails leaves nothing behind", async () => {
    const client = observe();
    const completions = client.chat.completions as unknown as Patchable;
    const original = completions.create.bind(completions);
    const mine = new Error("mine");
    completions.create = () => Promise.reject(mine);
    await expect(client.chat.completions.create(body)).rejects.toBe(mine);
    completions.create = () => {
      throw mine;
    };
    expect(() => client.chat.completions.create(body)).toThrow(mine);
    await original(body);
    expect(await traced.read()).toMatchObject([{ status: "error" }, { status: "error" }, { status: "ok" }]);
  });

  it("what is read from the view and put back is the client's own again", async () => {
    const client = observe();
    const completions = client.chat.completions as unknown as Patchable;
    const { create, chat } = { create: completions.create, chat: client.chat };
    completions.create = () => Promise.resolve();
    completions.create = create;
    Object.defineProperty(client, "chat", { value: chat, writable: true, enumerable: true, configurable: true });
    client.chat = chat;
    expect(raw.chat).not.toBe(client.chat);
    expect((raw.chat.completions as unknown as Patchable).create).toBe(
      (Object.getPrototypeOf(raw.chat.completions) as Patchable).create,
    );
    server.reply = sse(textChunks("a"), { usage: USAGE });
    for await (const item of await client.chat.completions.create({ ...body, stream: true })) void item;
    expect(await traced.one()).toMatchObject({ output: { content: "a" }, usageDetails: { total: 15 } });
  });
});
