import { describe, expect, it } from "vitest";
import { RECORD_RANK } from "../src/model/observation.ts";
import { attributesOf, map } from "./map-attributes.ts";

describe("langfuse.* and spanwise.*", () => {
  it("maps every field of a full observation and leaves nothing behind", () => {
    const row = map(
      {
        "langfuse.observation.type": "generation",
        "langfuse.observation.input": '[{"role":"user","content":"hi 9007199254740993"}]',
        "langfuse.observation.output": "42",
        "langfuse.observation.metadata.k": '{"a":1}',
        "langfuse.observation.metadata.plain": "text",
        "langfuse.observation.level": "DEBUG",
        "langfuse.observation.status_message": "fine",
        "langfuse.observation.completion_start_time": '"2026-11-23T12:00:00.123456Z"',
        "langfuse.observation.model.name": "gpt-4o",
        "langfuse.observation.model.parameters": '{"temperature":0.5}',
        "langfuse.observation.usage_details": '{"input":3,"output":4,"total":7,"bad":-1}',
        "langfuse.observation.cost_details": '{"input":0.1,"output":0.2}',
        "langfuse.observation.prompt.name": "p",
        "langfuse.observation.prompt.version": 2,
        "langfuse.trace.name": "chat",
        "langfuse.trace.tags": ["b", "a", "b"],
        "langfuse.trace.public": true,
        "langfuse.trace.metadata.tm": "x",
        "langfuse.user.id": "u",
        "session.id": "s",
        "langfuse.version": "v1",
        "spanwise.provider": "azure",
        "spanwise.usage.aggregate": true,
      },
      {},
      { "langfuse.environment": "prod", "langfuse.release": "r1", "spanwise.instance.id": "i1", "service.name": "svc" },
    );
    expect(row).toMatchObject({
      type: "generation",
      level: "DEBUG",
      status: "ok",
      statusMessage: "fine",
      completionStartTime: Date.parse("2026-11-23T12:00:00.123Z") + 0.456,
      model: "gpt-4o",
      provider: "azure",
      usage: { input: 3, output: 4, total: 7 },
      costSource: "provided",
      usageAggregate: true,
      promptName: "p",
      promptVersion: 2,
      traceName: "chat",
      tags: ["b", "a"],
      public: true,
      userId: "u",
      sessionId: "s",
      version: "v1",
      environment: "prod",
      release: "r1",
      instanceId: "i1",
      inputPreview: "hi 9007199254740993",
      outputPreview: "42",
    });
    expect(row.cost?.["total"]).toBeCloseTo(0.3, 12);
    expect(row.payload).toMatchObject({
      input: '[{"role":"user","content":"hi 9007199254740993"}]',
      output: '"42"',
      metadata: '{"k":{"a":1},"plain":"text"}',
      modelParameters: '{"temperature":0.5}',
      traceMetadata: '{"tm":"x"}',
      attributes: null,
    });
    expect(JSON.parse(row.payload.resource ?? "")).toMatchObject({ "service.name": "svc" });
  });

  it.each([
    [{ "spanwise.observation.status": "cancelled" }, 0, "cancelled", "WARNING"],
    [{ "spanwise.observation.status": "incomplete" }, 0, "incomplete", "WARNING"],
    [{ "spanwise.observation.status": "interrupted" }, 0, "interrupted", "DEFAULT"],
    [{ "spanwise.observation.status": "error" }, 0, "error", "ERROR"],
    [{}, 2, "error", "ERROR"],
    [{}, 1, "ok", "DEFAULT"],
    [{ "langfuse.observation.level": "fatal" }, 0, "error", "ERROR"],
    [{ "langfuse.observation.level": "WARNING" }, 0, "ok", "WARNING"],
    [{ "gen_ai.response.finish_reasons": ["error"] }, 0, "error", "ERROR"],
    [{ "gen_ai.response.finish_reasons": ["stop"] }, 0, "ok", "DEFAULT"],
    [{ "ai.response.finishReason": "error" }, 0, "error", "ERROR"],
    [{ "ai.response.finishReason": "error" }, 1, "ok", "DEFAULT"],
    [{ "langfuse.observation.level": "WARNING", "ai.response.finishReason": "error" }, 0, "ok", "WARNING"],
  ])("agrees on status and level for %j with code %i", (attributes, code, status, level) => {
    expect(map(attributes, { status: { code } })).toMatchObject({ status, level });
  });

  it.each([
    [{ "error.type": "timeout" }, 2, "timeout"],
    [{ "gen_ai.response.finish_reasons": ["error"] }, 2, "The model's answer ended with finish reason error."],
    [{ "gen_ai.response.finish_reasons": ["error"], "error.type": "500" }, 0, "500"],
    [{ "error.type": "timeout" }, 0, null],
  ])("says what failed where only an attribute tells: %j with code %i", (attributes, code, statusMessage) => {
    const row = map(attributes, { status: { code } });
    expect(row.statusMessage).toBe(statusMessage);
    expect(attributesOf(row)).toEqual(attributes);
  });

  it.each([
    [{ "langfuse.observation.output": "" }, '""'],
    [{ "output.value": "", "output.mime_type": "text/plain" }, '""'],
    [{ "ai.operationId": "ai.generateText.doGenerate", "ai.response.text": "" }, '""'],
    [{ "gen_ai.output.messages": "", "gen_ai.completion": "" }, '""'],
    [{ "langfuse.observation.output": "", "gen_ai.output.messages": "yes" }, '"yes"'],
    [{ "langfuse.observation.output": "", "langfuse.trace.output": "late" }, '""'],
    [{ "langfuse.observation.input": "" }, null],
  ])("keeps an empty output and a missing one apart: %j", (attributes, output) => {
    const { payload } = map(attributes);
    expect(payload.output).toBe(output);
    expect(payload.input).toBe("langfuse.observation.input" in attributes ? '""' : null);
  });

  it("keeps an empty text that is not the output among the attributes", () => {
    const row = map({ "gen_ai.completion": "", "gen_ai.output.messages": "yes", "user.id": "" });
    expect(attributesOf(row)).toEqual({ "gen_ai.completion": "", "user.id": "" });
  });

  it("ranks start, incomplete and end records", () => {
    const start = map({ "spanwise.record": "start" });
    expect(start).toMatchObject({ rank: RECORD_RANK.start, status: "running", endTime: null });
    expect(map({ "spanwise.observation.status": "incomplete" }).rank).toBe(RECORD_RANK.incomplete);
    expect(map({}).rank).toBe(RECORD_RANK.end);
  });

  it.each([
    // attribute, payload from our SDK, payload from anybody else, preview from our SDK
    ['"why?"', '"why?"', '"\\"why?\\""', "why?"],
    ["42", "42", '"42"', "42"],
    ['"{\\"a\\":1}"', '"{\\"a\\":1}"', '"\\"{\\\\\\"a\\\\\\":1}\\""', '{"a":1}'],
    ['{"n":9007199254740993}', '{"n":9007199254740993}', '{"n":9007199254740993}', '{"n":9007199254740993}'],
    ["9007199254740993", "9007199254740993", '"9007199254740993"', "9007199254740993"],
    ["null", "null", '"null"', null],
    ["not JSON", '"not JSON"', '"not JSON"', "not JSON"],
  ])("reads %s as JSON from our SDK, and as Langfuse writes it from others", (value, ours, theirs, preview) => {
    const attributes = { "langfuse.observation.input": value, "langfuse.observation.output": value };
    const sdk = map({ ...attributes, "spanwise.observation.status": "ok" });
    expect(sdk.payload).toMatchObject({ input: ours, output: ours });
    expect(sdk).toMatchObject({ inputPreview: preview, outputPreview: preview });
    expect(map(attributes).payload).toMatchObject({ input: theirs, output: theirs });
  });

  it("keeps metadata that is an object to the letter, and wraps what is none", () => {
    const metadataOf = (value: string, sdk = false): string | null =>
      map({
        "langfuse.observation.metadata": value,
        ...(sdk ? { "spanwise.observation.status": "ok" } : {}),
      }).payload.metadata;
    expect(metadataOf('{"n":9007199254740993}')).toBe('{"n":9007199254740993}');
    expect(metadataOf("plain")).toBe('{"value":"plain"}');
    expect(metadataOf('"plain"', true)).toBe('{"value":"plain"}');
    expect(metadataOf("[1]", true)).toBe('{"value":[1]}');
  });

  it("marks an application's root that has a foreign parent", () => {
    const parentSpanId = "00f067aa0ba902b7";
    expect(map({}, { parentSpanId }).isRoot).toBe(false);
    expect(map({ "langfuse.internal.is_app_root": true }, { parentSpanId }).isRoot).toBe(true);
  });

  it("keeps what it cannot use as it came", () => {
    const odd = { "langfuse.observation.type": "dream", "custom.key": { a: [1] }, "langfuse.trace.unknown": "x" };
    const row = map(odd);
    expect(row.type).toBe("span");
    expect(attributesOf(row)).toEqual(odd);
  });
});

describe("gen_ai.* and general attributes", () => {
  it("reads a model call in the present convention", () => {
    const row = map(
      {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.reasoning.output_tokens": 10,
        "gen_ai.conversation.id": "c1",
        "user.id": "u1",
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hello"}]}]',
        "gen_ai.system_instructions": '[{"type":"text","content":"be kind"}]',
        "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"hi"}]}]',
      },
      {},
      { "deployment.environment.name": "staging", "service.version": "2.0" },
    );
    expect(row).toMatchObject({
      type: "generation",
      model: "gpt-4o-2024-08-06",
      provider: "openai",
      sessionId: "c1",
      userId: "u1",
      environment: "staging",
      version: "2.0",
      usage: { input: 40, input_cached_tokens: 60, output: 20, output_reasoning_tokens: 10, total: 130 },
      inputPreview: "hello",
      outputPreview: "hi",
    });
    expect(row.completionStartTime).toBeCloseTo(row.startTime + 250, 3);
    expect(JSON.parse(row.payload.input ?? "")).toHaveLength(2);
    expect(row.payload.modelParameters).toBe('{"temperature":0.2}');
    // Kept as sent: the model asked for, which lost to the one that answered, a word read as one of ours, counts that were taken apart.
    expect(attributesOf(row)).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.response.time_to_first_chunk": 0.25,
      "gen_ai.usage.cache_read.input_tokens": 60,
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 30,
      "gen_ai.usage.reasoning.output_tokens": 10,
    });
  });

  it("keeps what a field cannot be", () => {
    const attributes = {
      "langfuse.observation.usage_details": "[1,2]",
      "langfuse.observation.cost_details": "free",
      "langfuse.observation.model.parameters": "hot",
      "langfuse.observation.completion_start_time": "later",
      "langfuse.observation.prompt.version": "latest",
      "langfuse.trace.public": "perhaps",
      "langfuse.trace.tags": 7,
      "gen_ai.usage.cost": "a lot",
    };
    const row = map(attributes);
    expect(row).toMatchObject({ usage: null, cost: null, promptVersion: null, public: null, tags: null });
    expect(attributesOf(row)).toEqual(attributes);
  });

  it("has no first token at a time that no Date can hold", () => {
    for (const seconds of [1.797693134862316e305, 1e300, 8.64e12]) {
      expect(map({ "gen_ai.response.time_to_first_chunk": seconds }).completionStartTime).toBeNull();
    }
  });

  it("reads the old names", () => {
    const row = map({
      "gen_ai.system": "anthropic",
      "gen_ai.request.model": "claude",
      "gen_ai.usage.prompt_tokens": 5,
      "gen_ai.usage.completion_tokens": 6,
    });
    expect(row).toMatchObject({ type: "generation", provider: "anthropic", usage: { input: 5, output: 6, total: 11 } });
  });

  it("prefers usage_details, which is disjoint already", () => {
    const row = map({
      "langfuse.observation.usage_details": '{"input":4,"input_cached_tokens":6}',
      "gen_ai.usage.input_tokens": 10,
    });
    expect(row.usage).toEqual({ input: 4, input_cached_tokens: 6 });
    expect(attributesOf(row)).toEqual({ "gen_ai.usage.input_tokens": 10 });
  });

  it("names tools and takes their exceptions as the message", () => {
    const event = {
      name: "exception",
      timeUnixNano: "5",
      attributes: [
        { key: "exception.type", value: { stringValue: "TypeError" } },
        { key: "exception.message", value: { stringValue: "no" } },
      ],
    };
    const row = map(
      { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search" },
      { name: "execute_tool search", status: { code: 2 }, events: [event] },
    );
    expect(row).toMatchObject({ type: "tool", name: "search", statusMessage: "TypeError: no", level: "ERROR" });
    expect(JSON.parse(row.payload.events ?? "")).toEqual([
      {
        name: "exception",
        time: 0,
        nanos: 5,
        attributes: { "exception.type": "TypeError", "exception.message": "no" },
      },
    ]);
  });
});

describe("inclusive usage", () => {
  const usage = (counts: Record<string, number>): unknown =>
    map(Object.fromEntries(Object.entries(counts).map(([name, count]) => [`gen_ai.usage.${name}`, count]))).usage;

  it("never gets negative", () => {
    expect(usage({ input_tokens: 10, "cache_read.input_tokens": 50, output_tokens: 1 })).toEqual({
      input: 0,
      input_cached_tokens: 10,
      output: 1,
      total: 11,
    });
  });

  it("adds what was cached where the total or the provider says that it is counted beside the input", () => {
    const beside = { input: 10, input_cached_tokens: 600, input_cache_creation: 300, output: 5, total: 915 };
    const counts = {
      input_tokens: 10,
      output_tokens: 5,
      "cache_read.input_tokens": 600,
      "cache_creation.input_tokens": 300,
    };
    expect(usage({ ...counts, total_tokens: 915 })).toEqual(beside);
    const anthropic = Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [`gen_ai.usage.${name}`, count]),
    );
    expect(map({ ...anthropic, "gen_ai.provider.name": "anthropic" }).usage).toEqual(beside);
    expect(map({ ...anthropic, "gen_ai.request.model": "us.anthropic.claude-sonnet-4-5-v1:0" }).usage).toEqual(beside);
    // Both are told, and one of them fits.
    expect(usage({ input_tokens: 1000, output_tokens: 5, "cache_read.input_tokens": 600, total_tokens: 1605 })).toEqual(
      {
        input: 1000,
        input_cached_tokens: 600,
        output: 5,
        total: 1605,
      },
    );
    expect(usage({ input_tokens: 1000, output_tokens: 5, "cache_read.input_tokens": 600, total_tokens: 1005 })).toEqual(
      {
        input: 400,
        input_cached_tokens: 600,
        output: 5,
        total: 1005,
      },
    );
  });

  it("adds reasoning that is counted beside the output", () => {
    expect(usage({ input_tokens: 10, output_tokens: 5, reasoning_tokens: 20 })).toEqual({
      input: 10,
      output: 5,
      output_reasoning_tokens: 20,
      total: 35,
    });
    expect(usage({ input_tokens: 10, output_tokens: 30, reasoning_tokens: 20, total_tokens: 60 })).toEqual({
      input: 10,
      output: 30,
      output_reasoning_tokens: 20,
      total: 60,
    });
  });

  it("is not read out of numbers that no call can have: they would drown the sums of all others", () => {
    expect(usage({ input_tokens: 1e300, output_tokens: 5 })).toEqual({ output: 5, total: 5 });
    const given = { "langfuse.observation.usage_details": '{"input":1e200,"output":-1,"total":7}' };
    expect(map(given).usage).toEqual({ total: 7 });
    expect(map({ "langfuse.observation.cost_details": '{"total":1e300}' }).cost).toBeNull();
    expect(map({ "gen_ai.usage.cost": 1e300 }).cost).toBeNull();
  });

  it("is null without a count", () => {
    expect(usage({ whatever: 3 })).toBeNull();
  });
});
