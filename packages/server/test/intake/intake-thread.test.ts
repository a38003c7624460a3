import Database from "libsql";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import { IntakeThread } from "../../src/ingest/intake/intake-thread.ts";
import { exportOf, span, toProtobuf, type JsonSpan } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const LONG_TEXT = "a question of some length ".repeat(40);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spanwise-intake-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const traceId = (request: number): string => request.toString(16).padStart(32, "a");

/** Too large to be read between two requests, whatever the encoding. */
function largeExport(request: number, change: (span: JsonSpan, index: number) => JsonSpan = (one) => one) {
  const spans = Array.from({ length: 100 }, (_, index) => {
    const attributes = {
      "langfuse.observation.type": "generation",
      "langfuse.observation.input": JSON.stringify([{ role: "user", content: `${LONG_TEXT}${request}.${index}` }]),
      "gen_ai.response.model": index % 2 === 0 ? "house-model" : "gpt-4o",
      "gen_ai.usage.input_tokens": 1_000_000,
      "langfuse.trace.tags": ["a", "b"],
    };
    return change(span(index + 1, attributes, { traceId: traceId(request) }), index);
  });
  return exportOf(spans, { "service.name": "large", "spanwise.instance.id": `instance-${request}` });
}

function post(server: SpanwiseServer, body: Uint8Array, type: string, encoding?: string): Promise<Response> {
  const headers = { "content-type": type, ...(encoding === undefined ? {} : { "content-encoding": encoding }) };
  return fetch(`${server.url}/v1/traces`, { method: "POST", body: new Uint8Array(body), headers });
}

async function postScore(server: SpanwiseServer, index: number): Promise<number> {
  const body = JSON.stringify({ id: `s${index}`, traceId: traceId(0), name: "quality", value: 1 });
  const headers = { "content-type": JSON_TYPE };
  return (await fetch(`${server.url}/api/public/scores`, { method: "POST", headers, body })).status;
}

async function read(server: SpanwiseServer, path: string): Promise<unknown> {
  return (await fetch(server.url + path)).json();
}

it("stores the same from the thread, in every encoding, as the store without one", async () => {
  const sent = largeExport(1);
  const ways: [body: Uint8Array, type: string, encoding?: string][] = [
    [toProtobuf(sent), PROTOBUF],
    [Buffer.from(JSON.stringify(sent)), JSON_TYPE],
    [gzipSync(toProtobuf(sent)), PROTOBUF, "gzip"],
  ];
  const stored: unknown[] = [];
  for (const [index, db] of [":memory:", ...ways.keys()].entries()) {
    const [body, type, encoding] = ways[Math.max(0, index - 1)]!;
    const path = typeof db === "string" ? db : join(folder, `${db}.db`);
    await withServer({ db: path }, async (server) => {
      const price = { match: "house-*", provider: null, prices: { input: 7 } };
      const priced = await fetch(`${server.url}/api/prices`, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: JSON.stringify(price),
      });
      expect(priced.status).toBe(201);
      expect((await post(server, body, type, encoding)).status).toBe(200);
      stored.push(await read(server, `/api/traces/${traceId(1)}`));
    });
  }
  const [first] = stored as { observations: { cost: { total: number } | null }[] }[];
  expect(first?.observations).toHaveLength(100);
  expect(first?.observations.map(({ cost }) => cost?.total).slice(0, 2)).toEqual([7, expect.any(Number)]);
  for (const trace of stored) expect(trace).toEqual(first);
});

it("reads what is large on the thread, and what is small where it came", async () => {
  const take = vi.spyOn(IntakeThread.prototype, "take");
  await withServer({ db: join(folder, "sizes.db") }, async (server) => {
    expect((await post(server, toProtobuf(exportOf([span(1)])), PROTOBUF)).status).toBe(200);
    expect(take).toHaveBeenCalledTimes(0);
    expect((await post(server, toProtobuf(largeExport(1)), PROTOBUF)).status).toBe(200);
    expect(take).toHaveBeenCalledTimes(1);
  });
  take.mockRestore();
});

it("gives each of many requests its own answer", async () => {
  await withServer({ db: join(folder, "many.db") }, async (server) => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, async (_, request) => {
        const sound = toProtobuf(largeExport(request));
        const bodies = [
          sound,
          sound.subarray(0, sound.byteLength - 7),
          Buffer.from(JSON.stringify(largeExport(request, (one, at) => (at < request ? { ...one, spanId: "" } : one)))),
        ] as const;
        const type = request % 3 === 2 ? JSON_TYPE : PROTOBUF;
        const answer = await post(server, bodies[request % 3]!, type);
        return { status: answer.status, text: await answer.text() };
      }),
    );
    for (const [request, { status, text }] of answers.entries()) {
      expect(status).toBe(request % 3 === 1 ? 400 : 200);
      if (request % 3 === 2)
        expect(JSON.parse(text)).toMatchObject({ partialSuccess: { rejectedSpans: String(request) } });
    }
    for (const request of answers.keys()) {
      const found = await fetch(`${server.url}/api/traces/${traceId(request)}/skeleton`);
      expect(found.status).toBe(request % 3 === 1 ? 404 : 200);
      if (found.status !== 200) continue;
      expect(((await found.json()) as { count: number }).count).toBe(100 - (request % 3 === 2 ? request : 0));
    }
  });
});

it("tells the live stream and the status what came over the thread", async () => {
  await withServer({ db: join(folder, "live.db") }, async (server) => {
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/events`, { signal: stop.signal });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await post(server, toProtobuf(largeExport(3)), PROTOBUF)).status).toBe(200);
    let events = "";
    while (!events.includes(traceId(3))) events += (await reader.read()).value ?? "";
    stop.abort();
    expect(await read(server, "/api/status")).toMatchObject({ ingest: { observations: 100 } });
  });
});

it("refuses a body of brackets before it is parsed", async () => {
  await withServer({ db: join(folder, "brackets.db") }, async (server) => {
    const json = Buffer.from(`{"resourceSpans":[],"padding":[${"{},".repeat(4_000_001)}{}]}`);
    const answer = await post(server, gzipSync(json, { level: 1 }), JSON_TYPE, "gzip");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining("4000000 lists and objects") });
    const quoted = Buffer.from(JSON.stringify({ resourceSpans: [], padding: '{\\"['.repeat(4_000_001) }));
    expect((await post(server, gzipSync(quoted, { level: 1 }), JSON_TYPE, "gzip")).status).toBe(200);
  });
});

it("turns requests away before they are read while the write queue is full", async () => {
  const db = join(folder, "full.db");
  const room = 1.5 * (toProtobuf(largeExport(0)).byteLength + 100 * 1024);
  await withServer({ db, maxQueueBytes: room }, async (server) => {
    // While somebody else writes to the file, the server's writer waits.
    const other = new Database(db, { timeout: 4000 });
    other.exec("BEGIN IMMEDIATE");
    const statuses: number[] = [];
    const requests = Array.from({ length: 4 }, async (_, request) => {
      const { status } = await post(server, toProtobuf(largeExport(request)), PROTOBUF);
      statuses.push(status);
    });
    await expect.poll(() => statuses).toHaveLength(3);
    // Any other write too, when there is no room for it either: the sender may come again.
    const scores = Array.from({ length: 100 }, (_, index) => postScore(server, index));
    expect(await Promise.race(scores)).toBe(429);
    other.exec("ROLLBACK");
    other.close();
    await Promise.all([...requests, ...scores]);
    // One fits.
    expect(statuses).toEqual([429, 429, 429, 200]);
    const stored = (await read(server, "/api/status")) as { ingest: { observations: number } };
    expect(stored.ingest.observations).toBe(100);
    // Any other write too: the sender may come again.
    const sent = Array.from({ length: 24 }, (_, index) =>
      fetch(`${server.url}/api/public/scores`, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: JSON.stringify({ id: `s${index}`, traceId: traceId(0), name: "quality", value: 1 }),
      }),
    );
    const kinds = new Set((await Promise.all(sent)).map(({ status }) => status));
    expect([...kinds].filter((status) => status !== 200 && status !== 429)).toEqual([]);
  });
});
