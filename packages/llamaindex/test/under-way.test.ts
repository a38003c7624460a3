import { observeOpenAI } from "@spanwise/openai";
import type { ObservationRecord, TracerOptions } from "@spanwise/core";
import { afterEach, describe, expect, test } from "vitest";
import { hookCallbackManager, traceEngine, traceLLM, type LlamaIndexOptions } from "../src/index.ts";
import { gc } from "./support/gc.ts";
import { createIndex, createLLM, install, v12, workflow, type Installed, type openai } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { catchUnhandledRejections } from "./support/unhandled.ts";

let setup: Setup;
let installed: Installed | undefined;

afterEach(async () => {
  installed?.uninstall();
  installed = undefined;
  await setup.close();
});

const messages = [{ role: "user" as const, content: "Hello" }];
const answer = { answer: { text: "one two three four five six" } };
const STALLS = { ...answer, stream: { breakAfterChunks: 4, how: "stall" as const } };

interface Chunk {
  delta: string;
}

async function start(options: TracerOptions = {}, init: Parameters<typeof createLLM>[1] = {}): Promise<openai.OpenAI> {
  setup = await createSetup(options);
  return traceLLM(createLLM(setup, init), { tracer: setup.tracer });
}

/** Reads until `enough` of the text has come, and gives all that has. */
async function readPart(stream: unknown, enough = "two"): Promise<{ text: string; iterator: AsyncIterator<Chunk> }> {
  const iterator = (stream as AsyncIterable<Chunk>)[Symbol.asyncIterator]();
  let text = "";
  while (!text.includes(enough)) text += (await iterator.next()).value!.delta;
  return { text, iterator };
}

async function readRest(iterator: AsyncIterator<Chunk>): Promise<string> {
  let text = "";
  for (let read = await iterator.next(); !read.done; read = await iterator.next()) text += read.value.delta;
  return text;
}

function outputOf(record: ObservationRecord | undefined): unknown {
  return record?.output === undefined ? undefined : JSON.parse(record.output);
}

/** A model of the application's own, whose stream waits after three chunks. */
function createGated(): { llm: InstanceType<typeof v12.BaseLLM>; release: () => void } {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const call = (input: string) => ({ toolCall: [{ id: "c1", name: "look", input }] });
  async function* chunks() {
    yield { delta: "Let me ", raw: { model: "mine-1-2026", usage: { input_tokens: 10, output_tokens: 1 } } };
    yield { delta: "look.", raw: { usage: { output_tokens: 3 } } };
    yield { delta: "", raw: {}, options: call('{"q":') };
    await released;
    yield { delta: "", raw: { usage: { output_tokens: 9 } }, options: call('{"q":"x"}') };
  }
  class Gated extends v12.BaseLLM {
    metadata = { model: "mine-1", temperature: 0.5, topP: 1, contextWindow: 10, tokenizer: undefined } as never;
    async chat(): Promise<never> {
      return chunks() as never;
    }
  }
  return { llm: new Gated(), release };
}

const PART = {
  role: "assistant",
  content: "Let me look.",
  tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"q":' } }],
};

async function streamGated(options: TracerOptions, given: LlamaIndexOptions, during: () => unknown) {
  setup = await createSetup(options);
  const { llm, release } = createGated();
  const { chat } = traceLLM(llm, { tracer: setup.tracer, ...given }) as { chat: (params: unknown) => Promise<unknown> };
  const iterator = ((await chat.call(llm, { messages, stream: true })) as AsyncIterable<Chunk>)[Symbol.asyncIterator]();
  for (let n = 0; n < 3; n += 1) await iterator.next();
  await during();
  release();
  await readRest(iterator);
  return setup.records();
}

describe("at shutdown a model's stream is told as far as it had come", () => {
  const shutdown = () => setup.tracer.shutdown();

  test("text, tool calls, who answers, tokens, first token", async () => {
    const [record, ...more] = await streamGated({}, {}, shutdown);
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      status: "incomplete",
      model: "mine-1-2026",
      usageDetails: { input: 10, output: 3 },
    });
    expect(outputOf(record)).toEqual(PART);
    expect(record!.completionStartTime).toBeGreaterThanOrEqual(record!.startTime);
    expect(setup.tracer.stats()).toMatchObject({ bytesHeld: 0, open: 0 });
  });

  test("without captureOutput nothing of the answer, and behind the mask", async () => {
    const [silent] = await streamGated({}, { captureOutput: false }, shutdown);
    expect(silent).toMatchObject({ status: "incomplete", output: undefined, usageDetails: { input: 10, output: 3 } });
    await setup.close();
    const mask: TracerOptions["mask"] = (record) => ({ ...record, output: record.output && "****" });
    expect(await streamGated({ mask }, {}, shutdown)).toMatchObject([{ status: "incomplete", output: '"****"' }]);
  });

  test("OpenAI's class, on a client that is observed too", async () => {
    const plain = await start();
    const session: never = observeOpenAI((await createLLM(setup).session) as never, { tracer: setup.tracer });
    const observed = traceLLM(createLLM(setup, { session }), { tracer: setup.tracer });
    setup.server.script([STALLS, STALLS]);
    const texts: string[] = [];
    for (const llm of [plain, observed]) {
      texts.push((await readPart(await llm.chat({ messages, stream: true }))).text);
    }
    await shutdown();
    const records = await setup.records();
    expect(records.map(({ status }) => status)).toEqual(["incomplete", "incomplete"]);
    expect(records.map(outputOf)).toEqual(texts.map((content) => ({ role: "assistant", content })));
    expect(JSON.parse(records[1]!.metadata!)).toMatchObject({ requestId: expect.any(String) });
  });

  test("complete(), which is made of chat()", async () => {
    const llm = await start();
    setup.server.script([STALLS]);
    const stream = (await llm.complete({ prompt: "Hello", stream: true })) as AsyncIterable<{ text: string }>;
    const iterator = stream[Symbol.asyncIterator]();
    let text = "";
    while (!text.includes("two")) text += (await iterator.next()).value!.text;
    await shutdown();
    const [record, ...more] = await setup.records();
    expect(more).toEqual([]);
    // What the chat inside has heard besides.
    expect(record).toMatchObject({ status: "incomplete", model: "gpt-4o-mini-2024-07-18" });
    expect(outputOf(record)).toEqual({ role: "assistant", content: text });
  });
});

test("a stream that a bound let go of is told whole at its end, under the same id", async () => {
  const evict = () => setup.tracer.startObservation("another", {}, { parent: null }).end();
  const records = (await streamGated({ maxOpen: 1 }, {}, evict)).filter(({ name }) => name !== "another");
  expect(records.map(({ status }) => status)).toEqual(["incomplete", "ok"]);
  const [part, whole] = records;
  expect(outputOf(part)).toEqual(PART);
  expect(whole).toMatchObject({ id: part!.id, usageDetails: { input: 10, output: 9 } });
  expect(outputOf(whole)).toMatchObject({ tool_calls: [{ function: { arguments: '{"q":"x"}' } }] });
  expect(setup.tracer.stats()).toMatchObject({ bytesHeld: 0, open: 0 });
});

test("a stream that is dropped half read is collected, and told as far as it was read", async () => {
  const llm = await start();
  setup.server.script([STALLS]);
  const text = await (async () => (await readPart(await llm.chat({ messages, stream: true }))).text)();
  await expect
    .poll(async () => {
      gc();
      return (await setup.records()).map(({ status }) => status);
    })
    .toEqual(["incomplete"]);
  expect(outputOf((await setup.records())[0])).toEqual({ role: "assistant", content: text });
});

test("engines: the text so far", async () => {
  setup = await createSetup();
  installed = install(setup, v12);
  const index = await createIndex(v12);
  setup.server.script([
    { ...STALLS, match: ({ path }) => path.endsWith("/chat/completions") },
    { ...STALLS, match: ({ path }) => path.endsWith("/chat/completions") },
  ]);
  const chatEngine = traceEngine(new v12.SimpleChatEngine());
  const chat = await readPart(await chatEngine.chat({ message: "Hello", stream: true }));
  const query = await readPart(await index.asQueryEngine().query({ query: "How often?", stream: true }));
  await setup.tracer.shutdown();
  const records = (await setup.records()).filter(({ status }) => status === "incomplete");
  const told = Object.fromEntries(records.map((record) => [record.name, outputOf(record)]));
  expect(told).toMatchObject({ "SimpleChatEngine.chat": chat.text, "RetrieverQueryEngine.query": query.text });
});

test("agents: what the model has said in the step that is under way", async () => {
  setup = await createSetup();
  installed = install(setup, v12);
  setup.server.script([STALLS]);
  const unhandled = catchUnhandledRejections();
  const { agent, agentStreamEvent } = workflow;
  const tool = v12.tool({ name: "t", description: "t", parameters: {}, execute: () => "" } as never) as never;
  const events = agent({ name: "helper", llm: installed.llm, tools: [tool] }).runStream("Go");
  let text = "";
  for await (const event of events) {
    if (agentStreamEvent.include(event)) text += event.data.delta;
    if (text.includes("two")) break;
  }
  await setup.tracer.shutdown();
  expect(await setup.tree()).toBe(
    ["agent helper (incomplete)", "  span step helper (incomplete)", "    generation OpenAI.chat (incomplete)"].join(
      "\n",
    ),
  );
  const [, , generation] = await setup.records();
  expect((outputOf(generation) as { content: string }).content).toMatch(/^one two/);
  expect(generation!.completionStartTime).toBeGreaterThanOrEqual(generation!.startTime);
  // LlamaIndex rejects what nobody waits for once the connection is closed.
  await setup.close();
  await expect.poll(() => unhandled.rejections.length).toBeGreaterThan(0);
  unhandled.restore();
  setup = await createSetup();
});

test("with the hook alone: the chunks that events have told", async () => {
  setup = await createSetup();
  const manager = new v12.CallbackManager();
  const hook = hookCallbackManager(manager, { tracer: setup.tracer });
  const send = manager.dispatchEvent.bind(manager) as (type: string, detail: unknown, sync: boolean) => void;
  send("llm-start", { id: "1", messages }, true);
  send("llm-stream", { id: "1", chunk: { delta: "Hel", raw: { model: "m", usage: { input_tokens: 3 } } } }, true);
  send("llm-stream", { id: "1", chunk: { delta: "lo", raw: {} } }, true);
  await setup.tracer.shutdown();
  hook.uninstall();
  const [record] = await setup.records();
  expect(record).toMatchObject({ status: "incomplete", model: "m", usageDetails: { input: 3 } });
  expect(outputOf(record)).toEqual({ role: "assistant", content: "Hello" });
});
