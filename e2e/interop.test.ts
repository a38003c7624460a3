import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSink, type OtlpSpan, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConsumer, linkPackages, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

let consumer: Consumer;
let sink: Sink;

beforeAll(() => {
  consumer = createConsumer(["core"]);
  addOtherVersion(consumer.folder);
  linkPackages(consumer, ["@opentelemetry/api", "@opentelemetry/sdk-trace-node"]);
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
});
afterEach(() => sink.close());

/** The package once more, as a dependency of a dependency would bring it: under another name and version. */
function addOtherVersion(folder: string): void {
  const other = join(folder, "node_modules/other/node_modules/@spanwise/core");
  cpSync(join(folder, "node_modules/@spanwise/core"), other, { recursive: true });
  const built = readdirSync(join(other, "dist"), { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const files = [join(other, "package.json"), ...built.map(({ parentPath, name }) => join(parentPath, name))];
  let changed = 0;
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const renamed = text.replaceAll('"0.0.0"', '"9.9.9"');
    if (renamed !== text) changed++;
    writeFileSync(file, renamed);
  }
  // The manifest, and the constant in both builds.
  expect(changed).toBeGreaterThanOrEqual(3);
  const exports = ['export * from "@spanwise/core";', 'export * as adapter from "@spanwise/core/adapter";'];
  writeFileSync(join(folder, "node_modules/other/index.mjs"), exports.join("\n"));
  const manifest = { name: "other", version: "1.0.0", type: "module", exports: "./index.mjs" };
  writeFileSync(join(folder, "node_modules/other/package.json"), JSON.stringify(manifest));
}

async function run(body: string): Promise<{ output: string; spans: Record<string, OtlpSpan> }> {
  const file = consumer.write("interop.mjs", body);
  const { code, output } = await start([file], { env: { SPANWISE_BASE_URL: sink.url } }).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  return { output, spans: Object.fromEntries(sink.spans().map((span) => [span.name, span])) };
}

describe("two versions, and both builds of one, in one process", () => {
  const imports = `
import { createRequire } from "node:module";
import * as ours from "@spanwise/core";
import * as oursAdapter from "@spanwise/core/adapter";
import * as other from "other";
const require = createRequire(import.meta.url);
const cjs = require("@spanwise/core");
const cjsAdapter = require("@spanwise/core/adapter");
`;

  test("share the default tracer, the context across an await, and trace attributes", async () => {
    const { output, spans } = await run(`${imports}
other.init();
await ours.propagateAttributes({ userId: "u1" }, () =>
  other.startActiveObservation("outer", async () => {
    await null;
    await cjs.observe(async () => {
      await null;
      ours.startObservation("inner").end();
    }, { name: "middle" })();
  }));
const tracers = new Set([ours.getTracer(), cjs.getTracer(), other.getTracer()]);
console.log("tracers", tracers.size, "copies", new Set([ours.init, cjs.init, other.init]).size);
console.log(JSON.stringify(await cjs.flush()));
`);
    expect(output).toContain("tracers 1 copies 3");
    expect(spans.middle!.parentSpanId).toBe(spans.outer!.spanId);
    expect(spans.inner!.parentSpanId).toBe(spans.middle!.spanId);
    expect(spans.outer!.scope.version).toBe("9.9.9");
    for (const span of Object.values(spans)) expect(span.attributes["user.id"]).toBe("u1");
    expect(sink.spans()).toHaveLength(3);
  });

  test("take each other's handles for parents", async () => {
    const { spans } = await run(`${imports}
ours.init();
const own = other.createTracer({ exporters: [other.spanwise({ baseUrl: process.env.SPANWISE_BASE_URL })] });
const outer = ours.startObservation("outer");
cjs.startObservation("of the same tracer", {}, { parent: outer }).end();
own.startObservation("of another tracer", {}, { parent: outer }).end();
outer.end();
await Promise.all([ours.flush(), own.flush()]);
`);
    const { outer } = spans;
    expect(spans["of the same tracer"]).toMatchObject({ traceId: outer!.traceId, parentSpanId: outer!.spanId });
    expect(spans["of another tracer"]).toMatchObject({ traceId: outer!.traceId, parentSpanId: outer!.spanId });
    expect(spans["of another tracer"]!.attributes["langfuse.internal.is_app_root"]).toBe(true);
    expect(spans["of the same tracer"]!.attributes["langfuse.internal.is_app_root"]).toBeUndefined();
  });

  test("see each other's claims", async () => {
    const { output, spans } = await run(`${imports}
ours.init();
const generation = ours.startObservation("draft", {}, { type: "generation" });
await oursAdapter.runWithClaim(ours.getTracer(), generation, async () => {
  await null;
  const seen = [cjsAdapter, other.adapter].map((adapter) => adapter.claimedObservation(other.getTracer())?.id);
  console.log("claimed", seen.every((id) => id === generation.id));
  other.adapter.claimedObservation(other.getTracer()).update({ model: "gpt-4o" });
  const own = other.createTracer({ exporters: [] });
  console.log("by another tracer", other.adapter.claimedObservation(own));
});
generation.end();
await ours.flush();
`);
    expect(output).toContain("claimed true");
    expect(output).toContain("by another tracer undefined");
    expect(spans.draft!.attributes["gen_ai.response.model"]).toBe("gpt-4o");
  });

  test("a second init from another version takes over and sends what the first had", async () => {
    const { output, spans } = await run(`${imports}
ours.init();
ours.startObservation("before").end();
other.init();
ours.startObservation("after").end();
console.log("taken", ours.getTracer() === other.getTracer());
await cjs.flush();
`);
    expect(output).toContain("taken true");
    expect(output).toContain("another copy of @spanwise/core");
    expect(spans.before!.scope.version).not.toBe("9.9.9");
    expect(spans.after!.scope.version).toBe("9.9.9");
  });

  test.each([
    ["nothing of ours", "{}"],
    ["a context of another shape", '{ context: { getStore: 1 }, tracer: "no" }'],
    ["half a tracer", "{ context: { getStore() {}, run: (store, fn) => fn() }, tracer: { startObservation() {} } }"],
  ])("what lies under our symbol is checked: %s", async (_name, value) => {
    consumer.write("plant.mjs", `globalThis[Symbol.for("spanwise.v1")] = ${value};`);
    const { spans } = await run(`import "./plant.mjs";
import { init, startObservation, flush } from "@spanwise/core";
init();
startObservation("work").end();
await flush();
`);
    expect(Object.keys(spans)).toEqual(["work"]);
  });
});

describe("with the OpenTelemetry SDK", () => {
  const imports = `
import { context, propagation, trace, TraceFlags } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { continueTrace, flush, init, observe, startActiveObservation, startObservation } from "@spanwise/core";
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
const otel = trace.getTracer("app");
init();
const ids = (span) => ({ traceId: span.spanContext().traceId, spanId: span.spanContext().spanId });
const say = (value) => console.log("ANSWER " + JSON.stringify(value));
`;
  const answerOf = (output: string) =>
    JSON.parse(/ANSWER (.*)/.exec(output)![1]!) as Record<"traceId" | "spanId", string>;

  test("its active span is the parent of an application's root, across an await", async () => {
    const { output, spans } = await run(`${imports}
await otel.startActiveSpan("POST /chat", async (span) => {
  await null;
  await observe(async () => { await null; startObservation("inner").end(); }, { name: "answer" })();
  say(ids(span));
  span.end();
});
startObservation("outside").end();
await flush();
`);
    const { traceId, spanId } = answerOf(output);
    expect(spans.answer).toMatchObject({ traceId, parentSpanId: spanId });
    expect(spans.answer!.attributes["langfuse.internal.is_app_root"]).toBe(true);
    expect(spans.inner).toMatchObject({ traceId, parentSpanId: spans.answer!.spanId });
    expect(spans.inner!.attributes["langfuse.internal.is_app_root"]).toBeUndefined();
    expect(spans.outside!.traceId).not.toBe(traceId);
    expect(spans.outside!.parentSpanId).toBeUndefined();
  });

  test("a span inside an observation of ours is not its children's parent", async () => {
    const { spans } = await run(`${imports}
await startActiveObservation("answer", async () => {
  await otel.startActiveSpan("GET /docs", async (span) => {
    startObservation("inner").end();
    span.end();
  });
});
await flush();
`);
    expect(spans.inner!.parentSpanId).toBe(spans.answer!.spanId);
  });

  test("a span that is not sampled is respected", async () => {
    const { output, spans } = await run(`${imports}
const unsampled = trace.wrapSpanContext({
  traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: TraceFlags.NONE,
});
context.with(trace.setSpan(context.active(), unsampled), () => {
  const work = startObservation("work");
  say({ traceparent: work.traceparent });
  work.end();
});
startObservation("outside").end();
await flush();
`);
    expect(output).toMatch(/00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00/);
    expect(Object.keys(spans)).toEqual(["outside"]);
  });

  test("goes on from our traceparent, and we from the header that it injects", async () => {
    const { output, spans } = await run(`${imports}
const root = startObservation("root");
const remote = propagation.extract(context.active(), { traceparent: root.traceparent });
context.with(remote, () => {
  const span = otel.startSpan("their child");
  const headers = {};
  propagation.inject(trace.setSpan(context.active(), span), headers);
  continueTrace(headers, () => startObservation("back here").end());
  span.end();
  say({ ...ids(span), parent: span.parentSpanContext?.spanId });
});
root.end();
await flush();
`);
    const theirs = answerOf(output) as Record<string, string>;
    expect(theirs).toMatchObject({ traceId: spans.root!.traceId, parent: spans.root!.spanId });
    expect(spans["back here"]).toMatchObject({ traceId: spans.root!.traceId, parentSpanId: theirs["spanId"] });
  });

  test("does not trace our own requests", async () => {
    const { output, spans } = await run(`${imports}
const traced = (url, options) => otel.startActiveSpan("export", async (span) => {
  try { return await fetch(url, options); } finally { span.end(); }
});
init({ baseUrl: process.env.SPANWISE_BASE_URL, fetch: traced, logLevel: "silent" });
await otel.startActiveSpan("POST /chat", async (span) => {
  startObservation("work").end();
  await flush();
  otel.startSpan("after").end();
  span.end();
});
say(exporter.getFinishedSpans().map((span) => span.name));
`);
    expect(spans.work).toBeDefined();
    expect(JSON.parse(/ANSWER (.*)/.exec(output)![1]!)).toEqual(["after", "POST /chat"]);
  });

  test("its own spans are what they would be without us", async () => {
    const { output } = await run(`${imports}
await startActiveObservation("answer", async () => {
  await otel.startActiveSpan("outer", async (outer) => {
    await null;
    otel.startSpan("inner").end();
    outer.end();
  });
});
await flush();
say(exporter.getFinishedSpans().map((span) => [span.name, span.parentSpanContext?.spanId ?? null]));
`);
    const spans = JSON.parse(/ANSWER (.*)/.exec(output)![1]!) as [string, string | null][];
    expect(spans).toEqual([
      ["inner", expect.stringMatching(/^[0-9a-f]{16}$/)],
      ["outer", null],
    ]);
  });
});
