import { createModelServer, createSink, type ModelServer, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConsumer, linkExampleDependencies, type Consumer } from "./support/consumer.ts";
import { start, type Finished } from "./support/run.ts";

/** The packed package beside LlamaIndex's default install, in a process of its own. */
let consumer: Consumer;
let model: ModelServer;
let sink: Sink;

beforeAll(async () => {
  consumer = createConsumer(["core", "llamaindex", "openai"]);
  linkExampleDependencies(consumer);
  model = await createModelServer();
});
afterAll(async () => {
  await model.close();
  consumer.remove();
});
beforeEach(async () => void (sink = await createSink()));
afterEach(() => sink.close());

const MODULES = {
  core: "@spanwise/core",
  spanwise: "@spanwise/llamaindex",
  llamaindex: "llamaindex",
  openai: "@llamaindex/openai",
  workflow: "@llamaindex/workflow",
};

const modules = Object.entries(MODULES);
const imports = {
  mjs: modules.map(([name, from]) => `import * as ${name} from "${from}";`).join("\n"),
  cjs: modules.map(([name, from]) => `const ${name} = require("${from}");`).join("\n"),
};

/** A program's beginning: models in `Settings`, an index, and `plain` to leave us out. */
const setup = `
core.init();
const build = async (llamaindex, openai) => {
  const settings = { apiKey: "k", baseURL: process.env.MODEL_URL, maxRetries: 0 };
  const llm = new openai.OpenAI({ ...settings, model: "gpt-4o-mini" });
  llamaindex.Settings.llm = llm;
  llamaindex.Settings.embedModel = new openai.OpenAIEmbedding({ ...settings, model: "text-embedding-3-small" });
  const documents = [new llamaindex.Document({ text: "It flushes every second." })];
  return { llm, index: await llamaindex.VectorStoreIndex.fromDocuments(documents) };
};
const install = (...given) => process.env.PLAIN || spanwise.instrumentLlamaIndex(...given);
`;

function run(
  format: "mjs" | "cjs",
  body: string,
  env: Record<string, string> = {},
  nodeOptions: string[] = [],
): Promise<Finished> {
  const program = `${imports[format]}\n${setup}\n(async () => {\n${body}\n})();\n`;
  return start([...nodeOptions, consumer.write(`program.${format}`, program)], {
    cwd: consumer.folder,
    env: { MODEL_URL: model.url, SPANWISE_BASE_URL: sink.url, ...env },
  }).finished();
}

/** Ended observations below those of that name, as a tree. */
function treesOf(root: string): string[] {
  const spans = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
  const draw = (span: (typeof spans)[number], depth: number): string =>
    [
      `${"  ".repeat(depth)}${span.name}`,
      ...spans
        .filter(({ parentSpanId }) => parentSpanId === span.spanId)
        .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
        .map((child) => draw(child, depth + 1)),
    ].join("\n");
  return spans.filter(({ name }) => name === root).map((span) => draw(span, 0));
}

const QUERY = [
  "RetrieverQueryEngine.query",
  "  VectorIndexRetriever.retrieve",
  "    OpenAIEmbedding",
  "  CompactAndRefine.synthesize",
  "    OpenAI.chat",
].join("\n");

describe.each(["mjs", "cjs"] as const)("%s: a program that", (format) => {
  test("queries, plain and streamed, and simply ends", async () => {
    const { code, output } = await run(
      format,
      `install({ llamaindex, openai, workflow });
       const engine = (await build(llamaindex, openai)).index.asQueryEngine();
       await engine.query({ query: "How often?" });
       for await (const chunk of await engine.query({ query: "How often?", stream: true }));`,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(treesOf("RetrieverQueryEngine.query")).toEqual([QUERY, QUERY]);
  });

  test("dies of an agent's failed step dies of it as it would without us, and has recorded it", async () => {
    const body = `install({ llamaindex, openai, workflow });
      const llm = new openai.OpenAI({ apiKey: "k", baseURL: process.env.MODEL_URL + "/nowhere", model: "gpt-4o-mini", maxRetries: 0 });
      const tool = llamaindex.tool({ name: "add", description: "adds", parameters: {}, execute: () => "4" });
      process.on("unhandledRejection", (error) => {
        console.log("REJECTED " + error.status);
        core.shutdown().then(() => process.exit(7));
      });
      void workflow.agent({ name: "helper", llm, tools: [tool] }).run("Hello");`;
    const plain = await run(format, body, { PLAIN: "1" });
    expect(sink.spans()).toEqual([]);
    const traced = await run(format, body);
    expect(traced).toMatchObject({ code: plain.code, output: plain.output });
    expect(plain).toMatchObject({ code: 7, output: expect.stringContaining("REJECTED 404") });
    const failed = sink.spans().filter(({ attributes }) => attributes["spanwise.observation.status"] === "error");
    expect(failed.map(({ name }) => name).toSorted()).toEqual(["OpenAI.chat", "helper", "step helper"]);
  });
});

test("both kinds of modules in one process, each instrumented, and both uninstalled", async () => {
  const { code, output } = await run(
    "mjs",
    `const { createRequire } = await import("node:module");
     const require = createRequire(import.meta.url);
     const cjs = { llamaindex: require("llamaindex"), openai: require("@llamaindex/openai") };
     const handles = [
       install({ llamaindex, openai, workflow }),
       require("@spanwise/llamaindex").instrumentLlamaIndex(cjs),
     ];
     const engines = [await build(llamaindex, openai), await build(cjs.llamaindex, cjs.openai)]
       .map(({ index }) => index.asQueryEngine());
     await Promise.all([...engines, ...engines].map((engine) => engine.query({ query: "How often?" })));
     for (const handle of [...handles, ...handles]) handle.uninstall();
     await Promise.all(engines.map((engine) => engine.query({ query: "after" })));`,
  );
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(treesOf("RetrieverQueryEngine.query")).toEqual(Array.from({ length: 4 }, () => QUERY));
  expect(sink.spans().map(({ attributes }) => attributes["langfuse.observation.input"])).not.toContain('"after"');
});

/** As bundlers build for browsers: LlamaIndex's own stand-in for AsyncLocalStorage, and none for us. */
const BROWSER = ["-C", "browser", "--import", "data:text/javascript,process.getBuiltinModule = undefined"];

test("without AsyncLocalStorage parallel queries work and are recorded, but flat", async () => {
  const body = `install({ llamaindex, openai, workflow });
    const engine = (await build(llamaindex, openai)).index.asQueryEngine();
    const answers = await Promise.all(["a", "b"].map((word) => engine.query({ query: "How often, " + word + "?" })));
    console.log(answers.map(String).join("|"));
    await core.flush();`;
  const plain = await run("mjs", body, { PLAIN: "1" }, BROWSER);
  const { code, output } = await run("mjs", body, {}, BROWSER);
  expect({ code, output }).toEqual({ code: 0, output: plain.output });

  const ended = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
  const named = (name: string) => ended.filter((span) => span.name === name);
  expect(named("OpenAI.chat")).toHaveLength(2);
  const queries = named("RetrieverQueryEngine.query");
  expect(queries.map(({ attributes }) => attributes["spanwise.observation.status"])).toEqual(["ok", "ok"]);
  // What a query awaited has lost it: a trace of its own, rather than a parent that is somebody else's.
  expect(named("CompactAndRefine.synthesize").filter(({ parentSpanId }) => parentSpanId)).toEqual([]);
  const traces = new Set(queries.map(({ traceId }) => traceId));
  expect(traces.size).toBe(2);
});

test("what is installed imports nothing of LlamaIndex", async () => {
  const bare = createConsumer(["core", "llamaindex"]);
  const program = bare.write("program.mjs", `import "@spanwise/llamaindex"; console.log("loaded");\n`);
  const { code, output } = await start([program], { cwd: bare.folder }).finished();
  bare.remove();
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: "loaded" });
});
