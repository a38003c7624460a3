import { observeOpenAI } from "../../../src/index.ts";
import { json } from "../../support/model-server.ts";
import { body, messages, STREAM, streamBody } from "../replies.ts";
import { collect, type Scenario } from "../scenario.ts";

export const CLIENT: readonly Scenario[] = [
  {
    name: "request options: headers, query, idempotency, maxRetries",
    run: (client) =>
      client.chat.completions.create(body, {
        headers: { "x-mine": "1" },
        query: { q: "1" },
        idempotencyKey: "k",
        maxRetries: 0,
      }),
    statuses: ["ok"],
  },
  {
    name: "the caller's body and options are not changed",
    reply: STREAM,
    async run(client) {
      const mine = { ...streamBody, messages: [...messages] };
      const options = { maxRetries: 0 };
      await collect(await client.chat.completions.create(mine, options));
      return [mine, options];
    },
  },
  {
    name: "frozen body and options",
    reply: STREAM,
    run: async (client) =>
      collect(await client.chat.completions.create(Object.freeze({ ...streamBody }), Object.freeze({ maxRetries: 0 }))),
  },
  {
    name: "a body that serialises itself",
    reply: STREAM,
    async run(client) {
      const mine = { ...streamBody, toJSON: () => ({ ...streamBody, user: "me" }) };
      return collect(await client.chat.completions.create(mine));
    },
  },
  {
    name: "models.list: a page, iterated",
    rows: ["L6"],
    reply: json({ object: "list", data: [{ id: "m1" }, { id: "m2" }] }),
    async run(client) {
      const page = await client.models.list();
      return [page.constructor.name, page.data, await collect(client.models.list())];
    },
    statuses: [],
  },
  {
    name: "chat.completions.retrieve and list pass through",
    reply: json({ object: "list", data: [{ id: "c1" }], has_more: false }),
    run: async (client) => [await client.chat.completions.retrieve("c1"), (await client.chat.completions.list()).data],
    statuses: [],
  },
  {
    name: "client.get, client.post",
    run: async (client) => [await client.get("/x"), await client.post("/y", { body: { a: 1 } })],
    statuses: [],
  },
  {
    name: "the client: class, identity of its parts",
    run: (client, { module }) => [
      client instanceof module.OpenAI,
      client.constructor === module.OpenAI,
      client.chat === client.chat,
      client.chat.completions === client.chat.completions,
      client.chat.completions.create === client.chat.completions.create,
      client.chat.completions.create.name,
      client.chat.completions.create.length,
      client.chat.completions.constructor.name,
      client.models === client.models,
      Object.keys(client),
      Object.keys(client.chat.completions),
      "chat" in client,
      Object.prototype.toString.call(client),
      JSON.stringify(Object.getOwnPropertyNames(Object.getPrototypeOf(client))),
    ],
  },
  {
    name: "withOptions",
    rows: ["1b.29", "L7"],
    majors: [5, 6, 7],
    why: "openai 4 has no withOptions()",
    async run(client, { module }) {
      const copy = client.withOptions({ maxRetries: 0, timeout: 1234 });
      return [
        copy instanceof module.OpenAI,
        copy.timeout,
        client.timeout,
        copy === client,
        await copy.chat.completions.create(body),
      ];
    },
    statuses: ["ok"],
  },
  {
    name: "a custom fetch: what it is called with",
    majors: [5, 6, 7],
    why: "openai 4 has no withOptions() and no fetchOptions",
    async run(client) {
      const calls: unknown[] = [];
      const copy = client.withOptions({
        fetchOptions: { redirect: "error" as const },
        fetch: (url: string | URL | Request, init?: RequestInit) => {
          const { signal, headers, ...rest } = init ?? {};
          calls.push([Object.keys(init ?? {}), typeof signal, [...new Headers(headers).keys()], rest]);
          return fetch(url, init);
        },
      });
      await copy.chat.completions.create(body, { fetchOptions: { keepalive: false } });
      return calls;
    },
    statuses: ["ok"],
  },
  {
    name: "a setting changed on the client",
    async run(client, { raw }) {
      client.maxRetries = 0;
      client.timeout = 777;
      return [client.timeout, raw.timeout, await client.chat.completions.create(body)];
    },
    statuses: ["ok"],
  },
  {
    name: "a method replaced on the resource by one that returns a plain promise",
    async run(client) {
      const mine = { mine: true };
      client.chat.completions.create = (() => Promise.resolve(mine)) as never;
      return (await client.chat.completions.create(body)) === (mine as unknown);
    },
    statuses: ["ok"],
  },
  {
    name: "a method replaced by one that rejects, not awaited: one unhandled rejection",
    async run(client) {
      client.chat.completions.create = (() => Promise.reject(new Error("mine"))) as never;
      void client.chat.completions.create(body);
      return "called";
    },
    unhandled: 1,
    statuses: ["error"],
  },
  {
    name: "observed twice: recorded once, the same object",
    rows: ["1b.30"],
    async run(client, { observe, tracer }) {
      const twice = observe(observe(client));
      const again = tracer ? observeOpenAI(client) : client;
      return [again === client, await twice.chat.completions.create(body)];
    },
    statuses: ["ok"],
  },
  {
    name: "buildURL and the like leave nothing behind",
    rows: ["L7"],
    run: (client) => [
      (client.buildURL as (...args: unknown[]) => string).call(client, "/models", { a: "1" }),
      typeof client.baseURL,
      client.apiKey,
    ],
    statuses: [],
  },
  {
    name: "this major is accepted, by its own classes",
    rows: ["1a.24"],
    run: (client, { module }) => [
      client instanceof module.OpenAI,
      client.constructor.name,
      typeof client.responses.create,
    ],
  },
  {
    name: "types: what the client is, it stays",
    rows: ["1b.32"],
    run: (client, { module }) => [
      Object.getPrototypeOf(client) === module.OpenAI.prototype,
      Object.getPrototypeOf(client.chat.completions) === module.OpenAI.Chat.Completions.prototype,
    ],
  },
];
