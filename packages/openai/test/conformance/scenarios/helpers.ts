import { expect } from "vitest";
import { completion, json, sse, USAGE } from "../../support/model-server.ts";
import {
  body,
  never,
  STREAM,
  SLOW,
  unauthorized,
  sequence,
  tools,
  TOOL_TURN,
  TOOL_STREAM,
  schema,
} from "../replies.ts";
import { until, facts, collect, helpers, type Scenario } from "../scenario.ts";

export const HELPERS: readonly Scenario[] = [
  {
    name: "parse",
    rows: ["1a.3", "1a.7"],
    reply: json(completion('{"n":1}')),
    async run(client, { major }) {
      const response_format = { ...schema, $brand: "auto-parseable-response-format", $parseRaw: JSON.parse };
      return helpers(client, major).parse({ ...body, response_format } as never);
    },
    statuses: ["ok"],
  },
  {
    name: "parse: withResponse",
    rows: ["1b.2"],
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
    rows: ["1a.4", "L2"],
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
    rows: ["L2"],
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
    rows: ["1a.5", "1a.6", "L5"],
    reply: sequence(json(TOOL_TURN), json(completion("3"))),
    async run(client, { major }) {
      const runner = helpers(client, major).runTools({ ...body, tools } as never);
      const seen: unknown[] = [];
      runner.on("message", (message) => seen.push(message));
      seen.push(await runner.finalContent(), await runner.totalUsage());
      return seen;
    },
    statuses: ["ok", "ok", "ok", "ok"],
  },
  {
    name: "runTools, streamed",
    rows: ["1a.5", "1a.6"],
    reply: sequence(sse(TOOL_STREAM, { usage: USAGE }), STREAM),
    async run(client, { major }) {
      const runner = helpers(client, major).runTools({ ...body, stream: true, tools } as never);
      const chunks = await collect(runner as unknown as AsyncIterable<unknown>);
      return [chunks, await runner.finalContent()];
    },
    statuses: ["ok", "ok", "ok", "ok"],
  },
  {
    name: "runTools: every event, in order, and what the final methods say",
    rows: ["1a.5", "L5"],
    reply: sequence(json(TOOL_TURN), json(completion("3"))),
    async run(client, { major }) {
      const runner = helpers(client, major).runTools({ ...body, tools } as never);
      const seen: unknown[] = [runner.constructor.name, Object.keys(runner)];
      const names =
        "connect chatCompletion message content functionCall functionCallResult functionToolCall functionToolCallResult " +
        "finalChatCompletion finalContent finalMessage totalUsage end";
      for (const name of names.split(" ")) runner.on(name as "end", (...args: unknown[]) => seen.push([name, args]));
      await runner.done();
      seen.push(
        await runner.finalMessage(),
        runner.messages,
        runner.allChatCompletions(),
        runner.ended,
        runner.errored,
      );
      return seen;
    },
    statuses: ["ok", "ok", "ok", "ok"],
  },
  {
    name: "runTools: what runs inside a function is nested under it",
    rows: ["1a.6"],
    reply: sequence(json(TOOL_TURN), json(completion("inner")), json(completion("3"))),
    async run(client, { major }) {
      const [tool] = tools;
      const nested = async (): Promise<string | null> =>
        (await client.chat.completions.create(body)).choices[0]!.message.content;
      const runner = helpers(client, major).runTools({
        ...body,
        tools: [{ ...tool!, function: { ...tool!.function, function: nested } }],
      } as never);
      return runner.finalContent();
    },
    statuses: ["ok", "ok", "ok", "ok", "ok"],
    recorded(records) {
      const agent = records.find(({ type }) => type === "agent")!;
      const tool = records.find(({ type }) => type === "tool")!;
      expect(tool).toMatchObject({ name: "add", parentId: agent.id, input: { a: 1, b: 2 }, output: "inner" });
      const parents = records.filter(({ type }) => type === "generation").map(({ parentId }) => parentId);
      expect(parents).toEqual([agent.id, tool.id, agent.id]);
      expect(agent).toMatchObject({ name: "chat.completions.runTools", metadata: { turns: 2, toolCalls: 1 } });
    },
  },
  ...[true, false].map((isHeard): Scenario => ({
    name: `runTools: a function throws, ${isHeard ? "awaited" : "nobody listens: one unhandled rejection"}`,
    rows: ["1a.6"],
    reply: json(TOOL_TURN),
    async run(client, context) {
      const [tool] = tools;
      const broken = (): never => {
        throw new RangeError("broken");
      };
      const runner = helpers(client, context.major).runTools({
        ...body,
        tools: [{ ...tool!, function: { ...tool!.function, function: broken } }],
      } as never);
      if (isHeard) return facts(runner.done(), context);
      await until(() => runner.ended);
      return [runner.errored, runner.ended];
    },
    unhandled: isHeard ? 0 : 1,
    statuses: ["ok", "error", "error"],
  })),
  {
    name: "runTools: abort() with nobody listening: one unhandled rejection",
    rows: ["1a.6"],
    reply: never,
    async run(client, { major, server }) {
      const runner = helpers(client, major).runTools({ ...body, tools } as never);
      await until(() => server.requests.length > 0);
      runner.abort();
      await until(() => runner.ended);
      return [runner.aborted, runner.ended];
    },
    unhandled: 1,
    statuses: ["cancelled", "cancelled"],
  },
  {
    name: "runTools: frozen arguments, arguments that are none",
    rows: ["1a.5"],
    reply: sequence(json(TOOL_TURN), json(completion("3"))),
    async run(client, context) {
      const run = (given: unknown): { done(): Promise<unknown>; finalContent(): Promise<unknown> } =>
        helpers(client, context.major).runTools(given as never);
      const given = Object.freeze({ ...body, tools: Object.freeze([...tools]) });
      const first = await run(given).finalContent();
      const thrown = [];
      for (const odd of [undefined, null, "text", {}, { tools: 1 }, { tools: [null] }]) {
        try {
          thrown.push(await facts(run(odd).done(), context));
        } catch (error) {
          thrown.push((error as Error).message);
        }
      }
      return [first, thrown];
    },
  },
];
