import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer, type TraceDetail, type TraceListResponse } from "../src/index.ts";
import { NOW_NANOS, exportOf, span, type JsonSpan } from "./otlp-messages.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-arrival-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const id = (number: number): string => number.toString(16).padStart(16, "0");
const MS = 1_000_000n;

describe.each(["memory", "sqlite"])("spans as they come in, into %s", { timeout: 60_000 }, (kind) => {
  let server: SpanwiseServer;
  let traces = 0;
  beforeAll(async () => {
    server = await createServer({ port: 0, db: kind === "memory" ? ":memory:" : join(folder, "arrival.db") });
  }, 60_000);
  afterAll(() => server.close());

  /** A trace id that no other test has. */
  const newTrace = (): string => (traces += 1).toString(16).padStart(32, "a");

  async function send(...spans: JsonSpan[]): Promise<void> {
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(exportOf(spans)),
    });
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
  }

  async function traceOf(traceId: string): Promise<TraceDetail> {
    return (await (await fetch(`${server.url}/api/traces/${traceId}`)).json()) as TraceDetail;
  }

  /** `start` and length in milliseconds. */
  function spanIn(traceId: string, number: number, parent: number | null, start = 0, length = 5): JsonSpan {
    const startNanos = NOW_NANOS + BigInt(start) * MS;
    return span(
      number,
      { "session.id": `s-${traceId.slice(-3)}` },
      {
        traceId,
        ...(parent === null ? {} : { parentSpanId: id(parent) }),
        startTimeUnixNano: String(startNanos),
        endTimeUnixNano: String(startNanos + BigInt(length) * MS),
      },
    );
  }

  it("makes the same trace of any order, cut anywhere, each sent any number of times", async () => {
    const shapes = [null, 1, 1, 2, 4] as const;
    const expected: unknown[] = [];
    const plan = fc.array(fc.nat({ max: shapes.length - 1 }), { minLength: 0, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        plan,
        fc.nat({ max: 5 }),
        async (order, again, cut) => {
          const traceId = newTrace();
          const spans = [...order, ...again].map((index) =>
            spanIn(traceId, index + 1, shapes[index] ?? null, index * 10),
          );
          if (cut > 0) await send(...spans.slice(0, cut));
          await send(...spans.slice(cut));
          const { trace, observations } = await traceOf(traceId);
          expected.push([
            { ...trace, traceId: "", sessionId: "" },
            observations.map((one) => ({ ...one, traceId: "" })),
          ]);
          expect(expected.at(-1)).toEqual(expected[0]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("keeps a forest of spans whose parents never come, and shows the earliest as the root", async () => {
    const traceId = newTrace();
    await send(spanIn(traceId, 3, 99, 20), spanIn(traceId, 2, 98, 10), spanIn(traceId, 4, 3, 25));
    const { trace, observations } = await traceOf(traceId);
    expect(observations.map((one) => [one.id, one.parentId])).toEqual([
      [id(2), id(98)],
      [id(3), id(99)],
      [id(4), id(3)],
    ]);
    expect(trace).toMatchObject({ name: "span 2", observationCount: 3, durationMs: 20 });
    await send(spanIn(traceId, 98, null));
    expect((await traceOf(traceId)).trace).toMatchObject({ name: "span 98", observationCount: 4 });
  });

  it("takes clocks that disagree: children before their parents and after them, ends before starts, no times at all", async () => {
    const traceId = newTrace();
    const timeless = { ...spanIn(traceId, 4, 1), startTimeUnixNano: "0", endTimeUnixNano: "0" };
    await send(
      spanIn(traceId, 1, null, 0, 100),
      spanIn(traceId, 2, 1, -3_600_000, 10),
      spanIn(traceId, 3, 1, 50, -20),
      { ...spanIn(traceId, 5, 1, 3_600_000), endTimeUnixNano: "0" },
    );
    const { trace, observations } = await traceOf(traceId);
    expect(trace).toMatchObject({ name: "span 1", observationCount: 4 });
    for (const one of observations) expect(one.endTime).toBeGreaterThanOrEqual(one.startTime);
    expect(observations.find((one) => one.id === id(3))).toMatchObject({ status: "ok" });
    expect(trace.durationMs).toBe(7_200_000);
    await send(timeless);
    const { trace: withTimeless } = await traceOf(traceId);
    expect(withTimeless).toMatchObject({ name: "span 1", observationCount: 5 });
    // It is put where it arrived, and not into 1970.
    expect(withTimeless.startTime).toBeGreaterThan(Date.now() - 10 * 365 * 86_400_000);
  });

  it("takes an end without a start and a start without an end, in either order", async () => {
    const start = { key: "spanwise.record", value: { stringValue: "start" } };
    for (const order of [0, 1]) {
      const traceId = newTrace();
      const ended = spanIn(traceId, 1, null);
      const begun = { ...ended, attributes: [start], endTimeUnixNano: "0" };
      const open = { ...spanIn(traceId, 2, 1, 1), attributes: [start], endTimeUnixNano: "0" };
      for (const one of order === 0 ? [begun, ended, open] : [ended, begun, open]) await send(one);
      const { trace, observations } = await traceOf(traceId);
      expect(observations.map((one) => [one.status, one.endTime === null])).toEqual([
        ["ok", false],
        ["running", true],
      ]);
      expect(trace).toMatchObject({ status: "ok", endTime: null, durationMs: null });
    }
  });

  it("keeps spans apart that have the same id in two traces", async () => {
    const [first, second] = [newTrace(), newTrace()];
    await send(
      { ...spanIn(first, 1, null), name: "mine" },
      { ...spanIn(second, 1, null), name: "yours" },
      spanIn(second, 2, 1),
    );
    expect((await traceOf(first)).observations.map((one) => one.name)).toEqual(["mine"]);
    expect((await traceOf(second)).observations.map((one) => one.name)).toEqual(["yours", "span 2"]);
  });

  it("ends on parents in a circle, of one, of two and of three", async () => {
    const traceId = newTrace();
    await send(
      spanIn(traceId, 1, 1, 1),
      spanIn(traceId, 2, 3, 2),
      spanIn(traceId, 3, 2, 3),
      spanIn(traceId, 4, 6, 4),
      spanIn(traceId, 5, 4, 5),
      spanIn(traceId, 6, 5, 6),
    );
    const { trace, observations } = await traceOf(traceId);
    expect(observations).toHaveLength(6);
    expect(trace).toMatchObject({ name: "span 1", observationCount: 6 });
    const { data } = (await (await fetch(`${server.url}/api/traces?limit=200`)).json()) as TraceListResponse;
    expect(data.find((one) => one.traceId === traceId)).toMatchObject({ name: "span 1" });
  });
});
