import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChangeBus } from "../src/live/bus.ts";
import { InstanceWatch } from "../src/live/instances.ts";
import { MAX_OPEN_INSTANCES } from "../src/store/instances.ts";
import { createMemoryStore } from "../src/store/memory/memory-store.ts";
import {
  createServer,
  type ChangeEvent,
  type ObservationSummary,
  type SpanwiseServer,
  type TraceDetail,
} from "../src/index.ts";
import { exportOf, span, type JsonExport } from "./otlp-messages.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const folder = mkdtempSync(join(tmpdir(), "spanwise-instances-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The clock of the server and the timer of its checks; HTTP and the store go on in real time.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Closing waits with a timer of its own. */
async function close(server: SpanwiseServer): Promise<void> {
  vi.useRealTimers();
  await server.close();
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
}

async function waitForStatus(server: SpanwiseServer, status: string): Promise<void> {
  await vi.waitFor(async () => expect(await observe(server)).toMatchObject({ status }), { timeout: 20_000 });
}

const RESOURCE = { "spanwise.instance.id": "process-1" };
const START = { "spanwise.record": "start", "spanwise.observation.status": "running" };

async function send(server: SpanwiseServer, body: JsonExport): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  expect(answer.status).toBe(200);
}

/** What our SDK sends every ten seconds: its resource and nothing else. */
function heartbeat(server: SpanwiseServer): Promise<void> {
  const { resourceSpans } = exportOf([], RESOURCE);
  return send(server, { resourceSpans: resourceSpans.map(({ resource }) => ({ resource, scopeSpans: [] })) });
}

async function observe(server: SpanwiseServer): Promise<ObservationSummary | undefined> {
  const answer = await fetch(`${server.url}/api/traces/${TRACE_ID}`);
  return ((await answer.json()) as TraceDetail).observations[0];
}

/** A live stream's events, until one names the trace. */
async function nextChange(server: SpanwiseServer, act: () => Promise<void>): Promise<void> {
  const abort = new AbortController();
  const stream = await fetch(`${server.url}/api/events`, { signal: abort.signal });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  await act();
  let text = "";
  while (!text.includes("data: ")) text += (await reader?.read())?.value ?? "";
  abort.abort();
  const event = JSON.parse(/data: (.*)/.exec(text)?.[1] ?? "{}") as ChangeEvent;
  expect(event.traceIds).toContain(TRACE_ID);
}

// Each waits for commits, and a loaded machine takes its time for them.
vi.setConfig({ testTimeout: 60_000 });

describe.each(["memory", "sqlite"])("processes and what they leave open: %s", (kind) => {
  let count = 0;
  const path = (): string => (kind === "memory" ? ":memory:" : join(folder, `${(count += 1)}.db`));

  it("marks what a silent process left open, tells the viewer, and lets a late end win", async () => {
    const server = await createServer({ port: 0, db: path() });
    await send(server, exportOf([span(1, START)], RESOURCE));
    expect(await observe(server)).toMatchObject({ status: "running", endTime: null });

    for (let beat = 0; beat < 12; beat++) {
      vi.advanceTimersByTime(10_000);
      await heartbeat(server);
    }
    const lastBeat = Date.now();
    vi.advanceTimersByTime(50_000);
    expect(await observe(server)).toMatchObject({ status: "running" });

    await nextChange(server, async () => {
      vi.advanceTimersByTime(20_000);
    });
    const left = await observe(server);
    expect(left).toMatchObject({ status: "incomplete", level: "WARNING" });
    expect(left?.endTime).toBe(Math.max(lastBeat, left?.startTime ?? 0));

    await send(server, exportOf([span(1)], RESOURCE));
    expect(await observe(server)).toMatchObject({ status: "ok", level: "DEFAULT" });
    await close(server);
  });

  it("runs again when the process speaks after all", async () => {
    const server = await createServer({ port: 0, db: path() });
    await send(server, exportOf([span(1, START)], RESOURCE));
    vi.advanceTimersByTime(70_000);
    await waitForStatus(server, "incomplete");
    await heartbeat(server);
    await waitForStatus(server, "running");
    expect(await observe(server)).toMatchObject({ status: "running", level: "DEFAULT", endTime: null });
    await close(server);
  });
});

it("marks what was left open before the server started, a minute after its start", async () => {
  const db = join(folder, "restart.db");
  const first = await createServer({ port: 0, db });
  await send(first, exportOf([span(1, START)], RESOURCE));
  await close(first);

  const second = await createServer({ port: 0, db });
  vi.advanceTimersByTime(55_000);
  expect(await observe(second)).toMatchObject({ status: "running" });
  vi.advanceTimersByTime(10_000);
  await waitForStatus(second, "incomplete");
  await close(second);

  // Durable, and still taken back when the process turns out to live.
  const third = await createServer({ port: 0, db });
  expect(await observe(third)).toMatchObject({ status: "incomplete" });
  await heartbeat(third);
  await waitForStatus(third, "running");
  await close(third);
});

it("counts the instances that it forgets", () => {
  const watch = new InstanceWatch(createMemoryStore(), new ChangeBus(), (error) => expect.unreachable(String(error)));
  for (let number = 0; number < MAX_OPEN_INSTANCES + 3; number++) watch.heard("default", `process-${number}`);
  watch.heard("default", `process-${MAX_OPEN_INSTANCES}`);
  expect(watch.status).toEqual({ watched: MAX_OPEN_INSTANCES, evicted: 3 });
});
