import { createSink, type Sink } from "@spanwise/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, langfuse, type ObservationType, type Tracer, type TracerOptions } from "../../src/index.ts";
import { hostileCall } from "./support/hostile-call.ts";
import { decodeJson, decodeProtobuf, type OfficialRequest } from "./support/official-otlp.ts";
import { readAsLangfuse, RejectedExport, type LangfuseObservation } from "./support/langfuse-reader.ts";

const keys = { publicKey: "pk-lf-1", secretKey: "sk-lf-1" };
const START = Date.UTC(2026, 0, 2, 3, 4, 5);
let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (/^(SPANWISE|LANGFUSE|OTEL)_/.test(name)) vi.stubEnv(name, undefined);
  sink = await createSink({ auth: keys });
  start();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

function start(options: TracerOptions = {}, protocol: "http/protobuf" | "http/json" = "http/protobuf"): void {
  const exporter = langfuse({ baseUrl: sink.url, protocol, ...keys });
  tracer = createTracer({ exporters: [exporter], logLevel: "silent", release: "r-1", ...options });
}

function exports(): OfficialRequest[] {
  return sink.requests
    .filter(({ path, accepted }) => accepted && path.endsWith("/v1/traces"))
    .map(({ body, headers }) => (headers["content-type"]!.includes("json") ? decodeJson(body) : decodeProtobuf(body)));
}

/** What Langfuse would show, by observation id. */
async function stored(): Promise<(handle: { id: string }) => LangfuseObservation> {
  expect(await tracer.flush()).toMatchObject({ failed: 0, pending: 0, dropped: 0 });
  const byId = new Map(
    exports()
      .flatMap(readAsLangfuse)
      .map((one) => [one.id, one]),
  );
  return ({ id }) => byId.get(id)!;
}

describe.each(["http/protobuf", "http/json"] as const)("golden cases, %s", (protocol) => {
  beforeEach(async () => {
    await tracer.shutdown();
    start({}, protocol);
  });

  test("a generation under its trace", async () => {
    const root = tracer.startObservation(
      "answer",
      { input: "What is it?" },
      {
        startTime: START,
        trace: {
          traceName: "support",
          userId: "u-1",
          sessionId: "s-1",
          tags: ["beta", "a,b"],
          metadata: { plan: { name: "pro" } },
          public: true,
          version: "app-2",
        },
      },
    );
    const generation = root.generation(
      "draft",
      {
        model: "gpt-4o",
        provider: "openai",
        input: [{ role: "user", content: "What is it?" }],
        modelParameters: { temperature: 0.5, tools: ["a"] },
        metadata: { nested: { deep: [1] } },
        prompt: { name: "support", version: 4 },
        completionStartTime: START + 300,
      },
      { startTime: START + 5 },
    );
    generation.end(
      {
        output: { role: "assistant", content: "A test." },
        usageDetails: { input: 10, input_cached_tokens: 5, output: 3, output_reasoning_tokens: 2, total: 20 },
        costDetails: { input: 0.5, output: 0.25, total: 0.75 },
      },
      { endTime: START + 1000 },
    );
    root.end({ output: "A test." }, { endTime: START + 1200 });
    const read = await stored();

    const trace = {
      traceId: root.traceId,
      environment: "default",
      release: "r-1",
      version: "app-2",
      traceName: "support",
      userId: "u-1",
      sessionId: "s-1",
      tags: ["beta", "a,b"],
      public: true,
      traceMetadata: { plan: { name: "pro" } },
      unread: [],
    };
    expect(read(generation)).toEqual({
      ...trace,
      id: generation.id,
      parentObservationId: root.id,
      isRoot: false,
      type: "GENERATION",
      name: "draft",
      startTime: new Date(START + 5).toISOString(),
      endTime: new Date(START + 1000).toISOString(),
      completionStartTime: new Date(START + 300).toISOString(),
      level: "DEFAULT",
      statusMessage: undefined,
      input: '[{"role":"user","content":"What is it?"}]',
      output: '{"role":"assistant","content":"A test."}',
      metadata: { nested: { deep: [1] } },
      model: "gpt-4o",
      modelParameters: { temperature: 0.5, tools: ["a"] },
      usageDetails: { input: 10, input_cached_tokens: 5, output: 3, output_reasoning_tokens: 2, total: 20 },
      costDetails: { input: 0.5, output: 0.25, total: 0.75 },
      promptName: "support",
      promptVersion: 4n,
    });
    // Every span carries the trace's attributes: Langfuse keeps no trace row.
    expect(read(root)).toMatchObject({ ...trace, type: "SPAN", input: "What is it?", output: "A test.", isRoot: true });
  });

  test.each<ObservationType>([
    "span",
    "generation",
    "event",
    "embedding",
    "agent",
    "tool",
    "chain",
    "retriever",
    "evaluator",
    "guardrail",
  ])("the type %s is Langfuse's", async (type) => {
    const one = tracer.startObservation("a name", { model: "m" }, { type });
    one.end();
    const read = await stored();
    expect(read(one)).toMatchObject({ type: type.toUpperCase(), name: "a name", model: "m", unread: [] });
  });

  test("outcomes", async () => {
    const failed = tracer.startObservation("a");
    failed.end({ level: "ERROR", statusMessage: "it broke" });
    const cancelled = tracer.startObservation("b");
    cancelled.end({ status: "cancelled", statusMessage: "left" });
    const debug = tracer.startObservation("c");
    debug.end({ level: "DEBUG" });
    const interrupted = tracer.startObservation("d");
    interrupted.end({ status: "interrupted" });
    const read = await stored();
    expect(read(failed)).toMatchObject({ level: "ERROR", statusMessage: "it broke" });
    expect(read(cancelled)).toMatchObject({ level: "WARNING", statusMessage: "left" });
    expect(read(debug)).toMatchObject({ level: "DEBUG" });
    expect(read(interrupted)).toMatchObject({ level: "DEFAULT" });
  });

  test("a span under another application's is the application's root", async () => {
    const parent = { traceId: "0af7651916cd43dd8448eb211c80319c", observationId: "b7ad6b7169203331" };
    const one = tracer.startObservation("handler", {}, { parent });
    const inner = one.span("inner");
    inner.end();
    one.end();
    const read = await stored();
    expect(read(one)).toMatchObject({ parentObservationId: parent.observationId, isRoot: true });
    expect(read(inner)).toMatchObject({ parentObservationId: one.id, isRoot: false });
  });

  test("environment, release and version of one trace over those of the process", async () => {
    await tracer.shutdown();
    start({ environment: "staging", version: "v-1" }, protocol);
    const usual = tracer.startObservation("a");
    usual.end();
    const other = tracer.startObservation(
      "b",
      { version: "v-2" },
      { trace: { environment: "canary", release: "r-2", version: "v-3" } },
    );
    other.end();
    const read = await stored();
    expect(read(usual)).toMatchObject({ environment: "staging", release: "r-1", version: "v-1", unread: [] });
    expect(read(other)).toMatchObject({ environment: "canary", release: "r-2", version: "v-2", unread: [] });
  });

  test("scalars and texts of a payload", async () => {
    const values = ["plain", "", "{not json", 42, true, null, [], { a: 1 }];
    const handles = values.map((output) => {
      const one = tracer.startObservation("a");
      one.end({ output });
      return one;
    });
    const read = await stored();
    expect(handles.map((one) => read(one).output)).toEqual([
      "plain",
      // An empty text is none to Langfuse.
      undefined,
      "{not json",
      "42",
      "true",
      "null",
      "[]",
      '{"a":1}',
    ]);
  });
});

test("the re-implemented reader rejects a whole export for one malformed span", async () => {
  for (let i = 0; i < 3; i++) tracer.startObservation("a").end();
  await tracer.flush();
  const request = exports()[0]!;
  expect(readAsLangfuse(request)).toHaveLength(3);
  const spans = request.resourceSpans[0]!.scopeSpans[0]!.spans;
  for (const spoilt of [{ traceId: "" }, { spanId: "xyz" }, { parentSpanId: "12" }, { attributes: {} as never }]) {
    const copy = structuredClone(request);
    copy.resourceSpans[0]!.scopeSpans[0]!.spans[1] = { ...spans[1]!, ...spoilt };
    expect(() => readAsLangfuse(copy)).toThrow(RejectedExport);
  }
});

test.each(["http/protobuf", "http/json"] as const)(
  "whatever callers pass, no export is malformed and none is lost: %s",
  async (protocol) => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileCall, { minLength: 1, maxLength: 8 }), async (calls) => {
        sink.reset();
        await tracer.shutdown();
        start({}, protocol);
        for (const { name, attributes, ...options } of calls) {
          tracer.startObservation(name as string, attributes, options as never).end();
        }
        expect(await tracer.flush()).toMatchObject({ failed: 0, dropped: 0, pending: 0 });
        expect(exports().flatMap(readAsLangfuse)).toHaveLength(calls.length);
      }),
      { numRuns: 60 },
    );
  },
  20_000,
);
