import { observe } from "@spanwise/core";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { pause } from "./support/pause.ts";
import { createTraced } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  afterEach(() => expect(CallbackHandler.stats().open).toBe(0));

  it("three requests at once, each in its own trace, beside a slow handler of somebody else's", async () => {
    const traced = createTraced();
    const { tracer } = traced;
    const handler = new CallbackHandler({ tracer });
    const doneMs: number[] = [];
    const beSlow = async (): Promise<void> => {
      await pause(40);
      doneMs.push(Date.now());
    };
    const slow = { name: "slow", handleChainStart: beSlow, handleChainEnd: beSlow };
    const chain = lc.RunnableLambda.from(async (n: number) => {
      await pause(5);
      tracer.startObservation(`work ${n}`).end();
      return n;
    }).pipe(lc.RunnableLambda.from((n: number) => n + 1));
    await Promise.all(
      [1, 2, 3].map((n) => {
        const request = tracer.startObservation(`request ${n}`, {}, { type: "agent" });
        return tracer.runWithObservation(request, async () => {
          await chain.invoke(n, { callbacks: [slow, handler], runName: `chain ${n}` });
          request.end();
        });
      }),
    );
    const roots = await traced.roots();
    expect(roots.map(shape)).toEqual(
      [1, 2, 3].map((n) => `request ${n}(chain ${n}(RunnableLambda(work ${n}), RunnableLambda))`),
    );
    for (const [index, root] of roots.entries()) {
      const run = root.children[0]!;
      expect(run).toMatchObject({ input: index + 1, output: index + 2 });
      // At the call, before anybody slow was done.
      expect(run.startTime).toBeLessThan(Math.min(...doneMs));
      expect(flatten(root).every(({ traceId }) => traceId === root.traceId)).toBe(true);
    }
  });

  it("an input is what it was at the call", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    const slow = { name: "slow", handleChainStart: () => pause(20) };
    const done = lc.RunnableLambda.from(async (given: { n: number }) => {
      given.n = 99;
      return given;
    }).invoke({ n: 1 }, { callbacks: [slow, handler] });
    await done;
    expect(await traced.root()).toMatchObject({ input: { n: 1 }, output: { n: 99 } });
  });

  it("one handler at several levels, and two handlers of one tracer, record a run once", async () => {
    const traced = createTraced();
    const options = { tracer: traced.tracer };
    const handler = new CallbackHandler(options);
    const model = createScriptedModel(lc, () => ({ content: "ok" }));
    model.callbacks = [handler];
    const chain = lc.RunnableLambda.from((text: string) => text)
      .pipe(model)
      .withConfig({ callbacks: [handler] });
    await chain.invoke("hi", { callbacks: [handler, new CallbackHandler(options)] });
    expect(shape(await traced.root())).toBe("RunnableSequence(RunnableLambda, ScriptedModel)");
  });

  it("an inner call with callbacks of its own is a child of the code that makes it", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    const inner = lc.RunnableLambda.from((text: string) => text).withConfig({ runName: "inner", callbacks: [handler] });
    const outer = lc.RunnableLambda.from(async (text: string) => {
      await pause(1);
      return inner.invoke(text, { callbacks: [handler] });
    }).withConfig({ runName: "outer" });
    await outer.invoke("x", { callbacks: [handler], metadata: { userId: "u" } });
    const root = await traced.root();
    expect(shape(root)).toBe("outer(inner)");
    expect(root.children[0]!.trace.userId).toBe("u");
  });

  it("what runs inside an observation of the application's is its child, wherever that stands", async () => {
    const traced = createTraced();
    const { tracer } = traced;
    const handler = new CallbackHandler({ tracer });
    const model = createScriptedModel(lc, () => ({ content: "ok" }));
    const step = lc.RunnableLambda.from(async (text: string, config) => {
      const span = tracer.startObservation("in between");
      await tracer.runWithObservation(span, async () => {
        await model.invoke(text);
        await model.invoke(text, config);
      });
      span.end();
      return text;
    });
    const around = tracer.startObservation("around");
    await tracer.runWithObservation(around, () => step.invoke("x", { callbacks: [handler], runName: "step" }));
    around.end();
    expect(shape(await traced.root())).toBe("around(step(in between(ScriptedModel, ScriptedModel)))");
  });

  it("nothing is active after a call that was not active before", async () => {
    const traced = createTraced();
    const { tracer } = traced;
    const handler = new CallbackHandler({ tracer });
    const callbacks = [handler];
    const active: (string | undefined)[] = [];
    const look = (): void => void active.push(tracer.getActiveObservation()?.id);
    const model = createScriptedModel(lc, () => ({ content: "ok" }));
    const jsonTool = lc.tool(() => "t", {
      name: "json",
      description: "d",
      schema: { type: "object", properties: {} } as never,
    });
    const call = (promise: Promise<unknown>): Promise<unknown> => {
      look();
      return promise;
    };
    await call(model.invoke("a", { callbacks }));
    look();
    await call(jsonTool.invoke({} as never, { callbacks }));
    look();
    for await (const _ of await new lc.FakeListChatModel({ responses: ["abc"] }).stream("x", { callbacks })) look();
    look();
    await call(model.generate([[new lc.HumanMessage("a")], [new lc.HumanMessage("b")]], { callbacks }));
    look();
    await call(model.batch(["a", "b"], { callbacks }));
    look();
    await call(lc.RunnableLambda.from((x: string) => x).invoke("x", { callbacks }));
    look();
    class Retriever extends lc.BaseRetriever {
      lc_namespace = ["test"];
      override async _getRelevantDocuments(): Promise<never> {
        return [] as never;
      }
    }
    await call(new Retriever({}).invoke("x", { callbacks }));
    look();
    for await (const _ of await new Retriever({}).stream("x", { callbacks })) look();
    look();
    expect(active.every((id) => id === undefined)).toBe(true);
    expect(active.length).toBeGreaterThan(12);
  });

  it("a throw of ours stays with us, and is not printed by LangChain", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = {
      id: "broken",
      enabled: true,
      startObservation() {
        throw new Error("ours");
      },
      runWithObservation: <T>(_o: unknown, fn: () => T) => fn(),
    };
    const handler = new CallbackHandler({ tracer: broken as never });
    const chain = lc.RunnableLambda.from((x: number) => x + 1);
    await expect(chain.invoke(1, { callbacks: [handler] })).resolves.toBe(2);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("observe() of the default tracer and a handler without options find each other", async () => {
    const { init } = await import("@spanwise/core");
    const { memory } = await import("@spanwise/core/testing");
    const exporter = memory();
    const tracer = init({ exporters: [exporter], logLevel: "silent" });
    const chain = lc.RunnableLambda.from(observe((x: number) => x * 2, { name: "double" })).withConfig({
      runName: "chain",
    });
    await observe(async () => chain.invoke(2, { callbacks: [new CallbackHandler()] }), { name: "outer" })();
    await tracer.flush();
    const names = new Map(exporter.observations.map(({ id, name, parentId }) => [name, { id, parentId }]));
    expect(names.get("double")!.parentId).toBe(names.get("chain")!.id);
    expect(names.get("chain")!.parentId).toBe(names.get("outer")!.id);
  });

  it("batch gives as many roots as inputs", async () => {
    const traced = createTraced();
    const handler = new CallbackHandler({ tracer: traced.tracer });
    const chain = lc.RunnableLambda.from((x: number) => x).pipe(lc.RunnableLambda.from((x: number) => -x));
    await chain.batch([1, 2, 3], { callbacks: [handler] });
    const roots = await traced.roots();
    expect(roots.map(({ input }) => input as number).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(3);
    expect(find(roots[0]!, "RunnableLambda", 1).output).toBe(-roots[0]!.input);
  });
});
