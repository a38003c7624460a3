import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { SILENT_BATCH_MS } from "../../src/ingest/langfuse/silence.ts";
import { createServer, type ObservationSummary, type SpanwiseServer, type TraceDetail } from "../../src/index.ts";
import { call } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-silence-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const T0 = Date.parse("2026-11-01T12:00:00Z");
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString();

// The server's clock and the timer of its checks; HTTP and the store go on in real time.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: T0 });
});
afterEach(() => {
  vi.useRealTimers();
});

let events = 0;
async function send(server: SpanwiseServer, type: string, atMs: number, body: object): Promise<void> {
  events += 1;
  const batch = [{ id: `event-${events}`, type, timestamp: iso(atMs), body }];
  expect((await call(server, "POST", "/api/public/ingestion", { batch })).status).toBe(207);
}

async function read(
  server: SpanwiseServer,
): Promise<{ trace: TraceDetail["trace"]; rows: Record<string, ObservationSummary> }> {
  const { trace, observations } = (await (await fetch(`${server.url}/api/traces/t1`)).json()) as TraceDetail;
  return { trace, rows: Object.fromEntries(observations.map((row) => [row.name, row])) };
}

it.each(["memory", "sqlite"])(
  "%s store: what a batch never ended is incomplete when its trace has gone silent, until more of it comes",
  async (kind) => {
    const server = await createServer({ port: 0, db: kind === "memory" ? ":memory:" : join(folder, "silence.db") });
    try {
      await send(server, "trace-create", 0, { id: "t1", name: "answer", timestamp: iso(0) });
      await send(server, "generation-create", 100, {
        id: "g",
        traceId: "t1",
        name: "never ended",
        startTime: iso(100),
        model: "gpt-4o",
        usage: { input: 1000, output: 10 },
      });
      await send(server, "span-create", 200, { id: "s", traceId: "t1", name: "slow", startTime: iso(200) });
      await send(server, "event-create", 5000, { id: "e", traceId: "t1", name: "a note", startTime: iso(5000) });

      await vi.advanceTimersByTimeAsync(SILENT_BATCH_MS);
      expect((await read(server)).rows).toMatchObject({
        "never ended": { status: "running" },
        slow: { status: "running" },
      });

      await vi.advanceTimersByTimeAsync(2 * 60_000);
      await vi.waitFor(async () => expect((await read(server)).rows["slow"]?.status).toBe("incomplete"), {
        timeout: 20_000,
      });
      const { trace, rows } = await read(server);
      expect(trace).toMatchObject({ name: "answer", endTime: T0 + 5000, status: "ok" });
      expect(rows).toMatchObject({
        "never ended": { status: "incomplete", level: "WARNING", endTime: T0 + 5000, costSource: "computed" },
        slow: { status: "incomplete", endTime: T0 + 5000 },
        "a note": { status: "ok", endTime: T0 + 5000 },
      });

      await send(server, "span-update", 900_000, { id: "s", traceId: "t1", output: "still at it" });
      expect((await read(server)).rows["slow"]).toMatchObject({ status: "running", level: "DEFAULT", endTime: null });
      await send(server, "span-update", 910_000, { id: "s", traceId: "t1", endTime: iso(910_000) });
      expect((await read(server)).rows).toMatchObject({
        slow: { status: "ok", level: "DEFAULT", endTime: T0 + 910_000 },
        "never ended": { status: "incomplete" },
      });
    } finally {
      vi.useRealTimers();
      await server.close();
    }
  },
);
