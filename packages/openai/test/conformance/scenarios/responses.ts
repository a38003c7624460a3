import { expect } from "vitest";
import { json } from "../../support/model-server.ts";
import { events, sequence } from "../replies.ts";
import { collect, sleep, type Scenario } from "../scenario.ts";

const body = { model: "gpt-5", input: "hello" };
const USAGE = {
  input_tokens: 10,
  output_tokens: 5,
  total_tokens: 15,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens_details: { reasoning_tokens: 2 },
};
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: '{"n":1}', annotations: [] }],
};
const CALL = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_1",
  name: "add",
  arguments: "{}",
  status: "completed",
};
const format = {
  type: "json_schema" as const,
  name: "n",
  strict: true,
  schema: { type: "object", properties: { n: { type: "number" } } },
};

const response = (fields: object = {}): Record<string, unknown> => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  model: "gpt-5-2025-08-07",
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
const STREAMED = [
  ...START,
  delta('{"n":'),
  delta("1}"),
  { type: "response.completed", sequence_number: 9, response: response() },
];
const CUT = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };

export const RESPONSES: readonly Scenario[] = [
  {
    name: "responses.create",
    rows: ["1a.8"],
    reply: json(response()),
    run: (client) => client.responses.create(body),
    statuses: ["ok"],
    recorded([record]) {
      expect(record).toMatchObject({
        name: "responses",
        model: "gpt-5-2025-08-07",
        output: [MESSAGE],
        usageDetails: { input: 6, input_cached_tokens: 4, output: 3, output_reasoning_tokens: 2, total: 15 },
      });
    },
  },
  {
    name: "responses.create: withResponse",
    rows: ["1b.1"],
    reply: json(response()),
    async run(client) {
      const { data, request_id } = await client.responses.create(body).withResponse();
      return [data, request_id];
    },
    statuses: ["ok"],
  },
  {
    name: "responses.create, streamed",
    rows: ["1a.9"],
    reply: events(STREAMED),
    run: async (client) => collect(await client.responses.create({ ...body, stream: true })),
    statuses: ["ok"],
    recorded([record]) {
      expect(record).toMatchObject({ output: [MESSAGE], usageDetails: { total: 15 } });
    },
  },
  {
    name: "a stream that ends with response.incomplete",
    rows: ["1a.10"],
    reply: events([
      ...START,
      delta('{"n":'),
      { type: "response.incomplete", sequence_number: 9, response: response(CUT) },
    ]),
    run: async (client) => collect(await client.responses.create({ ...body, stream: true })),
    statuses: ["incomplete"],
    recorded([record]) {
      expect(record).toMatchObject({
        level: "WARNING",
        output: [MESSAGE],
        metadata: { incomplete_reason: "max_output_tokens" },
      });
    },
  },
  {
    name: "responses, streamed: break",
    rows: ["1b.6"],
    reply: events(STREAMED, 10),
    async run(client) {
      const seen = [];
      for await (const event of await client.responses.create({ ...body, stream: true })) {
        seen.push(event.type);
        if (event.type === "response.output_text.delta") break;
      }
      return seen;
    },
    statuses: ["cancelled"],
  },
  {
    name: "background: followed through retrieve",
    rows: ["1a.11"],
    reply: sequence(
      json(response({ status: "queued", background: true, output: [], usage: null })),
      json(response({ status: "in_progress", background: true, output: [], usage: null })),
      json(response({ background: true })),
    ),
    async run(client) {
      const { id, status } = await client.responses.create({ ...body, background: true });
      return [status, (await client.responses.retrieve(id)).status, (await client.responses.retrieve(id)).status];
    },
    statuses: ["ok"],
    recorded([record]) {
      expect(record).toMatchObject({ output: [MESSAGE], usageDetails: { total: 15 } });
    },
  },
  {
    name: "responses.parse",
    rows: ["1a.12"],
    reply: json(response()),
    async run(client) {
      const { output_parsed: parsed, output_text: text } = await client.responses.parse({ ...body, text: { format } });
      return [parsed, text];
    },
    statuses: ["ok"],
    recorded([record]) {
      expect(record!.input).toMatchObject({ text: { format: { name: "n" } } });
    },
  },
  {
    name: "responses.stream(): events and finalResponse()",
    rows: ["1a.13", "L2"],
    reply: events(STREAMED),
    async run(client) {
      const runner = client.responses.stream(body);
      const seen: unknown[] = [runner.constructor.name];
      runner.on("response.output_text.delta", (event) => seen.push(event));
      seen.push(await runner.finalResponse());
      return seen;
    },
    statuses: ["ok"],
  },
  {
    name: "responses.stream(): iterated",
    rows: ["1a.13"],
    reply: events(STREAMED),
    run: async (client) => collect(client.responses.stream(body)),
    statuses: ["ok"],
  },
  {
    name: "text and function calls in one answer: one shape, plain and streamed",
    rows: ["L12"],
    reply: sequence(
      json(response({ output: [MESSAGE, CALL] })),
      events([
        ...START,
        { type: "response.completed", sequence_number: 9, response: response({ output: [MESSAGE, CALL] }) },
      ]),
    ),
    run: async (client) => [
      await client.responses.create(body),
      await collect(await client.responses.create({ ...body, stream: true })),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      expect(records.map(({ output }) => output as unknown)).toEqual([
        [MESSAGE, CALL],
        [MESSAGE, CALL],
      ]);
    },
  },
  {
    name: "the first token is not response.created",
    rows: ["L13", "1b.23"],
    reply: events(STREAMED, 20),
    run: async (client) => collect(await client.responses.create({ ...body, stream: true })),
    statuses: ["ok"],
    recorded([record]) {
      // Three events come before the first text, 20 ms each.
      expect(record!.completionStartTime! - record!.startTime).toBeGreaterThan(55);
      expect(record!.completionStartTime!).toBeLessThan(record!.endTime!);
    },
  },
  {
    name: "retrieve, cancel, input items of what is not followed",
    reply: json(response()),
    async run(client) {
      await sleep(1);
      return [
        await client.responses.retrieve("r"),
        await client.responses.cancel("r"),
        await client.responses.delete("r"),
      ];
    },
    statuses: [],
  },
];
