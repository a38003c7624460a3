import { createServer, type AddressInfo } from "node:net";
import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";
import { platform } from "../../src/platform/node.ts";
import { AwakeClock } from "../../src/transport/awake-clock.ts";

const HOUR_MS = 3_600_000;

let sink: Sink;
let tracer: Tracer;

let frozenMs = 0;

/** Only the clocks jump: a frozen process finds its timers where they were. */
beforeEach(async () => {
  frozenMs = 0;
  for (const clock of [Date, performance]) {
    const now = clock.now.bind(clock);
    vi.spyOn(clock, "now").mockImplementation(() => now() + frozenMs);
  }
  sink = await createSink();
});
afterEach(async () => {
  await tracer?.shutdown({ timeoutMs: 50 });
  await sink.close();
  vi.restoreAllMocks();
});

const freeze = (ms: number): void => void (frozenMs += ms);

function start(options: TracerOptions): Tracer {
  const exporters = [spanwise({ baseUrl: sink.url })];
  tracer = createTracer({ exporters, live: false, logLevel: "silent", ...options });
  return tracer;
}

describe("a process that was frozen", () => {
  test("does not let expire what waited in it", async () => {
    sink.script([{ status: 503, times: 1 }]);
    start({ maxAgeMs: 60_000 }).startObservation("work").end();
    expect(await tracer.flush({ timeoutMs: 20 })).toMatchObject({ pending: 1 });
    freeze(HOUR_MS);
    expect(await tracer.flush()).toMatchObject({ sent: 1, dropped: 0, pending: 0 });
  });

  test("does not let expire what was under way, and failed when the process went on", async () => {
    sink.script([
      { hang: "read", times: 1 },
      { status: 503, times: 1 },
    ]);
    start({ maxAgeMs: 60_000, flushInterval: 1 }).startObservation("work").end();
    await sink.waitFor(({ requests }) => requests.length === 1);
    freeze(HOUR_MS);
    expect(await tracer.flush()).toMatchObject({ sent: 1, dropped: 0, pending: 0 });
    expect(tracer.stats()).toMatchObject({ retried: 2, dropped: {} });
  });

  test("lets expire what waited while it ran", async () => {
    sink.script([{ status: 503, times: Infinity }]);
    start({ maxAgeMs: 60_000 }).startObservation("work").end();
    for (let i = 0; i < 8; i++) {
      await tracer.flush({ timeoutMs: 20 });
      freeze(10_000);
    }
    await tracer.flush({ timeoutMs: 20 });
    expect(tracer.stats()).toMatchObject({ queued: 0, dropped: { expired: 1 } });
  });

  test("sends again what was under way, without waiting for its time-out", async () => {
    sink.script([{ hang: "read", times: 1 }]);
    start({ timeoutMs: 60_000, flushInterval: 1 }).startObservation("work").end();
    await sink.waitFor(({ requests }) => requests.length === 1);
    freeze(HOUR_MS);
    expect(await tracer.flush({ timeoutMs: 5_000 })).toEqual({ sent: 1, failed: 0, dropped: 0, pending: 0 });
    expect(sink.spans().map(({ name }) => name)).toEqual(["work"]);
    expect(tracer.stats()).toMatchObject({ sent: 1, retried: 1, queued: 0, bytesHeld: 0 });
  });

  test("counts once what was delivered twice: the first answer came after all", async () => {
    let answerFirst!: (response: Response) => void;
    const first = new Promise<Response>((resolve) => (answerFirst = resolve));
    const fetch = vi.fn<typeof globalThis.fetch>().mockReturnValueOnce(first).mockResolvedValue(new Response(null));
    start({ fetch, flushInterval: 1 }).startObservation("work").end();
    await expect.poll(() => fetch).toHaveBeenCalledTimes(1);
    freeze(HOUR_MS);
    expect(await tracer.flush()).toMatchObject({ sent: 1 });
    answerFirst(new Response(null));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(tracer.stats()).toMatchObject({ started: 1, sent: 1, queued: 0, bytesHeld: 0 });
  });

  test("opens a new connection in place of one whose other end fell silent", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      let requests = 0;
      socket.on("error", () => {});
      socket.on("data", () => {
        if (++requests === 1) socket.write("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const send = () =>
      platform.send({ method: "POST", url, headers: {}, body: [], signal: AbortSignal.timeout(10_000) });
    expect((await send()).status).toBe(200);
    await new Promise((resolve) => setImmediate(resolve));
    freeze(HOUR_MS);
    expect((await send()).status).toBe(200);
    expect(connections).toBe(2);
    server.close();
  });
});

describe("the awake clock", () => {
  /** Whole seconds since its first reading. */
  const started = () => {
    const clock = new AwakeClock();
    const startedAt = clock.read(0, 0);
    return (dueAt: number, busyMs: number) => Math.floor((clock.read(dueAt, busyMs) - startedAt) / 1_000);
  };

  test("leaves out what is longer than any wait", () => {
    const read = started();
    freeze(4_000);
    expect(read(0, 1_000)).toBe(4);
    freeze(HOUR_MS);
    expect(read(0, 1_000)).toBe(10);
    freeze(3_000);
    expect(read(0, 1_000)).toBe(13);
  });

  test("takes a wait to its end for time awake", () => {
    const read = started();
    const dueAt = performance.now() + 60_000;
    freeze(HOUR_MS);
    expect(read(dueAt, 0)).toBe(65);
  });
});
