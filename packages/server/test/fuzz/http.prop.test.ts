import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer, type TraceListResponse } from "../../src/index.ts";
import { exportOf, span, toProtobuf } from "../otlp-messages.ts";
import { anyJson, chaoticJson, mutated, PROTOBUF_BODIES } from "./bodies.ts";

const JSON_TYPE = { "content-type": "application/json" };
const PROTOBUF = { "content-type": "application/x-protobuf" };
const GZIP = { "content-encoding": "gzip" };

let server: SpanwiseServer;
const failures: unknown[] = [];
beforeAll(async () => {
  server = await createServer({ port: 0, db: ":memory:", onError: (error) => failures.push(error) });
});
afterAll(() => server.close());

async function post(path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<number> {
  const bytes = typeof body === "string" ? body : new Uint8Array(body);
  const answer = await fetch(server.url + path, { method: "POST", body: bytes, headers });
  await answer.arrayBuffer();
  return answer.status;
}

async function countObservations(): Promise<number> {
  const { data } = (await (await fetch(`${server.url}/api/traces?limit=200`)).json()) as TraceListResponse;
  return data.reduce((sum, trace) => sum + trace.observationCount, 0);
}

/** Taken, or refused with a reason and then nothing of it is stored; never a failure of the server's own. */
async function expectSound(path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<void> {
  const before = await countObservations();
  const status = await post(path, body, headers);
  expect([200, 207, 201, 400, 404, 413, 415]).toContain(status);
  if (status >= 400) expect(await countObservations()).toBe(before);
  expect(failures).toEqual([]);
}

describe("routes under hostile input", { timeout: 120_000 }, () => {
  it("take protobuf with changed bytes, or refuse it and store nothing of it", async () => {
    const sent = fc.tuple(mutated(PROTOBUF_BODIES), fc.boolean());
    await fc.assert(
      fc.asyncProperty(sent, ([body, isZipped]) =>
        expectSound("/v1/traces", isZipped ? gzipSync(body) : body, isZipped ? { ...PROTOBUF, ...GZIP } : PROTOBUF),
      ),
      { numRuns: 150 },
    );
  });

  it("take JSON with any value anywhere, or refuse it and store nothing of it", async () => {
    await fc.assert(
      fc.asyncProperty(chaoticJson, (body) => expectSound("/v1/traces", JSON.stringify(body), JSON_TYPE)),
      { numRuns: 150 },
    );
  });

  it("take broken gzip for what it is", async () => {
    const bodies = PROTOBUF_BODIES.map((body) => gzipSync(body));
    await fc.assert(
      fc.asyncProperty(mutated(bodies), (body) => expectSound("/v1/traces", body, { ...PROTOBUF, ...GZIP })),
      { numRuns: 150 },
    );
  });

  it.each(["/api/public/ingestion", "/api/public/scores", "/api/public/media"])("take any JSON at %s", async (path) => {
    const types = [
      "trace-create",
      "span-create",
      "span-update",
      "generation-create",
      "score-create",
      "event-create",
      "x",
    ];
    const event = fc.record({ id: anyJson, type: fc.constantFrom(...types), timestamp: anyJson, body: anyJson });
    const body = fc.oneof(anyJson, fc.record({ batch: fc.oneof(anyJson, fc.array(event, { maxLength: 4 })) }));
    await fc.assert(
      fc.asyncProperty(body, (value) => expectSound(path, JSON.stringify(value), JSON_TYPE)),
      { numRuns: 100 },
    );
  });

  it("refuses JSON bombs: deep, wide, long numbers", async () => {
    const deep = (open: string, close: string): string => open.repeat(200_000) + close.repeat(200_000);
    const attributes = (value: string): string => {
      const text = JSON.stringify(exportOf([{ ...span(1), attributes: [{ key: "bomb", value: "BOMB" }] }]));
      return text.replace('"BOMB"', value);
    };
    const bombs = [
      `{"resourceSpans":${deep("[", "]")}}`,
      attributes(`{"arrayValue":{"values":[${'{"intValue":1},'.repeat(200_000)}{"intValue":1}]}}`),
      attributes(`{"intValue":${"9".repeat(1_000_000)}}`),
      attributes(`{"stringValue":"${"x".repeat(4_000_000)}"}`),
      attributes(`{"arrayValue":{"values":[`.repeat(500) + "{}" + "]}}".repeat(500)),
    ];
    for (const bomb of bombs) await expectSound("/v1/traces", bomb, JSON_TYPE);
  });

  it("holds no more than its budget while gzip bombs come in together", async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    // Its last four bytes tell its size: one that lies about it must not get further.
    const liar = Buffer.from(bomb);
    liar.writeUInt32LE(1000, liar.length - 4);
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    let peak = 0;
    const sampler = setInterval(() => {
      const { arrayBuffers, external } = process.memoryUsage();
      peak = Math.max(peak, arrayBuffers + external - before);
    }, 5);
    const statuses = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        post("/v1/traces", index % 2 === 0 ? bomb : liar, { ...PROTOBUF, ...GZIP }),
      ),
    );
    clearInterval(sampler);
    for (const status of statuses) expect([413, 429]).toContain(status);
    expect(peak).toBeLessThan(1024 * 1024 * 1024);
    expect(await post("/v1/traces", toProtobuf(exportOf([span(1)])), PROTOBUF)).toBe(200);
    expect(failures).toEqual([]);
  });
});
