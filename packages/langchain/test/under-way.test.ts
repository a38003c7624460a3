import { observeOpenAI } from "@spanwise/openai";
import { createModelServer } from "@spanwise/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTracer, memory, type MemoryExporter, type Tracer, type TracerOptions } from "@spanwise/core";
import { CallbackHandler, type CallbackHandlerOptions } from "../src/index.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createGatedModel, type GatedModel } from "./support/gated-model.ts";
import { find, readTraces, type Observed } from "./support/tree.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const USAGE = { input_tokens: 10, output_tokens: 1, total_tokens: 11 };
const PIECES: readonly object[] = [
  { content: "" },
  { content: "Let me ", usage_metadata: { ...USAGE, input_token_details: { cache_read: 4 } } },
  { content: "look.", usage_metadata: { input_tokens: 0, output_tokens: 2, total_tokens: 2 } },
  { content: "", tool_call_chunks: [{ type: "tool_call_chunk", index: 1, id: "c1", name: "look", args: '{"q":' }] },
];
const PART = {
  role: "assistant",
  content: "Let me look.",
  tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"q":' } }],
};
const USED = { input: 6, input_cached_tokens: 4, output: 3, total: 13 };

type StreamEvents = (this: unknown, ...args: unknown[]) => Promise<AsyncIterable<unknown>>;

interface UnderWay {
  tracer: Tracer;
  exporter: MemoryExporter;
  callbacks: CallbackHandler[];
}

function setup(options: TracerOptions = {}, handler: CallbackHandlerOptions = {}): UnderWay {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent", ...options });
  return { tracer, exporter, callbacks: [new CallbackHandler({ tracer, ...handler })] };
}

/** Every record of a run, in the order of their export. */
function recordsOf({ exporter }: UnderWay, name: string): Observed[] {
  return exporter.observations.filter((record) => record.name === name).flatMap((record) => readTraces([record]));
}

describe.each(MAJORS)("core $version", ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);

  /** Streams until the model waits, lets `during` happen, and reads the rest. */
  async function streamAround(
    { callbacks, tracer }: UnderWay,
    {
      model = createGatedModel(lc, PIECES),
      stream = () => model.stream("x", { callbacks }),
      during = () => tracer.shutdown(),
    }: { model?: GatedModel; stream?: () => Promise<AsyncIterable<unknown>>; during?: () => unknown } = {},
  ): Promise<void> {
    const reading = (async () => {
      for await (const _ of await stream());
    })();
    await Promise.race([model.waits, reading]);
    await during();
    model.release();
    await reading;
  }

  it("at shutdown a stream is told as far as it had come", async () => {
    const traced = setup();
    await streamAround(traced);
    const [generation, ...more] = recordsOf(traced, "GatedModel");
    expect(more).toEqual([]);
    expect(generation).toMatchObject({ status: "incomplete", output: PART, usageDetails: USED });
    expect(generation!.completionStartTime).toBeGreaterThanOrEqual(generation!.startTime);
    expect(generation!.completionStartTime).toBeLessThanOrEqual(generation!.endTime!);
    expect(traced.tracer.stats()).toMatchObject({ bytesHeld: 0, open: 0 });
  });

  it("what is not to be captured is not told then either, and what is goes through the mask", async () => {
    const silent = setup({}, { captureOutput: false });
    const masked = setup({ mask: (record) => ({ ...record, output: record.output && "****" }) });
    for (const traced of [silent, masked]) await streamAround(traced);
    expect(recordsOf(silent, "GatedModel")).toMatchObject([{ output: undefined, usageDetails: USED }]);
    expect(recordsOf(masked, "GatedModel")).toMatchObject([{ output: "****", usageDetails: USED }]);
  });

  it("one that a bound let go of is told whole at its end, under the same id", async () => {
    const traced = setup({ maxOpen: 1 });
    const { tracer } = traced;
    await streamAround(traced, {
      during: () => tracer.startObservation("another", {}, { parent: null }).end(),
    });
    await tracer.flush();
    const [part, whole, ...more] = recordsOf(traced, "GatedModel");
    expect(more).toEqual([]);
    expect(part).toMatchObject({ status: "incomplete", output: PART, usageDetails: USED });
    expect(whole).toMatchObject({ id: part!.id, traceId: part!.traceId, status: "ok" });
    expect(whole!.output).toMatchObject({ tool_calls: [{ function: { arguments: '{"q":"x"}' } }] });
    expect(whole!.completionStartTime).toBe(part!.completionStartTime);
    expect(tracer.stats()).toMatchObject({ bytesHeld: 0, open: 0 });
  });

  it("a model in a graph, and one that LangChain hides, which says nothing of what is around it", async () => {
    const traced = setup();
    const { callbacks, tracer } = traced;
    const model = createGatedModel(lc, PIECES);
    const hidden = createGatedModel(lc, PIECES);
    const graph = new lc.StateGraph(lc.Annotation.Root({ text: lc.Annotation<string>() }))
      .addNode("ask", async (_state: unknown, config: object) => {
        for await (const _ of await model.stream("x", config));
        for await (const _ of await hidden.stream("x", { ...config, tags: ["langsmith:hidden"] }));
        return { text: "" };
      })
      .addEdge(lc.START, "ask")
      .compile();
    const running = graph.invoke({ text: "" }, { callbacks });
    await model.waits;
    model.release();
    await hidden.waits;
    await tracer.shutdown();
    hidden.release();
    await running;
    const root = readTraces(traced.exporter.observations)[0]!;
    expect([root.status, find(root, "ask").status, find(root, "GatedModel").status]).toEqual([
      "incomplete",
      "incomplete",
      "ok",
    ]);
    expect([root.output, find(root, "ask").output]).toEqual([undefined, undefined]);
  });

  it("two handlers of one tracer tell of each piece once", async () => {
    const traced = setup();
    const { tracer } = traced;
    const callbacks = [new CallbackHandler({ tracer }), ...traced.callbacks];
    const model = createGatedModel(lc, PIECES);
    model.callbacks = traced.callbacks;
    await streamAround(traced, { model, stream: () => model.stream("x", { callbacks }) });
    expect(recordsOf(traced, "GatedModel")).toMatchObject([{ output: PART, usageDetails: USED }]);
  });

  it("a model on an observed client: the answer as LangChain tells it, and the request's id", async () => {
    const server = await createModelServer();
    server.script([{ answer: { text: "one two three four five" }, stream: { breakAfterChunks: 4, how: "stall" } }]);
    const traced = setup();
    const { callbacks, tracer } = traced;
    const { OpenAI } = await import("openai");
    const client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 }), { tracer });
    const model = new lc.ChatOpenAI({ model: "gpt-4o-mini", apiKey: "k", maxRetries: 0 });
    Object.assign((model as unknown as { completions?: object }).completions ?? model, { client });
    const abort = new AbortController();
    const stream = await model.stream("x", { callbacks, signal: abort.signal });
    const iterator = stream[Symbol.asyncIterator]();
    let read = "";
    while (!read.includes("two")) read += String((await iterator.next()).value!.content);
    await tracer.shutdown();
    const [generation, ...more] = recordsOf(traced, "ChatOpenAI");
    expect(more).toEqual([]);
    expect(generation).toMatchObject({ status: "incomplete", metadata: { requestId: expect.any(String) } });
    // LangChain tells of a piece after the consumer has had it.
    expect(generation!.output).toMatchObject({ role: "assistant", content: expect.stringMatching(/^one/) });
    expect(read.startsWith(generation!.output.content as string)).toBe(true);
    abort.abort();
    await iterator.return?.().catch(() => {});
    await server.close();
  });

  it.runIf(version === "1")("streamEvents version 3 of a graph", async () => {
    const traced = setup();
    const { callbacks } = traced;
    const model = createGatedModel(lc, PIECES);
    const graph = new lc.StateGraph(lc.Annotation.Root({ text: lc.Annotation<string>() }))
      .addNode("ask", async () => ({ text: (await model.invoke("x")).text }))
      .addEdge(lc.START, "ask")
      .compile();
    const { streamEvents } = graph as unknown as { streamEvents: StreamEvents };
    await streamAround(traced, {
      model,
      stream: () => streamEvents.call(graph, { text: "" }, { version: "v3", callbacks }),
    });
    const [generation] = recordsOf(traced, "GatedModel");
    expect(generation).toMatchObject({ status: "incomplete", output: PART });
    expect(generation!.usageDetails).toMatchObject({ output: 3, total: 13 });
    expect(generation!.completionStartTime).toBeGreaterThanOrEqual(generation!.startTime);
  });

  it.runIf(version === "1")("a streaming tool: what it has yielded", async () => {
    const traced = setup();
    const { tracer } = traced;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let reached: () => void = () => {};
    const waits = new Promise<void>((resolve) => (reached = resolve));
    const counting = lc.tool(
      async function* () {
        yield { n: 1 };
        yield { n: 2 };
        reached();
        await released;
        yield { n: 3 };
      },
      { name: "counting", description: "d", schema: { type: "object", properties: {} } as never },
    );
    const callbacks = [new CallbackHandler({ tracer }), ...traced.callbacks];
    const running = counting.invoke({} as never, { callbacks });
    await waits;
    await tracer.shutdown();
    release();
    await running;
    expect(recordsOf(traced, "counting")).toMatchObject([{ status: "incomplete", output: [{ n: 1 }, { n: 2 }] }]);
    expect(recordsOf(traced, "counting")[0]!.output).toHaveLength(2);
    expect(recordsOf(traced, "tool event").map(({ output }) => output)).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

it("a stream that goes on is not let go of for its age", async () => {
  vi.useFakeTimers();
  try {
    const { tracer, exporter } = setup({ maxOpenMs: 60_000 });
    const handler = new CallbackHandler({ tracer });
    handler.handleChatModelStart({ id: ["Chat"] }, [[]], "long");
    for (let seconds = 0; seconds < 300; seconds += 20) {
      handler.handleLLMNewToken("piece ", undefined, "long");
      await vi.advanceTimersByTimeAsync(20_000);
    }
    expect(exporter.observations).toEqual([]);
    expect(tracer.stats()).toMatchObject({ open: 1, evicted: 0 });
    await vi.advanceTimersByTimeAsync(180_000);
    expect(exporter.observations).toMatchObject([{ status: "incomplete" }]);
    handler.handleLLMEnd({ generations: [[{ text: "whole" }]] }, "long");
    await vi.advanceTimersByTimeAsync(5_000);
    const [part, whole] = exporter.observations;
    expect(JSON.parse(part!.output!)).toEqual({ role: "assistant", content: "piece ".repeat(15) });
    expect(whole).toMatchObject({ id: part!.id, status: "ok", output: '"whole"' });
    await tracer.shutdown();
  } finally {
    vi.useRealTimers();
  }
});
