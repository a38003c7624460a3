import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, langfuse, SpanwiseConfigError, type Tracer } from "../../src/index.ts";

const keys = { publicKey: "pk-lf-1", secretKey: "sk-lf-1" };
let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  sink = await createSink({ auth: keys });
  tracer = createTracer({ exporters: [langfuse({ baseUrl: sink.url, ...keys })], logLevel: "silent" });
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

test("goes to Langfuse's OTLP path with its version header and Basic authorization", async () => {
  tracer.startObservation("span").end();
  await tracer.flush();
  expect(sink.requests[0]).toMatchObject({
    path: "/api/public/otel/v1/traces",
    headers: {
      "x-langfuse-ingestion-version": "4",
      "content-type": "application/x-protobuf",
      authorization: `Basic ${Buffer.from("pk-lf-1:sk-lf-1").toString("base64")}`,
    },
  });
});

test("text goes as it is, everything else as JSON, and nothing of ours is added", async () => {
  tracer.startObservation("generation", { input: 'say "hi"', metadata: { a: 1 } }, { type: "generation" }).end({
    output: { role: "assistant" },
    model: "gpt-4o",
    usageDetails: { input: 3, input_cached_tokens: 2, output: 5 },
  });
  await tracer.flush();
  const [span] = sink.spans();
  expect(span!.attributes).toEqual({
    "langfuse.observation.type": "generation",
    "langfuse.observation.input": 'say "hi"',
    "langfuse.observation.output": '{"role":"assistant"}',
    "langfuse.observation.metadata": '{"a":1}',
    "gen_ai.response.model": "gpt-4o",
    "langfuse.observation.usage_details": '{"input":3,"input_cached_tokens":2,"output":5}',
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.output_tokens": 5,
  });
});

test("scores are score-create events, and one that is refused does not take the others with it", async () => {
  const span = tracer.startObservation("span");
  span.score({ name: "good", value: 1, comment: "yes" });
  tracer.score({ name: "session", value: "calm", sessionId: "s1" });
  span.end();
  await tracer.flush();
  expect(sink.scores()).toMatchObject([
    { name: "good", value: 1, dataType: "NUMERIC", comment: "yes", traceId: span.traceId, observationId: span.id },
    { name: "session", value: "calm", dataType: "CATEGORICAL", sessionId: "s1" },
  ]);
});

test("207: a refused score is counted, the others are not sent again", async () => {
  tracer.score({ name: "one", value: 1, traceId: "t", id: "first" });
  tracer.score({ name: "two", value: 2, traceId: "t", id: "second" });
  const isScores = ({ path }: { path: string }): boolean => path === "/api/public/ingestion";
  sink.script([{ match: isScores, status: 503, headers: { "retry-after": "60" } }]);
  // The next attempt would come after its deadline: it returns when the first has failed.
  await tracer.flush({ timeoutMs: 5000 });
  const { batch: events } = sink.requests.find(isScores)!.json as { batch: { id: string }[] };
  const errors = [{ id: events[1]!.id, status: 400, message: "no" }];
  sink.script([{ match: isScores, status: 207, body: JSON.stringify({ successes: [], errors }) }]);
  expect(await tracer.flush()).toMatchObject({ sent: 1, failed: 1, pending: 0 });
  expect(tracer.stats().scores).toMatchObject({ sent: 1, dropped: { rejected: 1 } });
});

describe("configuration mistakes throw at construction", () => {
  test.each([
    ["no keys", {}],
    ["one key", { publicKey: "pk" }],
    ["no URL", { ...keys, baseUrl: "localhost:3000" }],
    ["another protocol", { ...keys, baseUrl: "ftp://localhost" }],
    ["keys in the URL", { ...keys, baseUrl: "http://a:b@localhost" }],
  ])("%s", (_, options) => {
    expect(() => langfuse(options)).toThrow(SpanwiseConfigError);
  });
});
