import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, SpanwiseConfigError, type Tracer } from "../../src/index.ts";
import { otlp, type OtlpExporterOptions } from "../../src/otlp.ts";

let sink: Sink;
let tracer: Tracer | undefined;

beforeEach(async () => {
  for (const name of Object.keys(process.env)) {
    if (/^(OTEL|SPANWISE|LANGFUSE)_|^npm_package_name$/.test(name)) vi.stubEnv(name, undefined);
  }
  sink = await createSink();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await tracer?.shutdown({ timeoutMs: 50 });
  tracer = undefined;
  await sink.close();
});

/** What arrives of one span. */
async function request(options: OtlpExporterOptions = {}): Promise<Sink["requests"][0]> {
  tracer = createTracer({ exporters: [otlp(options)], logLevel: "silent" });
  // Long enough to be worth compressing.
  tracer.startObservation("span", { input: "a".repeat(4096) }).end();
  expect(await tracer.flush()).toMatchObject({ sent: 1 });
  return sink.requests[0]!;
}

describe("where to", () => {
  test("the base endpoint gets the path of the traces signal", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    expect((await request()).path).toBe("/v1/traces");
  });

  test.each(["/otel", "/otel/"])("under the base's own path %s", async (path) => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url + path);
    expect((await request()).path).toBe("/otel/v1/traces");
  });

  test("the endpoint of the traces signal is taken as it is and wins", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", `${sink.url}/custom/v1/traces?team=a`);
    const { path, query } = await request();
    expect(path).toBe("/custom/v1/traces");
    expect(query.get("team")).toBe("a");
  });

  test("the collector on this machine, when nobody says", () => {
    expect(otlp().host).toBe("localhost:4318");
  });

  test("options win: endpoint is a base, url is whole", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1");
    expect((await request({ endpoint: `${sink.url}/base` })).path).toBe("/base/v1/traces");
    sink.reset();
    expect((await request({ url: `${sink.url}/whole/v1/traces` })).path).toBe("/whole/v1/traces");
  });
});

describe("headers", () => {
  test("pairs with percent-encoded values", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20YTpi=, x-team = a%2Cb ,");
    expect((await request()).headers).toMatchObject({ authorization: "Basic YTpi=", "x-team": "a,b" });
  });

  test("those of the traces signal replace the general ones", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-general=1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-traces=1");
    const { headers } = await request();
    expect(headers["x-traces"]).toBe("1");
    expect(headers["x-general"]).toBeUndefined();
  });

  test("options win by name, whatever its case", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=environment,x-other=1");
    expect((await request({ headers: { "Api-Key": "option" } })).headers).toMatchObject({
      "api-key": "option",
      "x-other": "1",
    });
  });

  test("a key of the environment does not go to a URL of the options", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret");
    expect((await request({ endpoint: sink.url })).headers["api-key"]).toBeUndefined();
  });

  test("a mistake is named without the key", () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=top%ZZsecret");
    expect(() => otlp()).toThrow(/OTEL_EXPORTER_OTLP_HEADERS must be like/);
    expect(() => otlp()).not.toThrow(/secret/);
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret%0d%0ax-injected:1");
    expect(() => otlp()).toThrow(/the value of "api-key" cannot be a header's/);
    expect(() => otlp()).not.toThrow(/secret/);
  });
});

describe("protocol, compression, time-out", () => {
  test("JSON by the general variable, protobuf by the one for traces", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    expect((await request()).headers["content-type"]).toBe("application/json");
    sink.reset();
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    expect((await request()).headers["content-type"]).toBe("application/x-protobuf");
  });

  test("gRPC is refused with what to use instead", () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    expect(() => otlp()).toThrow(SpanwiseConfigError);
    expect(() => otlp()).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL: gRPC is not supported. Use "http\/protobuf".*4318/);
  });

  test.each([
    ["gzip", "gzip"],
    ["none", undefined],
  ])("compression %s", async (compression, encoding) => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
    const { headers, otlp: decoded } = await request();
    expect(headers["content-encoding"]).toBe(encoding);
    expect(decoded!.spans).toHaveLength(1);
  });

  test("the time-out is milliseconds", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", "1");
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60");
    sink.script([{ hang: "reply", times: Infinity }]);
    tracer = createTracer({ exporters: [otlp()], logLevel: "silent" });
    tracer.startObservation("span").end();
    await tracer.flush({ timeoutMs: 150 });
    expect(tracer.stats().lastError).toContain("no answer within 60 ms");
  });

  test("0 is no limit, and not a time-out at once", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", "0");
    sink.script([{ delayMs: 50 }]);
    expect((await request({ endpoint: sink.url })).status).toBe(200);
    expect(tracer!.stats().retried).toBe(0);
  });
});

describe("the Resource", () => {
  const resourceOf = async (): Promise<Record<string, unknown>> =>
    (await request({ endpoint: sink.url })).otlp!.resources[0]!;

  test("OTEL_RESOURCE_ATTRIBUTES, with the service's name from its own variable", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "service.name=no,team=a%20b,deployment.environment.name=prod");
    vi.stubEnv("OTEL_SERVICE_NAME", "shop");
    expect(await resourceOf()).toMatchObject({
      "service.name": "shop",
      team: "a b",
      "deployment.environment.name": "prod",
    });
  });

  test("a service named by the attributes", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop");
    expect(await resourceOf()).toMatchObject({ "service.name": "shop" });
  });

  test("a list that cannot be read is left out whole", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "team=a,broken");
    const resource = await resourceOf();
    expect(resource).not.toHaveProperty("team");
    expect(resource).toMatchObject({ "service.name": "unknown_service" });
    expect(resource).not.toHaveProperty("deployment.environment.name");
  });
});

describe("mistakes throw at construction", () => {
  test.each<[string, OtlpExporterOptions]>([
    ["two addresses", { url: "http://a.test", endpoint: "http://a.test" }],
    ["no URL", { endpoint: "localhost:4318" }],
    ["credentials in the URL", { url: "http://a:b@localhost/v1/traces" }],
    ["an unknown protocol", { protocol: "http/xml" as never }],
    ["gRPC", { protocol: "grpc" as never }],
    ["an unknown compression", { compression: "zstd" as never }],
    ["a time-out that is none", { timeoutMs: -1 }],
    ["a header's name", { headers: { "a b": "1" } }],
    ["a header with a line break", { headers: { a: "1\r\nb: 2" } }],
  ])("%s", (_, options) => {
    expect(() => otlp(options)).toThrow(SpanwiseConfigError);
  });

  test.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "thrift"],
    ["OTEL_EXPORTER_OTLP_COMPRESSION", "br"],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s"],
  ])("%s=%s, by its name", (name, value) => {
    vi.stubEnv(name, value);
    expect(() => otlp()).toThrow(new RegExp(`^${name}`));
  });
});
