import { decodeOtlp } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, init, spanwise, type OtlpProtocol, type Tracer, type TracerOptions } from "../../src/index.ts";

interface Sent {
  spans: number;
  instance: unknown;
}

const exports: Sent[] = [];
let status = 200;
let tracer: Tracer | undefined;

/** The user's `fetch`, as a fake clock and real sockets do not mix. */
const fakeFetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const bytes = new Uint8Array(await new Response(init!.body).arrayBuffer());
  const isJson = new Headers(init!.headers).get("content-type") === "application/json";
  const { spans, resources } = decodeOtlp(bytes, isJson ? "json" : "protobuf");
  expect(url).toBe("http://localhost:4777/v1/traces");
  exports.push({ spans: spans.length, instance: resources[0]!["spanwise.instance.id"] });
  return new Response(null, { status });
};

const realTimeout = setTimeout;

/** The fake clock, and then time for a body to be read, which takes turns of the real event loop. */
async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise((resolve) => realTimeout(resolve, 20));
}

beforeEach(() => {
  // Reading a body takes turns of the real event loop.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
  exports.length = 0;
  status = 200;
});
afterEach(async () => {
  const ending = tracer?.shutdown({ timeoutMs: 10 });
  await advance(50);
  await ending;
  vi.useRealTimers();
});

function live(options: { protocol?: OtlpProtocol; live?: boolean } = {}): Tracer {
  const exporter = spanwise({ baseUrl: "http://localhost:4777", protocol: options.protocol });
  tracer = createTracer({ exporters: [exporter], fetch: fakeFetch, live: options.live, logLevel: "silent" });
  return tracer;
}
const beats = (): Sent[] => exports.filter(({ spans }) => spans === 0);

describe("a heartbeat", () => {
  test.each<OtlpProtocol>(["http/protobuf", "http/json"])(
    "goes every ten seconds while an observation is open: the Resource and no spans (%s)",
    async (protocol) => {
      const work = live({ protocol }).startObservation("work");
      await advance(9_000);
      expect(exports).toHaveLength(1);
      const [announcement] = exports;
      expect(announcement!.spans).toBe(1);
      await advance(26_000);
      expect(beats()).toHaveLength(3);
      for (const beat of beats()) expect(beat.instance).toBe(announcement!.instance);
      expect(announcement!.instance).toMatch(/^[0-9a-f]{32}$/);
      work.end();
      await advance(60_000);
      expect(beats()).toHaveLength(3);
    },
  );

  test("begins again with the next announced observation", async () => {
    const first = live().startObservation("first");
    await advance(11_000);
    first.end();
    await advance(30_000);
    expect(beats()).toHaveLength(1);
    tracer!.startObservation("second");
    await advance(11_000);
    expect(beats()).toHaveLength(2);
  });

  test("is not sent when nothing was announced", async () => {
    live().startObservation("short").end();
    await advance(30_000);
    expect(beats()).toHaveLength(0);
  });

  test("is not sent where running observations are not shown", async () => {
    live({ live: false }).startObservation("work");
    await advance(30_000);
    expect(exports).toHaveLength(0);
  });

  test("ends with shutdown", async () => {
    live().startObservation("work");
    await advance(11_000);
    expect(beats()).toHaveLength(1);
    const ending = tracer!.shutdown({ timeoutMs: 100 });
    await advance(60_000);
    await ending;
    expect(beats()).toHaveLength(1);
  });

  test("that fails is no failure of the destination, and no record", async () => {
    live().startObservation("work");
    await advance(1_000);
    const before = tracer!.stats();
    status = 503;
    await advance(30_000);
    expect(beats()).toHaveLength(3);
    expect(tracer!.stats()).toEqual(before);
    expect(tracer!.stats()).toMatchObject({ lastError: undefined, sent: 0, open: 1, retried: 0 });
  });

  test("keeps its instance's name when init is called again", async () => {
    live().startObservation("work");
    await advance(1_000);
    await tracer!.shutdown({ timeoutMs: 10 }).catch(() => {});
    live().startObservation("more");
    await advance(1_000);
    expect(new Set(exports.map(({ instance }) => instance)).size).toBe(1);
  });
});

test.each([true, false])("what runs when init is called again is announced anew (told before: %s)", async (isTold) => {
  const again = (options: TracerOptions): Tracer =>
    (tracer = init({
      exporters: [spanwise({ baseUrl: "http://localhost:4777", protocol: "http/json" })],
      fetch: fakeFetch,
      logLevel: "silent",
      ...options,
    }));
  const work = again({ live: isTold }).startObservation("work");
  await advance(1_000);
  expect(exports.splice(0)).toHaveLength(isTold ? 1 : 0);
  again({});
  await advance(1_000);
  expect(exports.splice(0)).toMatchObject([{ spans: 1 }]);
  await advance(20_000);
  expect(exports.splice(0)).toMatchObject([{ spans: 0 }, { spans: 0 }]);
  work.end();
  await advance(1_000);
  expect(exports).toMatchObject([{ spans: 1 }]);
  expect(tracer!.stats()).toMatchObject({ open: 0, queued: 0 });
});
