import { expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { MAX_RUNS } from "../src/registry.ts";
import { collectGarbage } from "./support/collect-garbage.ts";
import { createTraced } from "./support/traced.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

it("runs that never end are ended when there are too many, the quietest first", async () => {
  const { tracer, exporter } = createTraced();
  const handler = new CallbackHandler({ tracer });
  const { abandoned } = CallbackHandler.stats();
  const start = (id: number, parent?: number) =>
    handler.handleChainStart(
      { id: ["x", "Chain"] },
      { n: id },
      String(id),
      parent === undefined ? undefined : String(parent),
      [],
      {},
    );
  for (let id = 0; id < MAX_RUNS; id += 1) start(id);
  // Its child is a sign of life.
  start(MAX_RUNS, 0);
  start(MAX_RUNS + 1);
  expect(CallbackHandler.stats()).toEqual({ open: MAX_RUNS, abandoned: abandoned + 2 });
  await tracer.flush();
  const ended = exporter.observations.filter(
    ({ metadata, statusMessage }) => metadata === undefined && statusMessage === "no end was told",
  );
  expect(ended.map(({ input, status }) => [input, status])).toEqual([
    ['{"n":1}', "incomplete"],
    ['{"n":2}', "incomplete"],
  ]);
  for (let id = 0; id < MAX_RUNS + 2; id += 1) handler.handleChainEnd({}, String(id));
  expect(CallbackHandler.stats().open).toBe(0);
});

it("whatever order callbacks come in, none throws and nothing is ended twice", async () => {
  const { tracer, roots } = createTraced();
  const handler = new CallbackHandler({ tracer });
  // LangChain calls each after an `await` of its own.
  const told = (tell: () => void) => Promise.resolve().then(tell);
  await told(() => handler.handleChainEnd({}, "unknown"));
  await told(() => handler.handleLLMNewToken("x", undefined, "unknown"));
  await told(() => handler.handleToolStart(undefined, undefined, "t"));
  await told(() => handler.handleToolStart(undefined, undefined, "t"));
  await told(() => handler.handleToolEnd(undefined, "t"));
  await told(() => handler.handleToolError(new Error("late"), "t"));
  // An id that the caller chose may come again.
  await told(() => handler.handleRetrieverStart({}, "q", "t"));
  await told(() => handler.handleRetrieverEnd(undefined, "t"));
  await told(() => handler.handleInterrupt(undefined));
  await told(() => handler.handleResume(null));
  await told(() => handler.handleCustomEvent("x", 1, "t"));
  await told(() => handler.handleChainStart({}, {}, "p"));
  await told(() => handler.handleChainEnd({}, "p"));
  // Its parent has ended.
  await told(() => handler.handleChatModelStart(null, null, "m", "p", undefined, undefined, undefined));
  await told(() => handler.handleChatModelStreamEvent(undefined, "m"));
  await told(() => handler.handleLLMEnd(undefined, "m"));
  const all = await roots();
  expect(all.map(({ type, status, children }) => [type, status, children.map(({ type: child }) => child)])).toEqual([
    ["tool", "ok", []],
    ["retriever", "ok", []],
    ["chain", "ok", ["generation"]],
  ]);
  expect(tracer.stats()).toMatchObject({ open: 0, afterEnd: 0 });
});

it("a run that somebody else's manager told of is not ended by the garbage collector", async () => {
  const { tracer, root } = createTraced();
  const handler = new CallbackHandler({ tracer });
  handler.handleChainStart({}, {}, "by hand", undefined, ["a list that nobody keeps"], {});
  let rounds = 0;
  await collectGarbage(() => (rounds += 1) > 5);
  expect(CallbackHandler.stats().open).toBe(1);
  handler.handleChainEnd({ output: "there" }, "by hand");
  expect(await root()).toMatchObject({ status: "ok", output: "there" });
});

it("a model or a retriever whose start is told by hand is active nowhere", async () => {
  const { tracer, roots } = createTraced();
  const handler = new CallbackHandler({ tracer });
  handler.handleChatModelStart({ id: ["Chat"] }, [[]], "model by hand");
  handler.handleRetrieverStart({ id: ["Documents"] }, "q", "retriever by hand");
  expect(tracer.getActiveObservation()).toBeUndefined();
  handler.handleChainStart({ id: ["Chain"] }, { a: 1 }, "chain by hand");
  handler.handleLLMEnd({ generations: [] }, "model by hand");
  handler.handleRetrieverEnd([], "retriever by hand");
  handler.handleChainEnd({}, "chain by hand");
  expect((await roots()).map(({ name }) => name)).toEqual(["Chat", "Documents", "Chain"]);
});
