import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, SpanwiseConfigError, type Tracer } from "../src/index.ts";

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

  test.each(["false", "0", "off"])("SPANWISE_ENABLED=%s switches it off", (value) => {
    vi.stubEnv("SPANWISE_BASE_URL", sink.url);
    vi.stubEnv("SPANWISE_ENABLED", value);
    expect(createTracer().enabled).toBe(false);
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

describe("units and bounds", () => {
  test("LANGFUSE_FLUSH_INTERVAL is in seconds, SPANWISE_FLUSH_INTERVAL in milliseconds", async () => {
    vi.stubEnv("SPANWISE_BASE_URL", sink.url);
    vi.stubEnv("LANGFUSE_FLUSH_INTERVAL", "3600");
    tracer = createTracer();
    tracer.startObservation("span").end();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sink.requests).toEqual([]);
    vi.stubEnv("SPANWISE_FLUSH_INTERVAL", "10");
    const quick = createTracer();
    quick.startObservation("span").end();
    await sink.waitFor(() => sink.spans().length === 1);
    await quick.shutdown();
  });

  test("flushAt: 1 sends every observation at once", async () => {
    tracer = createTracer({ baseUrl: sink.url, flushAt: 1, flushInterval: 60_000 });
    tracer.startObservation("span").end();
    await sink.waitFor(() => sink.spans().length === 1);
  });

  test.each([
    [{ flushAt: 0 }],
    [{ flushInterval: -1 }],
    [{ sampleRate: 2 }],
    [{ sampleRate: Number.NaN }],
    [{ maxQueueBytes: 0 }],
    [{ logLevel: "loud" as never }],
    [{ baseUrl: "not a url" }],
    [{ baseUrl: "http://localhost:1", publicKey: "pk" }],
    [{ publicKey: "pk", secretKey: "sk" }],
  ])("%o throws at construction and says what to do", (options) => {
    expect(() => createTracer(options)).toThrow(SpanwiseConfigError);
  });

  test.each([
    ["SPANWISE_ENABLED", "maybe"],
    ["SPANWISE_FLUSH_AT", "many"],
    ["SPANWISE_EXPORTERS", "datadog"],
    ["SPANWISE_LOG_LEVEL", "loud"],
  ])("%s=%s throws", (name, value) => {
    vi.stubEnv(name, value);
    expect(() => createTracer()).toThrow(SpanwiseConfigError);
  });

  test("release is told from the host's commit variable", async () => {
    vi.stubEnv("VERCEL_GIT_COMMIT_SHA", "abc123");
    vi.stubEnv("SPANWISE_ENVIRONMENT", "staging");
    tracer = createTracer({ baseUrl: sink.url });
    tracer.startObservation("span").end();
    await tracer.flush();
    expect(sink.spans()[0]!.resource).toMatchObject({
      "langfuse.release": "abc123",
      "deployment.environment.name": "staging",
    });
  });
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
