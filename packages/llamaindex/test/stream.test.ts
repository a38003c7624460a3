import fc from "fast-check";
import { expect, test } from "vitest";
import { followStream, isStream } from "../src/stream.ts";

function follow(stream: object, log: unknown[] = []): unknown[] {
  followStream(stream, {
    scope: (fn) => fn(),
    onItem: (item) => void log.push(item),
    onEnd: (reason, error) => void log.push(error === undefined ? reason : [reason, error]),
  });
  return log;
}

async function* generate(items: readonly unknown[], error?: unknown): AsyncGenerator {
  yield* items;
  if (error !== undefined) throw error;
}

function readable(items: readonly unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const reads: Record<string, (items: unknown[]) => [object, () => Promise<unknown[]>]> = {
  "a generator in a loop": (items) => {
    const stream = generate(items);
    return [stream, () => readAll(stream)];
  },
  "a generator by hand": (items) => {
    const stream = generate(items);
    return [
      stream,
      async () => {
        const out: unknown[] = [];
        for (let item = await stream.next(); !item.done; item = await stream.next()) out.push(item.value);
        return out;
      },
    ];
  },
  "an iterable that is no iterator": (items) => {
    const stream = { [Symbol.asyncIterator]: () => generate(items) };
    return [stream, () => readAll(stream)];
  },
  "a ReadableStream in a loop": (items) => {
    const stream = readable(items);
    return [stream, () => readAll(stream)];
  },
  "a ReadableStream by its reader": (items) => {
    const stream = readable(items);
    return [
      stream,
      async () => {
        const reader = stream.getReader();
        const out: unknown[] = [];
        for (let item = await reader.read(); !item.done; item = await reader.read()) out.push(item.value);
        return out;
      },
    ];
  },
  "a ReadableStream through a pipe": (items) => {
    const stream = readable(items);
    return [stream, () => readAll(stream.pipeThrough(new TransformStream()))];
  },
  "one branch of a ReadableStream": (items) => {
    const stream = readable(items);
    return [stream, () => readAll(stream.tee()[0])];
  },
};

test.each(Object.keys(reads))("%s gives every item, and one end", async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { maxLength: 20 }), async (items) => {
      const [stream, read] = reads[name]!(items);
      const log = follow(stream);
      expect(await read()).toEqual(items);
      expect(log).toEqual([...items, "done"]);
    }),
    { numRuns: 20 },
  );
});

test("an error is the stream's own, told once", async () => {
  const error = new Error("broken");
  const stream = generate(["a"], error);
  const log = follow(stream);
  await expect(readAll(stream)).rejects.toBe(error);
  expect(log).toEqual(["a", ["error", error]]);
});

test("what the consumer stops is broken off", async () => {
  const stopped = generate(["a", "b"]);
  const first = follow(stopped);
  for await (const item of stopped) if (item === "a") break;
  expect(first).toEqual(["a", "break"]);

  const cancelled = readable(["a", "b"]);
  const second = follow(cancelled);
  const reader = cancelled.getReader();
  await reader.read();
  await reader.cancel();
  expect(second).toEqual(["a", "break"]);

  const unread = readable(["a"]);
  const third = follow(unread);
  await unread.cancel();
  expect(third).toEqual(["break"]);
});

test("a locked stream refuses to be cancelled and goes on", async () => {
  const stream = readable(["a"]);
  const log = follow(stream);
  const reader = stream.getReader();
  await expect(stream.cancel()).rejects.toThrow(TypeError);
  await reader.read();
  await reader.read();
  expect(log).toEqual(["a", "done"]);
});

test("an item that is hidden is not seen by the consumer", async () => {
  const stream = generate(["a", "hidden", "b"]);
  followStream(stream, {
    scope: (fn) => fn(),
    onItem: (item) => (item === "hidden" ? "hide" : undefined),
    onEnd: () => {},
  });
  expect(await readAll(stream)).toEqual(["a", "b"]);
});

test("what is a stream", () => {
  expect([generate([]), readable([]), { [Symbol.asyncIterator]: () => ({}) }].map(isStream)).toEqual([
    true,
    true,
    true,
  ]);
  expect(["text", [1], {}, null, undefined, () => {}].map(isStream)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
