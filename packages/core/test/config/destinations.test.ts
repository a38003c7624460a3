import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, SpanwiseConfigError, type Tracer } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer | undefined;

beforeEach(async () => {
  sink = await createSink();
  for (const name of Object.keys(process.env)) {
    if (/^(SPANWISE|LANGFUSE|OTEL)_/.test(name)) vi.stubEnv(name, undefined);
  }
});

afterEach(async () => {
  await tracer?.shutdown({ timeoutMs: 50 });
  tracer = undefined;
  vi.unstubAllEnvs();
  await sink.close();
});

async function pathOfOneSpan(): Promise<string | undefined> {
  tracer = createTracer({ logLevel: "silent" });
  tracer.startObservation("span").end();
  await tracer.flush();
  return sink.requests[0]?.path;
}

describe("where traces go", () => {
  test("nowhere, when nobody said where", async () => {
    tracer = createTracer({ logLevel: "silent" });
    expect(tracer.enabled).toBe(false);
  });

  test("SPANWISE_BASE_URL", async () => {
    vi.stubEnv("SPANWISE_BASE_URL", sink.url);
    expect(await pathOfOneSpan()).toBe("/v1/traces");
  });

  test("Langfuse's keys", async () => {
    vi.stubEnv("LANGFUSE_PUBLIC_KEY", "pk");
    vi.stubEnv("LANGFUSE_SECRET_KEY", "sk");
    vi.stubEnv("LANGFUSE_HOST", sink.url);
    expect(await pathOfOneSpan()).toBe("/api/public/otel/v1/traces");
  });

  test("SPANWISE_BASE_URL wins over Langfuse's keys, and keys never cross the families", async () => {
    vi.stubEnv("SPANWISE_BASE_URL", sink.url);
    vi.stubEnv("LANGFUSE_PUBLIC_KEY", "pk");
    vi.stubEnv("LANGFUSE_SECRET_KEY", "sk");
    expect(await pathOfOneSpan()).toBe("/v1/traces");
    expect(sink.requests[0]!.headers.authorization).toBeUndefined();
  });

  test("SPANWISE_EXPORTERS wins over both", async () => {
    vi.stubEnv("SPANWISE_EXPORTERS", "langfuse");
    vi.stubEnv("SPANWISE_BASE_URL", "http://localhost:1");
    vi.stubEnv("LANGFUSE_PUBLIC_KEY", "pk");
    vi.stubEnv("LANGFUSE_SECRET_KEY", "sk");
    vi.stubEnv("LANGFUSE_BASE_URL", sink.url);
    expect(await pathOfOneSpan()).toBe("/api/public/otel/v1/traces");
  });

  test("options win over the environment, and the environment's keys do not go to the option's URL", async () => {
    vi.stubEnv("SPANWISE_BASE_URL", "http://localhost:1");
    vi.stubEnv("SPANWISE_PUBLIC_KEY", "pk");
    vi.stubEnv("SPANWISE_SECRET_KEY", "sk");
    tracer = createTracer({ baseUrl: sink.url, logLevel: "silent" });
    tracer.startObservation("span").end();
    await tracer.flush();
    expect(sink.requests[0]!.headers.authorization).toBeUndefined();
  });

  test("the user's fetch is used where given", async () => {
    const seen: string[] = [];
    const ownFetch: typeof fetch = (input, init) => {
      seen.push(input instanceof Request ? input.url : input.toString());
      return fetch(input, init);
    };
    tracer = createTracer({ baseUrl: sink.url, fetch: ownFetch });
    tracer.startObservation("span").end();
    expect(await tracer.flush()).toMatchObject({ sent: 1 });
    expect(seen).toEqual([`${sink.url}/v1/traces`]);
  });
});

test.each([
  [{ baseUrl: "not a url" }, /baseUrl/],
  [{ baseUrl: "ftp://host" }, /http/],
  [{ baseUrl: "http://user:pass@host" }, /publicKey and secretKey/],
  [{ baseUrl: "http://localhost:1", publicKey: "pk" }, /one of them is missing/],
  [{ publicKey: "pk", secretKey: "sk" }, /need a baseUrl/],
])("%o throws at construction and says what to do", (options, advice) => {
  expect(() => createTracer(options)).toThrow(SpanwiseConfigError);
  expect(() => createTracer(options)).toThrow(advice);
});

test.each([
  ["SPANWISE_EXPORTERS", "datadog"],
  ["SPANWISE_BASE_URL", "localhost:4777"],
])("%s=%s throws: there is no other destination to take", (name, value) => {
  vi.stubEnv(name, value);
  expect(() => createTracer()).toThrow(SpanwiseConfigError);
});

test("half of Langfuse's keys is no destination", () => {
  vi.stubEnv("LANGFUSE_PUBLIC_KEY", "pk");
  expect(createTracer({ logLevel: "silent" }).enabled).toBe(false);
});

test("keys without a URL choose nothing, and OpenTelemetry's endpoint switches nothing on", () => {
  vi.stubEnv("SPANWISE_PUBLIC_KEY", "pk");
  vi.stubEnv("SPANWISE_SECRET_KEY", "sk");
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
  expect(createTracer({ logLevel: "silent" }).enabled).toBe(false);
});

test("SPANWISE keys go with SPANWISE_BASE_URL", async () => {
  vi.stubEnv("SPANWISE_BASE_URL", sink.url);
  vi.stubEnv("SPANWISE_PUBLIC_KEY", "pk");
  vi.stubEnv("SPANWISE_SECRET_KEY", "sk");
  await pathOfOneSpan();
  expect(sink.requests[0]!.headers.authorization).toBe(`Basic ${btoa("pk:sk")}`);
});

test("what runs longer than a moment is announced, without payload, and then sent whole", async () => {
  tracer = createTracer({ baseUrl: sink.url });
  const quick = tracer.startObservation("quick");
  quick.end();
  const slow = tracer.startObservation("slow", { input: "secret payload", model: "gpt-4o" }, { type: "generation" });
  await sink.waitFor(() => sink.spans().some(({ attributes }) => attributes["spanwise.record"] === "start"));
  const starts = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === "start");
  expect(starts).toHaveLength(1);
  expect(starts[0]).toMatchObject({ name: "slow", spanId: slow.id, endTimeUnixNano: 0n });
  expect(JSON.stringify(starts[0]!.attributes)).not.toContain("secret payload");
  slow.end({ output: "done" });
  await tracer.flush();
  expect(sink.spans().at(-1)!.attributes).toMatchObject({ "spanwise.observation.status": "ok" });
  expect(tracer.stats()).toMatchObject({ started: 2, sent: 2 });
});
