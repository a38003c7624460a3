import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, memory, observe, startActiveObservation, type Tracer } from "../../src/index.ts";

const exporter = memory();
let tracer: Tracer;
let unhandled: unknown[];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  exporter.clear();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  unhandled = [];
  process.on("unhandledRejection", onUnhandled);
});
afterEach(async () => {
  process.off("unhandledRejection", onUnhandled);
  await tracer.shutdown();
});

const boom = new Error("boom");
const recorded = async (): Promise<(readonly [string, unknown, unknown])[]> => {
  await tracer.flush();
  return exporter.observations.map(({ name, status, output }) => [name, status, output] as const);
};
const watch = <F extends (...args: never[]) => unknown>(fn: F, name = "f"): F => observe(fn, { tracer, name });

class Own<T> extends Promise<T> {}

describe("a promise of a function that is not async", () => {
  test("is handed on as it is, with its own properties", async () => {
    const promise = Object.assign(Promise.resolve(1), { json: () => 2 });
    const fn = watch(() => promise);
    expect(fn()).toBe(promise);
    expect(fn()).toBe(fn());
    await promise;
    expect(await recorded()).toEqual(Array.from({ length: 3 }, () => ["f", "ok", "1"]));
  });

  test("may be handled inside: nothing is unhandled", async () => {
    const fn = watch(() => {
      const promise = Promise.reject<number>(boom);
      promise.catch(() => {});
      return promise;
    });
    void fn();
    await sleep(5);
    expect(unhandled).toEqual([]);
    expect(await recorded()).toEqual([["f", "error", undefined]]);
  });

  test("keeps many observations of one pending promise, and ends them all", async () => {
    let resolve: (value: number) => void = () => {};
    const pending = new Promise<number>((done) => (resolve = done));
    const fn = watch(() => pending);
    for (let i = 0; i < 100; i++) void fn();
    resolve(7);
    await pending;
    expect(await recorded()).toHaveLength(100);
    expect(tracer.stats().open).toBe(0);
  });
});

describe("an async function", () => {
  const reject = async (): Promise<never> => {
    await sleep(1);
    throw boom;
  };

  test.each([
    ["observe", () => watch(reject)()],
    ["observe, twice", () => watch(watch(reject))()],
    ["observe, bound", () => watch(reject.bind(undefined))()],
    ["startActiveObservation", () => startActiveObservation("f", reject, { tracer })],
  ])("that fails unheard is reported once: %s", async (_name, call) => {
    void call();
    await sleep(10);
    expect(unhandled).toEqual([boom]);
  });

  test("that fails and is caught is not", async () => {
    await expect(watch(reject)()).rejects.toBe(boom);
    await sleep(5);
    expect(unhandled).toEqual([]);
  });
});

describe("a thenable", () => {
  test("observed 20 000 times has one layer, and every observation ends", async () => {
    const cached = new Own<number>((done) => setTimeout(() => done(7), 10));
    const fn = watch(() => cached);
    for (let i = 0; i < 20_000; i++) void fn();
    expect(await cached).toBe(7);
    expect(await fn()).toBe(7);
    expect(tracer.stats().open).toBe(0);
  });

  test("is not started by us", async () => {
    let runs = 0;
    // oxlint-disable-next-line unicorn/no-thenable -- a lazy query
    const query = { then: (done: (value: string) => void) => done(`rows ${++runs}`) };
    const keys = Object.keys(query);
    expect(watch(() => query)()).toBe(query);
    await sleep(1);
    expect([runs, Object.keys(query)]).toEqual([0, keys]);
    expect(await query).toBe("rows 1");
    expect([runs, await recorded()]).toEqual([1, [["f", "ok", '"rows 1"']]]);
  });

  test("keeps what it is: class, rejection, unhandled or not", async () => {
    const failing = watch(() => Own.reject<number>(boom))();
    expect(failing).toBeInstanceOf(Own);
    await expect(failing).rejects.toBe(boom);
    void watch(() => Own.reject<number>(boom))();
    await sleep(5);
    expect(unhandled).toEqual([boom]);
    expect((await recorded())[0]).toEqual(["f", "error", undefined]);
  });

  const then = (done: (value: number) => void): void => done(1);
  const refuse = (): never => {
    throw boom;
  };
  test.each<[string, () => object]>([
    // oxlint-disable-next-line unicorn/no-thenable -- the point
    ["frozen", () => Object.freeze({ then })],
    // oxlint-disable-next-line unicorn/no-thenable -- the point
    ["a proxy that refuses", () => new Proxy({ then }, { defineProperty: () => false })],
    // oxlint-disable-next-line unicorn/no-thenable -- the point
    ["a proxy that throws", () => new Proxy({ then }, { defineProperty: refuse })],
    ["a proxy that answers for itself", () => new Proxy({}, { get: (_, key) => (key === "then" ? then : undefined) })],
    // oxlint-disable-next-line unicorn/no-thenable -- the point
    ["a getter", () => Object.defineProperty({}, "then", { get: () => then })],
    // oxlint-disable-next-line unicorn/no-thenable -- the point
    ["a getter that throws", () => Object.defineProperty({}, "then", { get: refuse })],
    ["a proxied promise", () => new Proxy(Promise.resolve(1), {})],
  ])("that cannot be followed is no error, and its observation ends: %s", async (_name, make) => {
    const value = make();
    expect(watch(() => value)() === value).toBe(true);
    expect(await recorded()).toEqual([["f", "ok", undefined]]);
  });
});

describe("what is thrown", () => {
  const evil = (key: string): object =>
    Object.defineProperty({}, key, {
      get: () => {
        throw boom;
      },
    });
  class APIUserAbortError extends Error {}

  test.each<[string, unknown, string]>([
    ["a name that throws", evil("name"), "error"],
    ["a constructor that throws", evil("constructor"), "error"],
    ["a message that throws", Object.setPrototypeOf(evil("message"), Error.prototype), "error"],
    ["null", null, "error"],
    ["AbortError", new DOMException("stop", "AbortError"), "cancelled"],
    ["TimeoutError", new DOMException("late", "TimeoutError"), "error"],
    ["APIUserAbortError", new APIUserAbortError("Request was aborted."), "cancelled"],
    ["an abort as the cause", new Error("x", { cause: new DOMException("stop", "AbortError") }), "error"],
  ])("%s", async (_name, thrown, status) => {
    const fn = watch(() => {
      throw thrown;
    });
    let caught: unknown;
    try {
      fn();
    } catch (error) {
      caught = error;
    }
    expect(caught === thrown).toBe(true);
    expect(await recorded()).toEqual([["f", status, undefined]]);
  });
});
