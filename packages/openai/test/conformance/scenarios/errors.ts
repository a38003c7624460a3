import { expect } from "vitest";
import { completion, json, sse } from "../../support/model-server.ts";
import { body, streamBody, unauthorized, never, sequence } from "../replies.ts";
import { errorFacts, facts, collect, until, type Scenario } from "../scenario.ts";

export const ERRORS: readonly Scenario[] = [
  {
    name: "never awaited, fails: one unhandled rejection",
    reply: unauthorized,
    async run(client, { server }) {
      void client.chat.completions.create(body);
      await until(() => server.requests.length > 0);
      return "sent";
    },
    unhandled: 1,
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
      return "sent";
    },
    unhandled: 1,
  },
  {
    name: "fails, then without a rejection handler beside a caught one",
    reply: unauthorized,
    async run(client, context) {
      const promise = client.chat.completions.create(body);
      void promise.then(() => undefined);
      return facts(promise, context);
    },
    unhandled: 1,
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
    rows: ["1b.13"],
    reply: sequence(json({ error: { message: "slow" } }, 429, { "retry-after-ms": "5" }), json(completion("hi"))),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
  },
  {
    name: "500, retried, fails",
    rows: ["1b.13"],
    reply: json({ error: { message: "down" } }, 500, { "retry-after-ms": "5" }),
    run: (client, context) => facts(client.chat.completions.create(body), context),
    statuses: ["error"],
  },
  {
    name: "429 when a stream is opened",
    rows: ["1b.11"],
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
    run: (client, context) => facts(client.chat.completions.create(body, { timeout: 250, maxRetries: 0 }), context),
    statuses: ["error"],
  },
  {
    name: "aborted before the call",
    rows: ["1b.8"],
    run: (client, context) => facts(client.chat.completions.create(body, { signal: AbortSignal.abort() }), context),
    statuses: ["cancelled"],
  },
  {
    name: "aborted while waiting",
    rows: ["1b.8"],
    reply: never,
    async run(client, context) {
      const controller = new AbortController();
      const outcome = facts(client.chat.completions.create(body, { signal: controller.signal }), context);
      await until(() => context.server.requests.length > 0);
      controller.abort();
      return outcome;
    },
    statuses: ["cancelled"],
  },
  ...[{}, null, "text", [], { choices: null }, { choices: [null, 1, {}] }, { choices: [], usage: "x" }].map(
    (answer): Scenario => ({
      name: `odd body ${JSON.stringify(answer)}`,
      rows: ["1b.31"],
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
    rows: ["1b.31"],
    run: async (client, context) => facts(client.chat.completions.create(streamBody).then(collect), context),
    // openai 7 refuses such chunks above the stream that is observed, which is then only seen to be left.
    recorded: (records, { major }) => expect(records).toMatchObject([{ status: major >= 7 ? "cancelled" : "ok" }]),
  },
];
