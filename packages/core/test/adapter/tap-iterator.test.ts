import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tapAsyncIterable } from "../../src/adapter/tap-iterator.ts";

class Source {
  pulls = 0;
  closed = false;
  constructor(
    private items: readonly unknown[],
    private error?: Error,
  ) {}
  iterator = async function* (this: Source): AsyncGenerator<unknown, string> {
    try {
      for (const item of this.items) {
        this.pulls += 1;
        yield item;
      }
      if (this.error) throw this.error;
      return "the end";
    } finally {
      this.closed = true;
    }
  };
  [Symbol.asyncIterator](): AsyncGenerator<unknown, string> {
    return this.iterator();
  }
}

function tapped(source: Source, hide?: (item: unknown) => boolean): { source: Source; heard: unknown[] } {
  const heard: unknown[] = [];
  const observer = {
    onItem(item: unknown) {
      heard.push(item);
      return hide?.(item) ? ("hide" as const) : undefined;
    },
    onEnd: (reason: string, error?: unknown) => void heard.push(error === undefined ? [reason] : [reason, error]),
  };
  expect(tapAsyncIterable(source, observer, "iterator")).toBe(true);
  return { source, heard };
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const out: unknown[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe("tapAsyncIterable", () => {
  it("hears each item and the end, and gives the consumer the same", async () => {
    const { source, heard } = tapped(new Source([1, 2]));
    expect(await collect(source)).toEqual([1, 2]);
    expect(heard).toEqual([1, 2, ["done"]]);
  });

  it("reads in step with the consumer, never ahead", async () => {
    const { source, heard } = tapped(new Source([1, 2, 3]));
    const iterator = source[Symbol.asyncIterator]();
    expect([source.pulls, heard.length]).toEqual([0, 0]);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect([source.pulls, heard.length]).toEqual([1, 1]);
  });

  it("forwards return and hears a break once", async () => {
    const { source, heard } = tapped(new Source([1, 2, 3]));
    for await (const item of source) if (item === 2) break;
    expect(source.closed).toBe(true);
    expect(heard).toEqual([1, 2, ["break"]]);
  });

  it("forwards throw and return values", async () => {
    const mine = new Error("mine");
    const first = tapped(new Source([1])).source[Symbol.asyncIterator]();
    await first.next();
    await expect(first.throw(mine)).rejects.toBe(mine);
    const second = tapped(new Source([1])).source[Symbol.asyncIterator]();
    expect(await second.return("mine")).toEqual({ done: true, value: "mine" });
    const third = tapped(new Source([])).source[Symbol.asyncIterator]();
    expect(await third.next()).toEqual({ done: true, value: "the end" });
  });

  it("hears an error of the source, which stays the same object", async () => {
    const error = new Error("broke");
    const { source, heard } = tapped(new Source([1], error));
    await expect(collect(source)).rejects.toBe(error);
    expect(heard).toEqual([1, ["error", error]]);
  });

  it("hides what it is told to, at the end too", async () => {
    const isOdd = (item: unknown): boolean => Number(item) % 2 === 1;
    const { source, heard } = tapped(new Source([1, 2, 3, 4, 5]), isOdd);
    expect(await collect(source)).toEqual([2, 4]);
    expect(heard).toEqual([1, 2, 3, 4, 5, ["done"]]);
  });

  it("keeps the iterator's class and object", () => {
    const { source } = tapped(new Source([1]));
    const iterator = source[Symbol.asyncIterator]();
    expect(Object.prototype.toString.call(iterator)).toBe("[object AsyncGenerator]");
    expect(Object.keys(iterator)).toEqual([]);
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  });

  it("observes the first iteration only", async () => {
    const { source, heard } = tapped(new Source([1]));
    await collect(source);
    expect(await collect(source)).toEqual([1]);
    expect(heard).toEqual([1, ["done"]]);
  });

  it("works on any async iterable, and on none other", async () => {
    const heard: unknown[] = [];
    const observer = {
      onItem: (item: unknown) => void heard.push(item),
      onEnd: (reason: string) => void heard.push(reason),
    };
    const iterable = { [Symbol.asyncIterator]: () => new Source(["a"]).iterator.call(new Source(["a"])) };
    expect(tapAsyncIterable(iterable, observer)).toBe(true);
    expect(await collect(iterable)).toEqual(["a"]);
    expect(heard).toEqual(["a", "done"]);
    expect(tapAsyncIterable({}, observer)).toBe(false);
  });

  it("keeps what the observer throws from the consumer", async () => {
    const fail = (): never => {
      throw new Error("ours");
    };
    const source = new Source([1, 2]);
    tapAsyncIterable(source, { onItem: fail, onEnd: fail }, "iterator");
    expect(await collect(source)).toEqual([1, 2]);
  });

  it("gives any consumer what it would get without, however far it reads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.nat(12), async (items, reads) => {
        const run = async (source: Source): Promise<unknown> => {
          const iterator = source[Symbol.asyncIterator]();
          const seen = [];
          for (let i = 0; i < reads; i += 1) seen.push(await iterator.next());
          seen.push(await iterator.return("x"), source.pulls);
          return seen;
        };
        expect(await run(tapped(new Source(items)).source)).toEqual(await run(new Source(items)));
      }),
    );
  });
});
