import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, SpanwiseConfigError } from "../../src/index.ts";
import { platform } from "../../src/platform/node.ts";
import { slot } from "../../src/slot.ts";

let sink: Sink;

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (/^(SPANWISE|LANGFUSE|OTEL)_/.test(name)) vi.stubEnv(name, undefined);
  sink = await createSink();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  slot.exporters = undefined;
  vi.resetModules();
  await sink.close();
});

describe("SPANWISE_EXPORTERS", () => {
  test.each([
    ["otlp", "@spanwise/core/otlp"],
    ["console", "@spanwise/core/console"],
    ["memory", "@spanwise/core/testing"],
  ])("%s without its module is a mistake that names it", (name, module) => {
    slot.exporters = undefined;
    // As in a bundle, where the package is not there to be loaded from.
    const load = vi.spyOn(platform, "load").mockReturnValue();
    vi.stubEnv("SPANWISE_EXPORTERS", name);
    expect(() => createTracer()).toThrow(SpanwiseConfigError);
    expect(() => createTracer()).toThrow(`Import "${module}" before init()`);
    expect(load).toHaveBeenCalledWith(module);
    load.mockRestore();
  });

  test("an unknown name is a mistake that lists the known ones", () => {
    vi.stubEnv("SPANWISE_EXPORTERS", "otlp2");
    expect(() => createTracer()).toThrow('unknown exporter "otlp2". Known: spanwise, langfuse, otlp, console, memory');
  });

  test("all five, once each, however often they stand there and are written", async () => {
    await Promise.all([
      import("../../src/otlp.ts"),
      import("../../src/console.ts"),
      import("../../src/testing/index.ts"),
    ]);
    vi.stubEnv("SPANWISE_EXPORTERS", " spanwise, langfuse,OTLP,,console , memory, otlp");
    vi.stubEnv("SPANWISE_BASE_URL", sink.url);
    vi.stubEnv("LANGFUSE_PUBLIC_KEY", "pk");
    vi.stubEnv("LANGFUSE_SECRET_KEY", "sk");
    vi.stubEnv("LANGFUSE_BASE_URL", `${sink.url}/lf`);
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `${sink.url}/otel`);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const tracer = createTracer({ logLevel: "silent" });
    tracer.startObservation("span").end();
    await tracer.flush();
    expect(tracer.stats().destinations.map(({ name, sent }) => [name, sent])).toEqual([
      ["spanwise", 1],
      ["langfuse", 1],
      ["otlp", 1],
      ["console", 1],
      ["memory", 1],
    ]);
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
    expect(sink.requests.map(({ path }) => path).sort()).toEqual([
      "/lf/api/public/otel/v1/traces",
      "/otel/v1/traces",
      "/v1/traces",
    ]);
    await tracer.shutdown();
  });

  test("OTEL_ variables alone switch nothing on", () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url);
    expect(createTracer({ logLevel: "silent" }).enabled).toBe(false);
  });
});
