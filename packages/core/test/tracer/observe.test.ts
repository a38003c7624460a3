import { describe, expect, test } from "vitest";
import { observe } from "../../src/index.ts";
import { recorded, tracer } from "./support/in-memory.ts";

describe("observe", () => {
  test("keeps this, arguments, result, name and length", async () => {
    class Greeter {
      greeting = "hello";
      greet = observe(
        function greet(this: Greeter, name: string, _mark = "!") {
          return `${this.greeting} ${name}`;
        },
        { tracer },
      );
    }
    const greeter = new Greeter();
    expect(greeter.greet("ada")).toBe("hello ada");
    expect(greeter.greet.name).toBe("greet");
    expect(greeter.greet.length).toBe(1);
    expect((await recorded()).greet).toMatchObject({ input: '"ada"', output: '"hello ada"' });
  });

  test("a thrown error passes through by identity and is recorded", async () => {
    const error = new Error("broken");
    const fail = observe(
      () => {
        throw error;
      },
      { tracer, name: "fail" },
    );
    expect(fail).toThrow(error);
    const failLater = observe(async () => Promise.reject(error), { tracer, name: "fail later" });
    await expect(failLater()).rejects.toBe(error);
    const records = await recorded();
    for (const name of ["fail", "fail later"]) {
      expect(records[name]).toMatchObject({ level: "ERROR", status: "error", statusMessage: "broken" });
    }
  });

  test("an abort is cancelled, not failed", async () => {
    const aborted = observe(async () => AbortSignal.abort().throwIfAborted(), { tracer, name: "aborted" });
    await expect(aborted()).rejects.toThrow();
    expect((await recorded()).aborted).toMatchObject({ status: "cancelled", level: "WARNING" });
  });

  test("an async generator ends when the iteration ends, and what it runs nests in it", async () => {
    const inner = observe(() => 1, { tracer, name: "inner" });
    const stream = observe(
      async function* () {
        yield "a";
        inner();
        yield "b";
      },
      { tracer, name: "stream" },
    );
    const items: string[] = [];
    for await (const item of stream()) items.push(item);
    expect(items).toEqual(["a", "b"]);
    const { stream: s, inner: i } = await recorded();
    expect(s).toMatchObject({ status: "ok", output: '["a","b"]' });
    expect(i!.parentId).toBe(s!.id);
  });

  test("a broken-off iteration is cancelled and keeps what it had", async () => {
    const count = observe(
      function* () {
        yield 1;
        yield 2;
      },
      { tracer, name: "count" },
    );
    for (const item of count()) if (item === 1) break;
    expect((await recorded()).count).toMatchObject({ status: "cancelled", output: "[1]" });
  });

  test("a lazy thenable is not started and ends with the caller's own then", async () => {
    let started = 0;
    const lazy = {
      // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
      then(onValue: (value: string) => void) {
        started++;
        onValue("rows");
      },
    };
    const query = observe(() => lazy, { tracer, name: "query" });
    const result = query();
    expect(result).toBe(lazy);
    expect(started).toBe(0);
    expect(await result).toBe("rows");
    expect(started).toBe(1);
    expect((await recorded()).query).toMatchObject({ output: '"rows"' });
  });

  test("unhandled rejections are those there would be without it", async () => {
    const seen: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void seen.push(reason);
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", onUnhandled);
    try {
      const fail = observe(async () => Promise.reject(new Error("nobody looks")), { tracer, name: "fail" });
      void fail();
      await fail().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen).toHaveLength(1);
    } finally {
      process.removeAllListeners("unhandledRejection");
      for (const listener of listeners) process.on("unhandledRejection", listener);
    }
  });
});
