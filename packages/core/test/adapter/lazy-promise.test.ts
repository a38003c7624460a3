import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observeLazyPromise, RAW_GRACE_MS, UNTOUCHED_GRACE_MS } from "../../src/adapter/lazy-promise.ts";

/** Asks at once and parses at the first `then`, as the clients' `APIPromise` does. */
class Lazy<T> extends Promise<T> {
  parsed: Promise<T> | undefined;
  constructor(
    private responsePromise: Promise<unknown>,
    private parseResponse: (response: unknown) => T | Promise<T>,
  ) {
    super((resolve) => resolve(null as T));
  }
  asResponse(): Promise<unknown> {
    return this.responsePromise.then((response) => response);
  }
  // oxlint-disable-next-line unicorn/no-thenable -- what is imitated is one
  override then<A = T, B = never>(
    a?: ((value: T) => A | PromiseLike<A>) | null,
    b?: ((e: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.parsed ??= this.responsePromise.then((response) => this.parseResponse(response));
    return this.parsed.then(a, b);
  }
}

function observed<T>(
  lazy: Lazy<T>,
  recover?: (error: unknown) => Promise<unknown> | undefined,
): { heard: unknown[]; lazy: Lazy<T> } {
  const heard: unknown[] = [];
  const ok = observeLazyPromise(lazy, {
    onResponse: (response) => heard.push(["response", response]),
    onError: (error) => heard.push(["error", error]),
    onParsed: (result) => heard.push(["parsed", result]),
    onParseError: (error) => heard.push(["parse error", error]),
    onUnparsed: () => heard.push(["unparsed"]),
    recover,
  });
  expect(ok).toBe(true);
  return { heard, lazy };
}

let unhandled: unknown[];
let others: NodeJS.UnhandledRejectionListener[];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onUnhandled);
});
afterEach(() => {
  vi.useRealTimers();
  process.removeAllListeners("unhandledRejection");
  for (const listener of others) process.on("unhandledRejection", listener);
});
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));

describe("observeLazyPromise", () => {
  it("hears the response, then the result of the caller's own parse, once", async () => {
    const parse = vi.fn((response: unknown) => `parsed ${String(response)}`);
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), parse));
    await settle();
    expect(heard).toEqual([["response", "r"]]);
    expect(parse).not.toHaveBeenCalled();
    expect([await lazy, await lazy]).toEqual(["parsed r", "parsed r"]);
    expect(heard).toEqual([
      ["response", "r"],
      ["parsed", "parsed r"],
    ]);
  });

  it("keeps the object: class, own fields and their listing", () => {
    const lazy = new Lazy(Promise.resolve(1), () => 1);
    const before = [Object.getOwnPropertyNames(lazy), Object.getPrototypeOf(lazy)];
    observed(lazy);
    expect([Object.getOwnPropertyNames(lazy), Object.getPrototypeOf(lazy)]).toEqual(before);
  });

  it("sets no `then` on a promise: V8 would look it up on every promise of the process from then on", () => {
    const { lazy } = observed(new Lazy(Promise.resolve(1), () => 1));
    const request = (lazy as unknown as { responsePromise: Promise<unknown> }).responsePromise;
    expect([request instanceof Promise, Object.hasOwn(request, "then")]).toEqual([true, false]);
  });

  it("leaves one unhandled rejection of a failure that nobody handles", async () => {
    const error = new Error("down");
    const { heard } = observed(new Lazy(Promise.reject(error), () => 1));
    await settle();
    expect(unhandled).toEqual([error]);
    expect(heard).toEqual([["error", error]]);
  });

  it("leaves none of a failure that is handled, and the error is the same", async () => {
    const error = new Error("down");
    const { lazy } = observed(new Lazy(Promise.reject(error), () => 1));
    expect(await lazy.then(undefined, (e: unknown) => e)).toBe(error);
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("hears an error of the parse", async () => {
    const error = new Error("no JSON");
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), () => Promise.reject(error)));
    await expect(lazy).rejects.toBe(error);
    expect(heard.at(-1)).toEqual(["parse error", error]);
  });

  it("recovers before anybody hears of the failure", async () => {
    const { heard, lazy } = observed(new Lazy(Promise.reject(new Error("refused")), String), () =>
      Promise.resolve("again"),
    );
    expect(await lazy).toBe("again");
    expect(heard).toEqual([
      ["response", "again"],
      ["parsed", "again"],
    ]);
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("lets the failure stand where recovery has nothing or throws", async () => {
    const error = new Error("refused");
    const nothing = observed(new Lazy(Promise.reject(error), String), () => undefined);
    await expect(nothing.lazy).rejects.toBe(error);
    const throwing = observed(new Lazy(Promise.reject(error), String), () => {
      throw new Error("ours");
    });
    await expect(throwing.lazy).rejects.toBe(error);
  });

  it("calls a raw response unparsed after its grace", async () => {
    vi.useFakeTimers();
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), String));
    expect(await lazy.asResponse()).toBe("r");
    await vi.advanceTimersByTimeAsync(RAW_GRACE_MS - 1);
    expect(heard).toEqual([["response", "r"]]);
    await vi.advanceTimersByTimeAsync(2);
    expect(heard).toEqual([["response", "r"], ["unparsed"]]);
    expect(await lazy).toBe("r");
    expect(heard).toHaveLength(2);
  });

  it("parsed within the grace of its raw response it is told once, as parsed", async () => {
    vi.useFakeTimers();
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), String));
    const [raw, parsed] = await Promise.all([lazy.asResponse(), lazy]);
    await vi.advanceTimersByTimeAsync(UNTOUCHED_GRACE_MS);
    expect([raw, parsed, vi.getTimerCount()]).toEqual(["r", "r", 0]);
    expect(heard).toEqual([
      ["response", "r"],
      ["parsed", "r"],
    ]);
  });

  it("counts the grace of a raw response from when it was taken", async () => {
    vi.useFakeTimers();
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), String));
    await vi.advanceTimersByTimeAsync(RAW_GRACE_MS);
    expect(await lazy.asResponse()).toBe("r");
    await vi.advanceTimersByTimeAsync(RAW_GRACE_MS - 1);
    expect(heard).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(heard).toEqual([["response", "r"], ["unparsed"]]);
  });

  it("waits longer for a promise that nobody touched and somebody holds", async () => {
    vi.useFakeTimers();
    const { heard, lazy } = observed(new Lazy(Promise.resolve("r"), String));
    await vi.advanceTimersByTimeAsync(UNTOUCHED_GRACE_MS - 1);
    expect(heard).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(heard).toEqual([["response", "r"], ["unparsed"]]);
    void lazy;
  });

  it("keeps what the observer throws from the caller", async () => {
    const lazy = new Lazy(Promise.resolve("r"), String);
    const fail = (): never => {
      throw new Error("ours");
    };
    observeLazyPromise(lazy, { onResponse: fail, onParsed: fail, onUnparsed: fail });
    expect(await lazy).toBe("r");
  });

  it("leaves anything else alone", () => {
    const frozen = Object.freeze({ responsePromise: Promise.resolve(1), parseResponse: () => 1 });
    for (const other of [Promise.resolve(1), {}, frozen]) expect(observeLazyPromise(other, {})).toBe(false);
  });
});
