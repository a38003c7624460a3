import { createTracer, memory } from "@spanwise/core";
import { runWithClaim } from "@spanwise/core/adapter";
import type OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { observeOpenAI, type ObserveOpenAIOptions } from "../../src/index.ts";
import { MAJORS } from "../conformance/majors.ts";
import {
  chunk,
  completion,
  createChatServer,
  json,
  sse,
  textChunks,
  USAGE,
  type ChatServer,
  type Reply,
} from "../support/model-server.ts";
import { createTraced, type Read, type Traced } from "../support/traced.ts";

type Call = { id: string; name: string; args: string };

const body = { model: "gpt-4o", messages: [{ role: "user" as const, content: "add" }] };

const turn = (calls: Call[]): object =>
  completion(
    null,
    {},
    {
      tool_calls: calls.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } })),
    },
  );

const turnChunks = (calls: Call[]): object[] => [
  chunk({ role: "assistant", content: null }),
  ...calls.flatMap(({ id, name, args }, index) => [
    chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
    chunk({ tool_calls: [{ index, function: { arguments: args.slice(0, 3) } }] }),
    chunk({ tool_calls: [{ index, function: { arguments: args.slice(3) } }] }),
  ]),
  chunk({}, "tool_calls"),
];

/** The turns of a conversation, the last one again and again. */
function turns(...replies: Reply[]): Reply {
  return (request, response, n) => replies[Math.min(n, replies.length) - 1]!(request, response, n);
}

interface Node {
  name: string;
  type: string;
  status: string;
  children: Node[];
}

/** Calls that begin in the same instant, in the order of their ids. */
const orderOf = ({ metadata }: Read): string => String(metadata?.tool_call_id ?? "");

function tree(records: readonly Read[]): Node[] {
  const under = (parentId: string | undefined): Node[] =>
    records
      .filter((record) => record.parentId === parentId)
      .toSorted((a, b) => a.startTime - b.startTime || orderOf(a).localeCompare(orderOf(b)))
      .map(({ id, name, type, status }) => ({ name, type, status, children: under(id) }));
  return under(undefined);
}

const node = (name: string, type: string, children: Node[] = [], status = "ok"): Node => ({
  name,
  type,
  status,
  children,
});
const generation = node("chat.completions", "generation");

interface Runner {
  on(event: string, listener: (...args: unknown[]) => void): Runner;
  abort(): void;
  done(): Promise<void>;
  finalContent(): Promise<string | null>;
  messages: unknown[];
}

describe.each(MAJORS)("runTools of openai $version", ({ major, load }) => {
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

  function runTools(
    tools: unknown[],
    given: object = {},
    runnerOptions?: object,
    options?: ObserveOpenAIOptions,
  ): Runner {
    const client = observeOpenAI(raw, { tracer: traced.tracer, ...options });
    const completions = major === 4 ? (client.beta as unknown as OpenAI).chat.completions : client.chat.completions;
    return completions.runTools({ ...body, ...given, tools } as never, runnerOptions) as Runner;
  }

  const add = (fn: (args: { a: number; b: number }) => unknown): object => ({
    type: "function",
    function: { name: "add", description: "adds", parameters: {}, parse: JSON.parse, function: fn },
  });

  it.each([false, true])("a tree: turns, tools and what runs inside; streamed: %s", async (stream) => {
    const calls = [
      { id: "call_1", name: "add", args: '{"a":1,"b":2}' },
      { id: "call_2", name: "add", args: '{"a":3,"b":4}' },
      { id: "call_3", name: "raw", args: "not json" },
    ];
    server.reply = stream
      ? turns(sse(turnChunks(calls), { usage: USAGE }), sse(textChunks("10"), { usage: USAGE }))
      : turns(json(turn(calls)), json(completion("10")));
    const runner = runTools(
      [
        add(async ({ a, b }) => {
          await new Promise((resolve) => setTimeout(resolve, b));
          traced.tracer.startObservation("inside").end({ output: a });
          return { sum: a + b };
        }),
        {
          type: "function",
          function: {
            parameters: {},
            function: function raw(text: string) {
              return `got ${text}`;
            },
          },
        },
      ],
      { stream },
    );
    expect(await runner.finalContent()).toBe("10");
    const records = await traced.read();
    const inside = [node("inside", "span")];
    expect(tree(records)).toEqual([
      node("chat.completions.runTools", "agent", [
        generation,
        node("add", "tool", inside),
        node("add", "tool", inside),
        node("raw", "tool"),
        generation,
      ]),
    ]);
    const tools = records.filter(({ type }) => type === "tool");
    expect(new Map(tools.map(({ metadata, input, output }) => [metadata.tool_call_id, [input, output]]))).toEqual(
      new Map<string, unknown>([
        ["call_1", [{ a: 1, b: 2 }, { sum: 3 }]],
        ["call_2", [{ a: 3, b: 4 }, { sum: 7 }]],
        ["call_3", ["not json", "got not json"]],
      ]),
    );
    expect(records.find(({ type }) => type === "agent")).toMatchObject({
      input: body.messages,
      output: { role: "assistant", content: "10" },
      metadata: { turns: 2, toolCalls: 3 },
    });
    expect(new Set(records.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it("a function that throws: its error on the tool and on the umbrella", async () => {
    server.reply = json(turn([{ id: "c", name: "add", args: "{}" }]));
    const runner = runTools([add(() => Promise.reject(new RangeError("too much")))]);
    await expect(runner.done()).rejects.toThrow("too much");
    const records = await traced.read();
    expect(tree(records)).toEqual([
      node("chat.completions.runTools", "agent", [generation, node("add", "tool", [], "error")], "error"),
    ]);
    expect(records.find(({ type }) => type === "tool")).toMatchObject({
      level: "ERROR",
      statusMessage: "too much",
      metadata: { tool_call_id: "c", error: { name: "RangeError" } },
    });
    expect(records.find(({ type }) => type === "agent")).toMatchObject({ level: "ERROR", statusMessage: "too much" });
  });

  it("arguments that do not parse, and a function that there is not: refused, and the model is told", async () => {
    server.reply = turns(
      json(
        turn([
          { id: "c1", name: "add", args: "{oops" },
          { id: "c2", name: "subtract", args: "{}" },
        ]),
      ),
      json(completion("sorry")),
    );
    expect(await runTools([add(() => "unused")]).finalContent()).toBe("sorry");
    const tools = (await traced.read()).filter(({ type }) => type === "tool");
    expect(
      tools
        .toSorted((a, b) => a.name.localeCompare(b.name))
        .map(({ name, status, input, metadata }) => [name, status, input, metadata.tool_call_id as unknown]),
    ).toEqual([
      ["add", "error", "{oops", "c1"],
      ["subtract", "error", {}, "c2"],
    ]);
    expect(tools.find(({ name }) => name === "subtract")!.statusMessage).toContain("Invalid tool_call");
  });

  it("runner.abort() inside a function", async () => {
    server.reply = json(turn([{ id: "c", name: "add", args: "{}" }]));
    const runner: Runner = runTools([
      add(() => {
        runner.abort();
        return "done";
      }),
    ]);
    await expect(runner.done()).rejects.toThrow("Request was aborted.");
    const [agent] = tree(await traced.read());
    expect(agent).toMatchObject({ name: "chat.completions.runTools", status: "cancelled" });
    expect(agent!.children).toEqual(expect.arrayContaining([generation, node("add", "tool")]));
  });

  it("the caller's signal while a turn waits", async () => {
    server.reply = () => undefined;
    const runner = runTools([add(() => "unused")], {}, { signal: AbortSignal.timeout(40) });
    await expect(runner.done()).rejects.toThrow("Request was aborted.");
    expect(tree(await traced.read())).toEqual([
      node("chat.completions.runTools", "agent", [{ ...generation, status: "cancelled" }], "cancelled"),
    ]);
  });

  it("a turn that fails", async () => {
    server.reply = json({ error: { message: "no key", code: "bad_key" } }, 401);
    await expect(runTools([add(() => "unused")]).done()).rejects.toThrow("no key");
    const records = await traced.read();
    expect(tree(records)).toEqual([
      node("chat.completions.runTools", "agent", [{ ...generation, status: "error" }], "error"),
    ]);
    expect(records.find(({ type }) => type === "agent")).toMatchObject({
      metadata: { httpStatus: 401, error: { status: 401, code: "bad_key" } },
    });
  });

  it("the most turns that it may take", async () => {
    server.reply = json(turn([{ id: "c", name: "add", args: "{}" }]));
    await runTools([add(() => "1")], {}, { maxChatCompletions: 2 }).done();
    const records = await traced.read();
    expect(tree(records)[0]!.children).toHaveLength(4);
    expect(records.find(({ type }) => type === "agent")).toMatchObject({
      status: "ok",
      level: "WARNING",
      statusMessage: expect.stringContaining("maxChatCompletions (2)") as string,
    });
  });

  it("one function, chosen by the caller: ends with its result, without a warning", async () => {
    server.reply = json(turn([{ id: "c", name: "add", args: "{}" }]));
    await runTools([add(() => "1")], { tool_choice: { type: "function", function: { name: "add" } } }).done();
    const records = await traced.read();
    expect(tree(records)).toEqual([node("chat.completions.runTools", "agent", [generation, node("add", "tool")])]);
    expect(records.find(({ type }) => type === "agent")!.level).toBe("DEFAULT");
  });

  it("the tools of zodFunction: a callback and a parser that are not listed", async () => {
    const calls = [{ id: "c", name: "add", args: '{"a":1,"b":2}' }];
    for (const stream of [false, true]) {
      server.requests.length = 0;
      server.reply = stream
        ? turns(sse(turnChunks(calls)), sse(textChunks("3")))
        : turns(json(turn(calls)), json(completion("3")));
      const tool = Object.defineProperties(
        { type: "function", function: { name: "add", parameters: {}, strict: true } },
        {
          $brand: { value: "auto-parseable-tool" },
          $parseRaw: { value: JSON.parse },
          $callback: { value: ({ a, b }: { a: number; b: number }) => a + b },
        },
      );
      expect(await runTools([tool], { stream }).finalContent()).toBe("3");
    }
    const tools = (await traced.read()).filter(({ type }) => type === "tool");
    expect(tools.map(({ input, output }) => [input, output])).toEqual([
      [{ a: 1, b: 2 }, 3],
      [{ a: 1, b: 2 }, 3],
    ]);
  });

  it("this, arguments, frozen and private parts of the tools are the caller's", async () => {
    server.reply = turns(json(turn([{ id: "c", name: "own", args: '{"a":1}' }])), json(completion("ok")));
    const seen: unknown[] = [];
    class Runnable {
      #name = "own";
      parameters = {};
      get name(): string {
        return this.#name;
      }
      parse(text: string): unknown {
        seen.push(this === runnable, this.#name);
        return JSON.parse(text);
      }
      function(args: unknown, runner: unknown, ...rest: unknown[]): string {
        seen.push(this === runnable, this.#name, args, runner === given, rest.length);
        return "x";
      }
    }
    const runnable = Object.freeze(new Runnable());
    const given: Runner = runTools(Object.freeze([Object.freeze({ type: "function", function: runnable })]) as never);
    expect(await given.finalContent()).toBe("ok");
    const contextArguments = major >= 6 ? 1 : 0;
    expect(seen).toEqual([true, "own", true, "own", { a: 1 }, true, contextArguments]);
    expect((await traced.read()).find(({ type }) => type === "tool")).toMatchObject({ name: "own", output: "x" });
  });

  it("options: parent, name, and no content", async () => {
    server.reply = turns(json(turn([{ id: "c", name: "add", args: '{"secret":1}' }])), json(completion("secret")));
    const parent = traced.tracer.startObservation("request", {}, { parent: null });
    const options = { parent, name: "calculator", captureInput: false, captureOutput: false };
    await runTools(
      [add(() => "secret")],
      { messages: [{ role: "user", content: "secret" }] },
      undefined,
      options,
    ).done();
    parent.end();
    const records = await traced.read();
    expect(tree(records)).toEqual([
      node("request", "span", [node("calculator", "agent", [generation, node("add", "tool"), generation])]),
    ]);
    expect(JSON.stringify(records)).not.toContain("secret");
  });

  it("under an outer adapter's claim: its generation stands for the run", async () => {
    server.reply = turns(json(turn([{ id: "c", name: "add", args: "{}" }])), json(completion("3")));
    const claimed = traced.tracer.startObservation("handler", {}, { type: "generation", parent: null });
    await runWithClaim(traced.tracer, claimed, () => runTools([add(() => "1")]).done());
    claimed.end();
    expect(tree(await traced.read())).toEqual([node("handler", "generation")]);
  });

  it("a trace that is not sampled, and tracing that is off: the run goes on, nothing is recorded", async () => {
    for (const tracer of [createTracer({ exporters: [memory()], sampleRate: 0 }), createTracer({ enabled: false })]) {
      server.requests.length = 0;
      server.reply = turns(json(turn([{ id: "c", name: "add", args: "{}" }])), json(completion("3")));
      const runner = runTools([add(() => "1")], {}, undefined, { tracer });
      expect(await runner.finalContent()).toBe("3");
      expect(Object.hasOwn(runner, "_emit")).toBe(false);
      await tracer.shutdown();
      expect(tracer.stats()).toMatchObject({ sent: 0, open: 0 });
    }
  });

  it("no content: nor in what an error says", async () => {
    const options = { captureInput: false };
    server.reply = turns(
      json(
        turn([
          { id: "c1", name: "add", args: "{secret" },
          { id: "c2", name: "secret", args: "{}" },
        ]),
      ),
      json(turn([{ id: "c3", name: "add", args: "{}" }])),
    );
    const run = runTools([add(() => Promise.reject(new RangeError("secret")))], {}, undefined, options);
    await expect(run.done()).rejects.toThrow("secret");
    const records = (await traced.read()).filter(({ type }) => type !== "generation");
    expect(records.map(({ statusMessage }) => statusMessage)).toEqual(
      expect.arrayContaining(["SyntaxError", "the runner refused the call", "RangeError"]),
    );
    const texts = records.map(({ name: _name, output: _output, ...record }) => JSON.stringify(record));
    expect(texts.join()).not.toContain("secret");
  });

  it("two runners at once keep apart", async () => {
    server.reply = (request, response, n) => {
      const { messages } = request.body as { messages: { role: string; content: string }[] };
      const answered = messages.at(-1)!.role === "tool";
      const id = messages[0]!.content;
      return json(answered ? completion(id) : turn([{ id, name: "add", args: JSON.stringify({ id }) }]))(
        request,
        response,
        n,
      );
    };
    const run = (content: string): Promise<string | null> =>
      runTools([add(() => content)], { messages: [{ role: "user", content }] }).finalContent();
    expect(await Promise.all(["x", "y", "z"].map(run))).toEqual(["x", "y", "z"]);
    const records = await traced.read();
    expect(tree(records)).toHaveLength(3);
    for (const agent of records.filter(({ type }) => type === "agent")) {
      const tool = records.find(({ parentId, type }) => parentId === agent.id && type === "tool");
      expect(tool).toMatchObject({ output: agent.output.content, metadata: { tool_call_id: agent.output.content } });
    }
  });

  it.runIf(major === 4)("runFunctions, the predecessor", async () => {
    const asked = completion(null, {}, { function_call: { name: "add", arguments: '{"a":1}' } });
    server.reply = turns(json(asked), json(completion("done")));
    const client = observeOpenAI(raw, { tracer: traced.tracer });
    const { completions } = (
      client.beta as unknown as { chat: { completions: { runFunctions(body: object): Runner } } }
    ).chat;
    const functions = [{ name: "add", parameters: {}, parse: JSON.parse, function: () => "1" }];
    expect(await completions.runFunctions({ ...body, functions }).finalContent()).toBe("done");
    expect(tree(await traced.read())).toEqual([
      node("chat.completions.runFunctions", "agent", [generation, node("add", "tool"), generation]),
    ]);
  });
});
