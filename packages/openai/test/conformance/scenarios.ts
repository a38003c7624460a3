import type * as openai from "openai";
import type OpenAI from "openai";
import {
  chunk,
  completion,
  json,
  sse,
  textChunks,
  USAGE,
  type ChatServer,
  type Reply,
} from "../support/model-server.ts";

/** A major's module, typed as the newest that the workspace has: the scenarios use what all majors share. */
export type OpenAIModule = typeof openai;

export interface Context {
  module: OpenAIModule;
  major: number;
  server: ChatServer;
  /** The client's raw one, to look at what a call did to it. */
  raw: OpenAI;
}

export interface Scenario {
  name: string;
  reply?: Reply;
  majors?: readonly number[];
  /** What a caller sees; compared between raw and observed. */
  run(client: OpenAI, context: Context): unknown;
  /** The observations that the observed client must have made, by status. Default: not compared. */
  statuses?: readonly string[];
}

const messages = [{ role: "user" as const, content: "hello" }];
const body = { model: "gpt-4o", messages };
const streamBody = { ...body, stream: true as const };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const STREAM = sse(textChunks("a", "b", "c"), { usage: USAGE });
const SLOW = sse(textChunks("a", "b", "c", "d", "e"), { usage: USAGE, delayMs: 15 });
const unauthorized = json({ error: { message: "no key", type: "auth", code: "bad_key", param: null } }, 401);

const never: Reply = () => undefined;

function sequence(...replies: Reply[]): Reply {
  return (request, response, n) => replies[Math.min(n, replies.length) - 1]!(request, response, n);
}

/** An error as a caller can tell it apart, with its class checked against the module that it must come from. */
export function errorFacts(error: unknown, module: OpenAIModule): unknown {
  const e = error as Record<string, unknown> & Error;
  return {
    error: e.constructor.name,
    isOpenAI: error instanceof module.OpenAIError,
    isAPIError: error instanceof module.APIError,
    message: e.message,
    status: e["status"],
    code: e["code"],
    type: e["type"],
    param: e["param"],
    requestID: e["requestID"] ?? e["request_id"],
    keys: Object.keys(e),
  };
}

async function facts(promise: PromiseLike<unknown>, { module }: Context): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return errorFacts(error, module);
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const tools = [
  {
    type: "function" as const,
    function: {
      name: "add",
      description: "adds",
      parameters: { type: "object", properties: {} },
      parse: JSON.parse,
      function: ({ a, b }: { a: number; b: number }) => String(a + b),
    },
  },
];
const TOOL_CALL = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1,"b":2}' } };
const TOOL_TURN = completion(null, {}, { tool_calls: [TOOL_CALL] });
const TOOL_STREAM = [
  chunk({ role: "assistant", content: null }),
  chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "add", arguments: "" } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":1,' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"b":2}' } }] }),
  chunk({}, "tool_calls"),
];
const schema = {
  type: "json_schema" as const,
  json_schema: { name: "n", strict: true, schema: { type: "object", properties: { n: { type: "number" } } } },
};

/** The resource that carries the helpers in a major. */
function helpers(client: OpenAI, major: number): OpenAI["chat"]["completions"] {
  return major === 4 ? (client.beta as unknown as { chat: OpenAI["chat"] }).chat.completions : client.chat.completions;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "create", run: (client) => client.chat.completions.create(body), statuses: ["ok"] },
  {
    name: "create: _request_id, not listed",
    async run(client) {
      const answer = await client.chat.completions.create(body);
      return [answer._request_id, Object.keys(answer)];
    },
  },
  {
    name: "the promise: class, methods, own fields",
    async run(client, { module }) {
      const promise = client.chat.completions.create(body);
      const seen = {
        name: promise.constructor.name,
        isPromise: promise instanceof Promise,
        tag: Object.prototype.toString.call(promise),
        keys: Object.keys(promise),
        own: Object.getOwnPropertyNames(promise),
        inherited: ["then", "catch", "finally", "withResponse", "asResponse", "_thenUnwrap", "parse"].map(
          (key) => (promise as never)[key] === (Object.getPrototypeOf(promise) as never)[key],
        ),
        isAPIPromise: module.APIPromise ? promise instanceof module.APIPromise : true,
      };
      await promise;
      return seen;
    },
  },
  {
    name: "withResponse",
    async run(client) {
      const { data, response, request_id } = await client.chat.completions.create(body).withResponse();
      return { data, status: response.status, request_id, used: response.bodyUsed };
    },
    statuses: ["ok"],
  },
  {
    name: "asResponse alone parses nothing",
    async run(client) {
      const response = await client.chat.completions.create(body).asResponse();
      await sleep(5);
      return { used: response.bodyUsed, text: await response.text() };
    },
  },
  {
    name: "asResponse, then await",
    async run(client) {
      const promise = client.chat.completions.create(body);
      const response = await promise.asResponse();
      return [response.status, await promise];
    },
    statuses: ["ok"],
  },
  {
    name: "awaited late",
    async run(client) {
      const promise = client.chat.completions.create(body);
      await sleep(60);
      return promise;
    },
    statuses: ["ok"],
  },
  {
    name: "_thenUnwrap",
    run: (client) =>
      (
        client.chat.completions.create(body) as unknown as {
          _thenUnwrap(f: (v: { id: string }) => string): Promise<unknown>;
        }
      )._thenUnwrap(({ id }) => `unwrapped ${id}`),
    statuses: ["ok"],
  },
  {
    name: "awaited twice: the same object",
    async run(client) {
      const promise = client.chat.completions.create(body);
      return (await promise) === (await promise);
    },
    statuses: ["ok"],
  },
  {
    name: "then, catch, finally",
    async run(client) {
      const promise = client.chat.completions.create(body);
      const seen: unknown[] = [];
      await promise.then((v) => seen.push(v.id));
      await promise.catch(() => seen.push("no"));
      await promise.finally(() => seen.push("finally"));
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "never awaited, succeeds",
    async run(client, { server }) {
      void client.chat.completions.create(body);
      await sleep(50);
      return server.requests.length;
    },
  },
  {
    name: "never awaited, fails: one unhandled rejection",
    reply: unauthorized,
    async run(client, { server }) {
      void client.chat.completions.create(body);
      await sleep(50);
      return server.requests.length;
    },
    statuses: ["error"],
  },
  {
    name: "fails, awaited",
    reply: unauthorized,
    run: (client, context) => facts(client.chat.completions.create(body), context),
    statuses: ["error"],
  },
  {
    name: "fails, caught",
    reply: unauthorized,
    run: (client, { module }) =>
      client.chat.completions.create(body).catch((error: unknown) => errorFacts(error, module)),
    statuses: ["error"],
  },
  {
    name: "fails, withResponse",
    reply: unauthorized,
    run: (client, context) => facts(client.chat.completions.create(body).withResponse(), context),
  },
  {
    name: "fails, asResponse",
    reply: unauthorized,
    run: (client, context) => facts(client.chat.completions.create(body).asResponse(), context),
  },
  {
    name: "fails, only finally: unhandled",
    reply: unauthorized,
    async run(client) {
      void client.chat.completions.create(body).finally(() => undefined);
      await sleep(50);
      return "sent";
    },
  },
  {
    name: "fails, then without a rejection handler beside a caught one",
    reply: unauthorized,
    async run(client, context) {
      const promise = client.chat.completions.create(body);
      void promise.then(() => undefined);
      return facts(promise, context);
    },
  },
  {
    name: "fails, the same error object each time",
    reply: unauthorized,
    async run(client) {
      const promise = client.chat.completions.create(body);
      const [a, b] = await Promise.allSettled([promise, promise]);
      return a.status === "rejected" && b.status === "rejected" && a.reason === b.reason;
    },
  },
  {
    name: "429, retried, succeeds",
    reply: sequence(json({ error: { message: "slow" } }, 429, { "retry-after-ms": "5" }), json(completion("hi"))),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
  },
  {
    name: "500, retried, fails",
    reply: json({ error: { message: "down" } }, 500, { "retry-after-ms": "5" }),
    run: (client, context) => facts(client.chat.completions.create(body), context),
    statuses: ["error"],
  },
  {
    name: "429 when a stream is opened",
    reply: json({ error: { message: "slow" } }, 429),
    run: (client, context) => facts(client.chat.completions.create(streamBody, { maxRetries: 0 }), context),
    statuses: ["error"],
  },
  {
    name: "a body that is not JSON",
    reply: (_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end("{oops"),
    run: (client, context) =>
      facts(client.chat.completions.create(body), context).then((seen) => (seen as { error: string }).error),
    statuses: ["error"],
  },
  {
    name: "connection refused",
    async run(client, context) {
      await context.server.close();
      return facts(client.chat.completions.create(body, { maxRetries: 0 }), context);
    },
    statuses: ["error"],
  },
  {
    name: "time-out",
    reply: never,
    run: (client, context) => facts(client.chat.completions.create(body, { timeout: 40, maxRetries: 0 }), context),
    statuses: ["error"],
  },
  {
    name: "aborted before the call",
    run: (client, context) => facts(client.chat.completions.create(body, { signal: AbortSignal.abort() }), context),
    statuses: ["cancelled"],
  },
  {
    name: "aborted while waiting",
    reply: never,
    run: (client, context) => facts(client.chat.completions.create(body, { signal: AbortSignal.timeout(40) }), context),
    statuses: ["cancelled"],
  },
  {
    name: "stream: chunks",
    reply: STREAM,
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
  },
  {
    name: "stream: class and methods",
    reply: STREAM,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = {
        name: stream.constructor.name,
        controller: stream.controller instanceof AbortController,
        keys: Object.keys(stream),
        tag: Object.prototype.toString.call(stream[Symbol.asyncIterator]()),
        methods: [typeof stream.tee, typeof stream.toReadableStream],
      };
      stream.controller.abort();
      return seen;
    },
  },
  {
    name: "stream: withResponse",
    reply: STREAM,
    async run(client) {
      const { data, response, request_id } = await client.chat.completions.create(streamBody).withResponse();
      return [await collect(data), response.status, request_id];
    },
    statuses: ["ok"],
  },
  {
    name: "stream: asResponse (include_usage: false)",
    reply: STREAM,
    async run(client) {
      const options = { ...streamBody, stream_options: { include_usage: false } };
      return (await client.chat.completions.create(options).asResponse()).text();
    },
  },
  {
    name: "stream: include_usage: true shows its chunk",
    reply: STREAM,
    run: async (client) =>
      collect(await client.chat.completions.create({ ...streamBody, stream_options: { include_usage: true } })),
    statuses: ["ok"],
  },
  {
    name: "stream: break",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item);
        if (seen.length === 3) break;
      }
      await sleep(30);
      return [seen, stream.controller.signal.aborted];
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: break on the finish reason",
    reply: STREAM,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item);
        if (item.choices[0]?.finish_reason) break;
      }
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "stream: throw in the loop",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const mine = new Error("mine");
      try {
        for await (const item of stream) {
          if (item.choices[0]?.delta.content === "b") throw mine;
        }
      } catch (error) {
        return error === mine;
      }
      return "no error";
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: controller.abort()",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen = [];
      for await (const item of stream) {
        seen.push(item.choices[0]?.delta.content);
        if (seen.length === 3) stream.controller.abort();
      }
      return seen;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: the caller's signal",
    reply: SLOW,
    async run(client, context) {
      const controller = new AbortController();
      const stream = await client.chat.completions.create(streamBody, { signal: controller.signal });
      const seen: unknown[] = [];
      const ended = await facts(
        (async () => {
          for await (const item of stream) {
            seen.push(item.choices[0]?.delta.content);
            if (seen.length === 3) controller.abort();
          }
          return "ended";
        })(),
        context,
      );
      return [seen, ended];
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: aborted and not read on",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const iterator = stream[Symbol.asyncIterator]();
      const first = await iterator.next();
      stream.controller.abort();
      await sleep(120);
      return first;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: tee, both read",
    reply: STREAM,
    async run(client) {
      const [left, right] = (await client.chat.completions.create(streamBody)).tee();
      return Promise.all([collect(left), collect(right)]);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: tee, one left",
    reply: STREAM,
    async run(client) {
      const [left, right] = (await client.chat.completions.create(streamBody)).tee();
      for await (const item of left) {
        void item;
        break;
      }
      return collect(right);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: tee, both left",
    reply: SLOW,
    async run(client) {
      const branches = (await client.chat.completions.create(streamBody)).tee();
      const firsts = [];
      for (const branch of branches) {
        for await (const item of branch) {
          firsts.push(item);
          break;
        }
      }
      return firsts;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: toReadableStream",
    reply: STREAM,
    async run(client) {
      const readable = (await client.chat.completions.create(streamBody)).toReadableStream();
      let text = "";
      const decoder = new TextDecoder();
      for await (const part of readable as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(part);
      return text;
    },
    statuses: ["ok"],
  },
  {
    name: "stream: read twice",
    reply: STREAM,
    async run(client, context) {
      const stream = await client.chat.completions.create(streamBody);
      await collect(stream);
      return facts(collect(stream), context);
    },
    statuses: ["ok"],
  },
  {
    name: "stream: next by next, then return",
    reply: SLOW,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const iterator = stream[Symbol.asyncIterator]();
      const seen: unknown[] = [await iterator.next(), await iterator.next()];
      seen.push(await iterator.return?.("bye"), await iterator.next());
      return seen;
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream: an error event",
    reply: sse([...textChunks("a").slice(0, 2), { error: { message: "broke", type: "server_error", code: "x" } }]),
    async run(client, context) {
      const stream = await client.chat.completions.create(streamBody);
      const seen: unknown[] = [];
      const ended = await facts(
        (async () => {
          for await (const item of stream) seen.push(item);
        })(),
        context,
      );
      return [seen, ended];
    },
    statuses: ["error"],
  },
  {
    name: "stream: the connection breaks",
    reply: sse(textChunks("a", "b").slice(0, 3), { destroy: true }),
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      const seen: unknown[] = [];
      try {
        for await (const item of stream) seen.push(item);
        return [seen, "ended"];
      } catch (error) {
        return [seen, (error as Error).constructor.name, (error as Error).message];
      }
    },
    statuses: ["error"],
  },
  {
    name: "stream: opened and never read",
    reply: STREAM,
    async run(client, { server }) {
      await client.chat.completions.create(streamBody);
      return server.requests.length;
    },
  },
  {
    name: "n = 2",
    reply: json(
      completion("hi", {
        choices: [0, 1].map((index) => ({
          index,
          finish_reason: "stop",
          message: { role: "assistant", content: `${index}` },
        })),
      }),
    ),
    run: (client) => client.chat.completions.create({ ...body, n: 2 }),
    statuses: ["ok"],
  },
  ...[{}, null, "text", [], { choices: null }, { choices: [null, 1, {}] }, { choices: [], usage: "x" }].map(
    (answer): Scenario => ({
      name: `odd body ${JSON.stringify(answer)}`,
      reply: json(answer),
      run: (client) => client.chat.completions.create(body),
      statuses: ["ok"],
    }),
  ),
  {
    name: "an empty body",
    reply: (_request, response) => void response.writeHead(204).end(),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
  },
  {
    name: "a text body",
    reply: (_request, response) => void response.writeHead(200, { "content-type": "text/plain" }).end("plain"),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
  },
  {
    name: "odd chunks",
    reply: sse([
      {},
      { choices: null },
      { choices: [null] },
      { choices: [{ delta: null }] },
      { choices: [{ index: 0, delta: { tool_calls: [null, {}] } }] },
    ]),
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
    majors: [4, 5, 6],
  },
  {
    name: "no arguments: throws as it does",
    run(client) {
      try {
        void (client.chat.completions.create as () => unknown)();
        return "returned";
      } catch (error) {
        return (error as Error).message;
      }
    },
  },
  {
    name: "a detached method",
    run(client) {
      // oxlint-disable-next-line typescript/unbound-method -- being unbound is the scenario
      const { create } = client.chat.completions;
      try {
        void create(body);
        return "returned";
      } catch (error) {
        return (error as Error).message;
      }
    },
  },
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
    name: "parse",
    reply: json(completion('{"n":1}')),
    async run(client, { major }) {
      const response_format = { ...schema, $brand: "auto-parseable-response-format", $parseRaw: JSON.parse };
      return helpers(client, major).parse({ ...body, response_format } as never);
    },
    statuses: ["ok"],
  },
  {
    name: "parse: withResponse",
    reply: json(completion('{"n":1}')),
    async run(client, { major }) {
      const { data, request_id } = await helpers(client, major)
        .parse({ ...body, response_format: schema } as never)
        .withResponse();
      return [data, request_id];
    },
    statuses: ["ok"],
  },
  {
    name: "parse: fails",
    reply: unauthorized,
    run: (client, context) => facts(helpers(client, context.major).parse(body), context),
    statuses: ["error"],
  },
  {
    name: "stream(): events and finals",
    reply: STREAM,
    async run(client, { major }) {
      const runner = helpers(client, major).stream(body);
      const seen: unknown[] = [runner.constructor.name];
      for (const event of [
        "connect",
        "chunk",
        "content",
        "message",
        "chatCompletion",
        "finalContent",
        "end",
      ] as const) {
        runner.on(event as "end", (...args: unknown[]) => seen.push([event, args]));
      }
      seen.push(await runner.finalContent(), await runner.finalChatCompletion(), await runner.finalMessage());
      seen.push(await runner.totalUsage().catch((error: Error) => error.message));
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "stream(): iterated, with tools and a schema",
    reply: sse(TOOL_STREAM, { usage: USAGE }),
    async run(client, { major }) {
      const runner = helpers(client, major).stream({
        ...body,
        tools: [{ type: "function", function: { name: "add", parameters: {} } }],
        response_format: schema,
      } as never);
      return [await collect(runner), await runner.finalChatCompletion()];
    },
    statuses: ["ok"],
  },
  {
    name: "stream(): abort",
    reply: SLOW,
    async run(client, context) {
      const runner = helpers(client, context.major).stream(body);
      runner.on("content", () => runner.abort());
      return facts(runner.done(), context);
    },
    statuses: ["cancelled"],
  },
  {
    name: "stream(): fails",
    reply: unauthorized,
    run: (client, context) => facts(helpers(client, context.major).stream(body).finalContent(), context),
    statuses: ["error"],
  },
  {
    name: "runTools",
    reply: sequence(json(TOOL_TURN), json(completion("3"))),
    async run(client, { major }) {
      const runner = helpers(client, major).runTools({ ...body, tools } as never);
      const seen: unknown[] = [];
      runner.on("message", (message) => seen.push(message));
      seen.push(await runner.finalContent(), await runner.totalUsage());
      return seen;
    },
    statuses: ["ok", "ok"],
  },
  {
    name: "runTools, streamed",
    reply: sequence(sse(TOOL_STREAM, { usage: USAGE }), STREAM),
    async run(client, { major }) {
      const runner = helpers(client, major).runTools({ ...body, stream: true, tools } as never);
      const chunks = await collect(runner as unknown as AsyncIterable<unknown>);
      return [chunks, await runner.finalContent()];
    },
    statuses: ["ok", "ok"],
  },
  {
    name: "models.list: a page, iterated",
    reply: json({ object: "list", data: [{ id: "m1" }, { id: "m2" }] }),
    async run(client) {
      const page = await client.models.list();
      return [page.constructor.name, page.data, await collect(client.models.list())];
    },
    statuses: [],
  },
  {
    name: "embeddings, responses, moderations pass through",
    reply: json({ id: "r", object: "list", data: [], output: [] }),
    run: async (client) => [
      await client.embeddings.create({ model: "e", input: "x", encoding_format: "float" }),
      await client.responses.create({ model: "m", input: "x" }),
      await client.moderations.create({ input: "x" }),
    ],
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
    majors: [5, 6, 7],
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
      await sleep(20);
      return "called";
    },
    statuses: ["error"],
  },
];
