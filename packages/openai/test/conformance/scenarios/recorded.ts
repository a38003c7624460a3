import { expect } from "vitest";
import { chunk, completion, json, sse, type Reply } from "../../support/model-server.ts";
import { body, sequence, SLOW, STREAM, streamBody } from "../replies.ts";
import { collect, facts, type Scenario } from "../scenario.ts";

const limited = json({ error: { message: "slow", type: "requests", code: "rate_limit_exceeded", param: "n" } }, 429);

const call = (index: number, id: string, name: string): object =>
  chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
const args = (index: number, text: string): object => chunk({ tool_calls: [{ index, function: { arguments: text } }] });
const choices = (...texts: string[]): object[] =>
  texts.map((content, index) => ({ index, finish_reason: "stop", message: { role: "assistant", content } }));

/** Refuses what an older host does not know. */
const refusesUsage: Reply = (request, response, n) => {
  const asked = JSON.stringify(request.body ?? {}).includes("include_usage");
  const reply = asked
    ? json(
        { error: { message: "Unrecognized request argument supplied: stream_options", type: "invalid_request_error" } },
        400,
      )
    : STREAM;
  return reply(request, response, n);
};

const LOGPROBS = { content: [{ token: "hi", logprob: -0.1, bytes: [104, 105], top_logprobs: [] }], refusal: null };
export const RECORDED: readonly Scenario[] = [
  {
    name: "request id of plain and streamed calls",
    rows: ["1b.4"],
    reply: sequence(json(completion("hi")), STREAM),
    run: async (client) => [
      (await client.chat.completions.create(body))._request_id,
      await collect(await client.chat.completions.create(streamBody)),
    ],
    statuses: ["ok", "ok"],
    recorded: (records) =>
      expect(records.map(({ metadata }) => metadata.requestId as unknown)).toEqual(["req_1", "req_s"]),
  },
  {
    name: "a 429: status, code, type, param, request id; no cost",
    rows: ["1b.9", "1b.10", "L19"],
    reply: limited,
    run: (client, context) => facts(client.chat.completions.create(body, { maxRetries: 0 }), context),
    statuses: ["error"],
    recorded([record]) {
      expect(record).toMatchObject({
        level: "ERROR",
        metadata: {
          requestId: "req_1",
          httpStatus: 429,
          error: { status: 429, code: "rate_limit_exceeded", type: "requests", param: "n" },
        },
      });
      expect(record!.costDetails).toBeUndefined();
    },
  },
  {
    name: "retries, counted",
    rows: ["1b.13"],
    reply: sequence(json({ error: { message: "slow" } }, 429, { "retry-after-ms": "5" }), json(completion("hi"))),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.metadata.retries).toBe(1),
  },
  {
    name: "a stream never read ends as incomplete",
    rows: ["1b.7", "L4"],
    reply: STREAM,
    async run(client) {
      const stream = await client.chat.completions.create(streamBody);
      return typeof stream.tee;
    },
    statuses: ["incomplete"],
  },
  {
    name: "a break keeps what had come",
    rows: ["1b.6", "L4"],
    reply: SLOW,
    async run(client) {
      for await (const item of await client.chat.completions.create(streamBody))
        if (item.choices[0]?.delta.content === "b") break;
      return "left";
    },
    statuses: ["cancelled"],
    recorded: ([record]) => expect(record).toMatchObject({ level: "WARNING", output: { content: "ab" } }),
  },
  {
    name: "usage is asked for and its chunk hidden",
    rows: ["1b.14", "L18"],
    reply: STREAM,
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
    recorded([record], { server }) {
      expect(server.requests[0]!.body).toMatchObject({ stream_options: { include_usage: true } });
      expect(record!.usageDetails).toEqual({
        input: 6,
        input_cached_tokens: 4,
        output: 3,
        output_reasoning_tokens: 2,
        total: 15,
      });
    },
  },
  {
    name: "a host that refuses the usage wish: sent once more without it, nothing seen of it",
    rows: ["1b.14"],
    reply: refusesUsage,
    resends: true,
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
    recorded: (_records, { server }) => expect(server.requests).toHaveLength(2),
  },
  {
    name: "include_usage: false is respected",
    rows: ["1b.14"],
    reply: STREAM,
    run: async (client) =>
      collect(await client.chat.completions.create({ ...streamBody, stream_options: { include_usage: false } })),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.usageDetails).toBeUndefined(),
  },
  {
    name: "parallel tool calls, interleaved, beside text and reasoning",
    rows: ["1b.15", "L8", "L9"],
    reply: sse([
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: "think" }),
      chunk({ content: "Looking" }),
      call(0, "call_a", "fn_a"),
      call(1, "call_b", "fn_b"),
      args(0, '{"x":'),
      args(1, '{"y":'),
      args(0, "1}"),
      args(1, "2}"),
      chunk({}, "tool_calls"),
    ]),
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
    recorded([record]) {
      expect(record).toMatchObject({
        output: {
          role: "assistant",
          content: "Looking",
          reasoning_content: "think",
          tool_calls: [
            { id: "call_a", type: "function", function: { name: "fn_a", arguments: '{"x":1}' } },
            { id: "call_b", type: "function", function: { name: "fn_b", arguments: '{"y":2}' } },
          ],
        },
        metadata: { finish_reason: "tool_calls" },
      });
    },
  },
  {
    name: "n = 2, plain and streamed",
    rows: ["1b.16", "L10"],
    reply: sequence(
      json(completion("", { choices: choices("A1", "B1") })),
      sse([
        chunk({ role: "assistant", content: "A" }, null, 0),
        chunk({ role: "assistant", content: "B" }, null, 1),
        chunk({ content: "1" }, null, 0),
        chunk({ content: "1" }, null, 1),
        chunk({}, "stop", 0),
        chunk({}, "stop", 1),
      ]),
    ),
    run: async (client) => [
      await client.chat.completions.create({ ...body, n: 2 }),
      await collect(await client.chat.completions.create({ ...streamBody, n: 2 })),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      for (const { output } of records) expect(output).toMatchObject([{ content: "A1" }, { content: "B1" }]);
    },
  },
  {
    name: "a refusal, plain and streamed",
    rows: ["1b.17", "L9"],
    reply: sequence(
      json(completion(null, {}, { refusal: "I will not" })),
      sse([
        chunk({ role: "assistant", content: null }),
        chunk({ refusal: "I will" }),
        chunk({ refusal: " not" }),
        chunk({}, "stop"),
      ]),
    ),
    run: async (client) => [
      await client.chat.completions.create(body),
      await collect(await client.chat.completions.create(streamBody)),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      for (const { output } of records) expect(output).toMatchObject({ refusal: "I will not" });
    },
  },
  {
    name: "log probabilities stay the caller's, plain and streamed",
    rows: ["1b.18"],
    reply: sequence(
      json(
        completion("", {
          choices: [
            { index: 0, finish_reason: "stop", logprobs: LOGPROBS, message: { role: "assistant", content: "hi" } },
          ],
        }),
      ),
      sse([
        {
          ...chunk({ role: "assistant", content: "hi" }),
          choices: [{ index: 0, delta: { role: "assistant", content: "hi" }, logprobs: LOGPROBS, finish_reason: null }],
        },
        chunk({}, "stop"),
      ]),
    ),
    run: async (client) => [
      await client.chat.completions.create({ ...body, logprobs: true }),
      await collect(await client.chat.completions.create({ ...streamBody, logprobs: true })),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      for (const record of records)
        expect(record).toMatchObject({ output: { content: "hi" }, modelParameters: { logprobs: true } });
    },
  },
];
