import { createSink, type Sink } from "@spanwise/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, type Tracer, type TracerOptions } from "../../src/index.ts";
import { otlp, type OtlpExporterOptions, type OtlpProtocol } from "../../src/otlp.ts";
import { hostileCall } from "./support/hostile-call.ts";
import { attributesOf, decodeJson, decodeProtobuf, type OfficialSpan } from "./support/official-otlp.ts";

let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) vi.stubEnv(name, undefined);
  sink = await createSink();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

function trace(options: OtlpExporterOptions = {}, tracerOptions: TracerOptions = {}): Tracer {
  tracer = createTracer({
    exporters: [otlp({ endpoint: sink.url, ...options })],
    logLevel: "silent",
    environment: "staging",
    release: "1.4.2",
    ...tracerOptions,
  });
  return tracer;
}

interface Received {
  spans: Map<string, OfficialSpan>;
  resource: Record<string, unknown>;
}

async function received(protocol: OtlpProtocol): Promise<Received> {
  expect(await tracer.flush()).toMatchObject({ failed: 0, pending: 0 });
  expect(sink.requests).toHaveLength(1);
  const { body, headers, path } = sink.requests[0]!;
  expect(path).toBe("/v1/traces");
  expect(headers["content-type"]).toBe(protocol === "http/json" ? "application/json" : "application/x-protobuf");
  const request = protocol === "http/json" ? decodeJson(body) : decodeProtobuf(body);
  expect(request.resourceSpans).toHaveLength(1);
  const [{ resource, scopeSpans }] = request.resourceSpans as [(typeof request.resourceSpans)[0]];
  expect(scopeSpans.map(({ scope }) => scope.name)).toEqual(["@spanwise/core"]);
  return {
    spans: new Map(scopeSpans[0]!.spans.map((span) => [span.spanId, span])),
    resource: attributesOf(resource.attributes),
  };
}

const nanos = (epochMs: number): string => String(BigInt(Math.round(epochMs * 1000)) * 1000n);
const START = Date.UTC(2026, 0, 2, 3, 4, 5);

test("in JSON the beginning of time is a number without zeros in front of it", async () => {
  trace({ protocol: "http/json" });
  tracer.startObservation("old", {}, { startTime: 0 }).end();
  await tracer.flush();
  expect(new TextDecoder().decode(sink.requests[0]!.body)).toContain('"startTimeUnixNano":"0"');
});

describe.each<OtlpProtocol>(["http/protobuf", "http/json"])("%s, read by OpenTelemetry's own decoder", (protocol) => {
  test("every field of a generation", async () => {
    trace({ protocol });
    const root = tracer.startObservation(
      "answer",
      { input: "What is the weather?" },
      {
        type: "agent",
        startTime: START,
        trace: {
          traceName: "weather",
          userId: "u-1",
          sessionId: "s-1",
          tags: ["beta", "eu"],
          metadata: { plan: "pro" },
          public: true,
        },
      },
    );
    const generation = root.generation(
      "draft",
      {
        model: "gpt-4o-2024-08-06",
        provider: "azure",
        input: {
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: [{ type: "text", text: "Wetter in Köln? ☔" }] },
          ],
          tools: [
            { type: "function", function: { name: "weather", description: "now", parameters: { type: "object" } } },
          ],
          tool_choice: "auto",
        },
        modelParameters: { temperature: 1, max_completion_tokens: 256, stop: "END", seed: 7, n: 2, verbosity: "low" },
        metadata: { feature: "chat", response_id: "chatcmpl-1", finish_reason: "tool_calls", stream: true },
        prompt: { name: "weather", version: 3 },
        version: "v2",
      },
      { startTime: START + 10 },
    );
    generation.update({ completionStartTime: START + 260 });
    generation.end(
      {
        output: {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Köln"}' } }],
        },
        usageDetails: {
          input: 10,
          input_cached_tokens: 30,
          input_audio_tokens: 2,
          output: 5,
          output_reasoning_tokens: 7,
          total: 54,
        },
        costDetails: { input: 0.001, output: 0.002, total: 0.003 },
      },
      { endTime: START + 1500.25 },
    );
    root.end({ output: "Rain." }, { endTime: START + 2000 });
    const { spans, resource } = await received(protocol);

    const span = spans.get(generation.id)!;
    const { attributes, ...fields } = span;
    expect(fields).toEqual({
      traceId: root.traceId,
      spanId: generation.id,
      parentSpanId: root.id,
      name: "chat gpt-4o-2024-08-06",
      kind: 3,
      startTimeUnixNano: nanos(START + 10),
      endTimeUnixNano: nanos(START + 1500.25),
      flags: 0x101,
    });
    const {
      "gen_ai.input.messages": input,
      "gen_ai.output.messages": output,
      "gen_ai.tool.definitions": tools,
      ...rest
    } = attributesOf(attributes);
    expect(JSON.parse(input as string)).toEqual([
      { role: "system", parts: [{ type: "text", content: "Be brief." }] },
      { role: "user", parts: [{ type: "text", content: "Wetter in Köln? ☔" }] },
    ]);
    expect(JSON.parse(output as string)).toEqual([
      {
        role: "assistant",
        parts: [{ type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Köln" } }],
        finish_reason: "tool_calls",
      },
    ]);
    expect(JSON.parse(tools as string)).toEqual([
      { type: "function", name: "weather", description: "now", parameters: { type: "object" } },
    ]);
    expect(rest).toEqual({
      "gen_ai.operation.name": "chat",
      "observation.name": "draft",
      "gen_ai.provider.name": "azure.ai.openai",
      "gen_ai.response.model": "gpt-4o-2024-08-06",
      "gen_ai.response.id": "chatcmpl-1",
      "gen_ai.response.finish_reasons": ["tool_calls"],
      "gen_ai.response.time_to_first_chunk": 0.25,
      "gen_ai.request.temperature": 1,
      "gen_ai.request.max_tokens": 256n,
      "gen_ai.request.stop_sequences": ["END"],
      "gen_ai.request.seed": 7n,
      "gen_ai.request.choice.count": 2n,
      "gen_ai.request.stream": true,
      "llm.invocation_parameters": '{"verbosity":"low","tool_choice":"auto"}',
      "gen_ai.usage.input_tokens": 42n,
      "gen_ai.usage.output_tokens": 12n,
      "gen_ai.usage.cache_read.input_tokens": 30n,
      "gen_ai.usage.audio.input_tokens": 2n,
      "gen_ai.usage.reasoning.output_tokens": 7n,
      "gen_ai.usage.cost": 0.003,
      "observation.cost": '{"input":0.001,"output":0.002}',
      "gen_ai.prompt.name": "weather",
      "gen_ai.prompt.version": "3",
      metadata: '{"feature":"chat"}',
      "observation.version": "v2",
      "trace.name": "weather",
      "user.id": "u-1",
      "gen_ai.conversation.id": "s-1",
      "tag.tags": ["beta", "eu"],
      "trace.metadata": '{"plan":"pro"}',
      "trace.public": true,
    });
    expect(resource).toMatchObject({
      "service.version": "1.4.2",
      "deployment.environment.name": "staging",
      "telemetry.sdk.name": "spanwise",
    });
    expect(resource).not.toHaveProperty("trace.release");
    // Nothing that only one vendor's backend can read.
    for (const key of [...Object.keys(rest), ...Object.keys(resource)]) expect(key).not.toMatch(/langfuse|spanwise\./);

    const agent = attributesOf(spans.get(root.id)!.attributes);
    expect(spans.get(root.id)).toMatchObject({ name: "invoke_agent answer", kind: 1, flags: 1 });
    expect(agent).toMatchObject({ "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "answer" });
    expect(JSON.parse(agent["gen_ai.output.messages"] as string)).toEqual([
      { role: "assistant", parts: [{ type: "text", content: "Rain." }] },
    ]);
  });

  test("tools, retrievers, embeddings and what the conventions have no word for", async () => {
    trace({ protocol });
    const root = tracer.startObservation("request", { input: { a: [1, null] } });
    const tool = root.tool("search", { input: { q: "x" }, metadata: { tool_call_id: "call_9", k: 1 } });
    tool.end({ output: "three hits" });
    const retriever = root.retriever("docs", { input: "capital of France" });
    retriever.end({ output: [{ id: "d1", score: 0.5, content: "Paris" }] });
    const embedding = root.embedding("embed", { model: "m-3", input: ["a"], modelParameters: { dimensions: 8 } });
    embedding.end({ output: [[0.5]], usageDetails: { input: 3 } });
    const chain = root.chain("format");
    chain.end({ output: "42" });
    const event = root.event("clicked", { output: 42 });
    root.end();
    const { spans } = await received(protocol);
    const read = (id: string): unknown => {
      const { name, kind, attributes } = spans.get(id)!;
      return { name, kind, ...attributesOf(attributes) };
    };

    expect(read(tool.id)).toEqual({
      name: "execute_tool search",
      kind: 1,
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search",
      "gen_ai.tool.call.id": "call_9",
      "gen_ai.tool.call.arguments": '{"q":"x"}',
      "gen_ai.tool.call.result": "three hits",
      metadata: '{"k":1}',
    });
    expect(read(retriever.id)).toEqual({
      name: "retrieval docs",
      kind: 3,
      "gen_ai.operation.name": "retrieval",
      "gen_ai.retrieval.query.text": "capital of France",
      "gen_ai.retrieval.documents": '[{"id":"d1","score":0.5,"content":"Paris"}]',
    });
    expect(read(embedding.id)).toEqual({
      name: "embeddings m-3",
      kind: 3,
      "gen_ai.operation.name": "embeddings",
      "observation.name": "embed",
      "gen_ai.response.model": "m-3",
      "gen_ai.embeddings.dimension.count": 8n,
      "gen_ai.usage.input_tokens": 3n,
      "input.value": '["a"]',
      "input.mime_type": "application/json",
      "output.value": "[[0.5]]",
      "output.mime_type": "application/json",
    });
    expect(read(chain.id)).toEqual({
      name: "format",
      kind: 1,
      "openinference.span.kind": "CHAIN",
      "output.value": "42",
      "output.mime_type": "text/plain",
    });
    expect(read(event.id)).toEqual({
      name: "clicked",
      kind: 1,
      "observation.type": "event",
      "output.value": "42",
      "output.mime_type": "application/json",
    });
    expect(read(root.id)).toEqual({
      name: "request",
      kind: 1,
      "observation.type": "span",
      "input.value": '{"a":[1,null]}',
      "input.mime_type": "application/json",
    });
  });

  test("errors have the span's status and a type, other outcomes an attribute", async () => {
    trace({ protocol });
    const coded = tracer.startObservation("a", { model: "gpt-4o" }, { type: "generation" });
    const message = "RateLimitError: slow down";
    coded.end({ level: "ERROR", statusMessage: message, metadata: { error: { status: 429, code: "rate_limited" } } });
    const classed = tracer.startObservation("b", {}, { type: "tool" });
    classed.end({ level: "ERROR", statusMessage: "TypeError: x is not a function" });
    const unknown = tracer.startObservation("c");
    unknown.end({ level: "ERROR", statusMessage: "it broke" });
    const cancelled = tracer.startObservation("d");
    cancelled.end({ status: "cancelled", statusMessage: "the caller left" });
    const { spans } = await received(protocol);
    const read = ({ id }: { id: string }): [unknown, Record<string, unknown>] => {
      const { status, attributes } = spans.get(id)!;
      return [status, attributesOf(attributes)];
    };

    const [status, attributes] = read(coded);
    expect(status).toEqual({ code: 2, message });
    // No answer came: the model is the one that was asked for, and the message is not sent twice.
    expect(attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "observation.name": "a",
      "gen_ai.request.model": "gpt-4o",
      "error.type": "rate_limited",
      metadata: '{"error":{"status":429,"code":"rate_limited"}}',
    });
    expect(read(classed)[1]["error.type"]).toBe("TypeError");
    expect(read(unknown)).toMatchObject([{ code: 2, message: "it broke" }, { "error.type": "_OTHER" }]);
    expect(read(cancelled)).toEqual([
      undefined,
      {
        "observation.type": "span",
        "observation.level": "WARNING",
        "observation.status": "cancelled",
        "observation.status_message": "the caller left",
      },
    ]);
  });

  test("what differs from the Resource stands on the span", async () => {
    trace({ protocol }, { version: "app-7" });
    tracer.startObservation("a", {}, { trace: { environment: "canary", release: "1.5.0" } }).end();
    const { spans, resource } = await received(protocol);
    expect(resource).toMatchObject({ "service.version": "app-7", "trace.release": "1.4.2" });
    const [span] = spans.values();
    expect(attributesOf(span!.attributes)).toEqual({
      "observation.type": "span",
      "deployment.environment.name": "canary",
      "trace.release": "1.5.0",
    });
  });
});

test("scores and attachments are counted as what they are: unsupported", async () => {
  const losses: unknown[] = [];
  trace({}, { onDrop: (loss) => losses.push(loss) });
  const span = tracer.startObservation("a", {
    input: `data:image/png;base64,${Buffer.from("png").toString("base64")}`,
  });
  span.score({ name: "good", value: 1 });
  span.end();
  expect(await tracer.flush()).toMatchObject({ sent: 1, dropped: 1, pending: 0 });
  expect(tracer.stats()).toMatchObject({
    sent: 1,
    dropped: {},
    scores: { started: 1, sent: 0, dropped: { unsupported: 1 } },
  });
  expect(tracer.stats().destinations[0]!.dropped).toEqual({ unsupported: 2 });
  expect(losses).toContainEqual({ destination: "otlp", reason: "unsupported", count: 1 });
  expect(sink.scores()).toEqual([]);
});

test("partial success counts what the backend refused", async () => {
  sink.script([{ partialSuccess: { rejectedSpans: 2, errorMessage: "too old" } }]);
  trace({ protocol: "http/json" });
  for (let i = 0; i < 5; i++) tracer.startObservation("a").end();
  await tracer.flush();
  expect(tracer.stats()).toMatchObject({ sent: 3, dropped: { rejected: 2 }, queued: 0 });
  expect(tracer.stats().lastError).toContain("too old");
});

test.each<OtlpProtocol>(["http/protobuf", "http/json"])(
  "whatever callers pass: nothing is lost, and the official decoder reads every span: %s",
  async (protocol) => {
    const types = fc.constantFrom("generation", "agent", "tool", "retriever", "embedding", "chain", "event");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(hostileCall, types), { minLength: 1, maxLength: 8 }), async (calls) => {
        sink.reset();
        trace({ protocol }, { media: false });
        for (const [{ name, attributes, ...options }, type] of calls) {
          tracer.startObservation(name as string, attributes, { ...options, type } as never).end();
        }
        expect(await tracer.shutdown()).toMatchObject({ sent: calls.length, failed: 0, dropped: 0, pending: 0 });
        const decode = protocol === "http/json" ? decodeJson : decodeProtobuf;
        const spans = sink.requests.flatMap(({ body }) => decode(body).resourceSpans[0]!.scopeSpans[0]!.spans);
        expect(spans).toHaveLength(calls.length);
        for (const { traceId, spanId, attributes } of spans) {
          expect(traceId).toMatch(/^[0-9a-f]{32}$/);
          expect(spanId).toMatch(/^[0-9a-f]{16}$/);
          // Throws where a key stands twice.
          attributesOf(attributes);
        }
      }),
      { numRuns: 60 },
    );
  },
  20_000,
);

test("a name of the Resource of any length is encoded as it is", async () => {
  const long = "k".repeat(300);
  vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", `${long}=long,${"m".repeat(20_000)}=longer,plain=short`);
  trace().startObservation("span").end();
  const { spans, resource } = await received("http/protobuf");
  expect(spans.size).toBe(1);
  expect(resource).toMatchObject({ [long]: "long", ["m".repeat(20_000)]: "longer", plain: "short" });
});
