import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// The wire is the only contract between the two packages; here both ends of it are the real ones.
import {
  createServer,
  type ObservationDetail,
  type SpanwiseServer,
  type TraceDetail,
} from "../../../server/src/index.ts";
import { createTracer, type Tracer } from "../../src/index.ts";
import { otlp, type OtlpProtocol } from "../../src/otlp.ts";

let server: SpanwiseServer;
let tracer: Tracer;

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) vi.stubEnv(name, undefined);
  server = await createServer({ port: 0, db: ":memory:" });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await tracer.shutdown({ timeoutMs: 100 });
  await server.close();
});

async function read({ traceId, id }: { traceId: string; id: string }): Promise<ObservationDetail> {
  const answer = await fetch(`${server.url}/api/traces/${traceId}/observations/${id}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as ObservationDetail;
}

describe.each<OtlpProtocol>(["http/protobuf", "http/json"])("%s, stored by a Spanwise server", (protocol) => {
  test("a trace reads as it was recorded, without one attribute of ours", async () => {
    tracer = createTracer({
      exporters: [otlp({ endpoint: server.url, protocol })],
      environment: "staging",
      logLevel: "silent",
    });
    const root = tracer.startObservation(
      "assistant",
      { input: "Weather?" },
      { type: "agent", trace: { userId: "u-1", sessionId: "s-1", tags: ["beta"] } },
    );
    const generation = root.generation("draft", {
      model: "gpt-4o",
      provider: "openai",
      input: [{ role: "user", content: "Weather?" }],
      modelParameters: { temperature: 0.5, max_tokens: 10 },
    });
    generation.end({
      output: { role: "assistant", content: "Rain." },
      usageDetails: { input: 10, input_cached_tokens: 30, output: 5, output_reasoning_tokens: 7, total: 52 },
      costDetails: { total: 0.25 },
    });
    const tool = root.tool("get_weather", { input: { city: "Köln" } });
    tool.end({ output: { sky: "grey" } });
    const failed = root.tool("get_tides");
    failed.end({ level: "ERROR", statusMessage: "no sea" });
    root.end({ output: "Rain." });
    expect(await tracer.flush()).toMatchObject({ sent: 4, failed: 0, dropped: 0, pending: 0 });

    expect(await read(generation)).toMatchObject({
      type: "generation",
      name: "chat gpt-4o",
      parentId: root.id,
      model: "gpt-4o",
      provider: "openai",
      usage: { input: 10, input_cached_tokens: 30, output: 5, output_reasoning_tokens: 7, total: 52 },
      cost: { total: 0.25 },
      level: "DEFAULT",
      input: [{ role: "user", parts: [{ type: "text", content: "Weather?" }] }],
      output: [{ role: "assistant", parts: [{ type: "text", content: "Rain." }] }],
      modelParameters: { temperature: 0.5, max_tokens: 10 },
    });
    expect(await read(tool)).toMatchObject({
      type: "tool",
      name: "get_weather",
      input: { city: "Köln" },
      output: { sky: "grey" },
    });
    expect(await read(failed)).toMatchObject({ type: "tool", level: "ERROR", statusMessage: "no sea" });
    expect(await read(root)).toMatchObject({ type: "agent", parentId: null });
    const answer = await fetch(`${server.url}/api/traces/${root.traceId}`);
    expect(((await answer.json()) as TraceDetail).trace).toMatchObject({
      userId: "u-1",
      sessionId: "s-1",
      tags: ["beta"],
      environment: "staging",
      observationCount: 4,
      errorCount: 1,
      models: ["gpt-4o"],
      inputPreview: "Weather?",
      outputPreview: "Rain.",
    });
  });
});
