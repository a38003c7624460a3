import fc from "fast-check";
import { expect, it } from "vitest";
import { readEvent } from "../../src/ingest/langfuse/event.ts";
import { mergePatches, reachesAll } from "../../src/ingest/langfuse/merge.ts";
import { traceNodeId, type ObservationPatch } from "../../src/ingest/langfuse/patch.ts";
import { compareRows } from "../../src/query/summary.ts";
import type { StoredObservation } from "../../src/model/observation.ts";

const T0 = Date.parse("2026-11-01T10:00:00.000Z");
const iso = (ms: number): string => new Date(T0 + ms).toISOString();

function patchOf(event: unknown): ObservationPatch {
  const read = readEvent(event);
  if (read.kind !== "patch") throw new Error("no patch");
  return read.patch;
}

/** What a program did, as events with distinct times. */
const EVENTS: readonly ObservationPatch[] = [
  [
    "trace-create",
    0,
    { id: "t", name: "first", userId: "ann", tags: ["b"], metadata: { a: 1, b: 1 }, input: "q", timestamp: iso(0) },
  ],
  [
    "trace-create",
    900,
    { id: "t", name: "last", tags: ["a"], metadata: { b: 2 }, output: "answer", timestamp: iso(900) },
  ],
  ["span-create", 100, { id: "s", traceId: "t", name: "work", startTime: iso(100), input: { x: 1 } }],
  ["span-update", 800, { id: "s", traceId: "t", endTime: iso(800), output: [1], metadata: { late: true } }],
  [
    "generation-create",
    200,
    {
      id: "g",
      traceId: "t",
      parentObservationId: "s",
      name: "call",
      model: "gpt-4o",
      startTime: iso(200),
      metadata: { a: 1 },
    },
  ],
  ["generation-update", 300, { id: "g", traceId: "t", completionStartTime: iso(250), level: "WARNING" }],
  [
    "generation-update",
    400,
    {
      id: "g",
      traceId: "t",
      endTime: iso(400),
      usageDetails: { input: 3, output: 4 },
      level: "ERROR",
      statusMessage: "no",
    },
  ],
  ["event-create", 500, { id: "e", traceId: "t", name: "noted", startTime: iso(500) }],
].map(([type, at, body], index) => patchOf({ id: `envelope-${index}`, timestamp: iso(at as number), type, body }));

/** Stores batches as the route does. */
function store(batches: readonly (readonly ObservationPatch[])[]): StoredObservation[] {
  const rows = new Map<string, StoredObservation>();
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const ids = new Set([traceNodeId("t"), ...batch.map((patch) => patch.id)]);
    const known = reachesAll(rows.get(traceNodeId("t")), batch)
      ? [...rows.values()]
      : [...rows.values()].filter((row) => ids.has(row.id));
    for (const row of mergePatches(known, batch)) rows.set(row.id, row);
  }
  return [...rows.values()].toSorted(compareRows).map((row) => ({ ...row, fieldOrders: { ...row.fieldOrders } }));
}

const sorted = (rows: StoredObservation[]): unknown[] =>
  rows.map((row) => {
    const parse = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
    return {
      ...row,
      payload: {
        ...row.payload,
        metadata: parse(row.payload.metadata),
        traceMetadata: parse(row.payload.traceMetadata),
      },
    };
  });

const whole = store([EVENTS]);

it("comes to what the program did", () => {
  expect(sorted(whole)).toMatchObject([
    {
      id: "t-t",
      parentId: null,
      isRoot: true,
      name: "last",
      traceName: "last",
      userId: "ann",
      tags: ["a", "b"],
      startTime: T0,
      endTime: T0 + 800,
      status: "ok",
      payload: { input: '"q"', output: '"answer"', traceMetadata: { a: 1, b: 2 } },
      inputPreview: "q",
      outputPreview: "answer",
    },
    {
      id: "s",
      parentId: "t-t",
      isRoot: false,
      type: "span",
      userId: "ann",
      traceName: "last",
      endTime: T0 + 800,
      status: "ok",
      payload: { input: '{"x":1}', output: "[1]", metadata: { late: true } },
    },
    {
      id: "g",
      parentId: "s",
      type: "generation",
      model: "gpt-4o",
      completionStartTime: T0 + 250,
      usage: { input: 3, output: 4, total: 7 },
      level: "ERROR",
      status: "error",
      statusMessage: "no",
    },
    { id: "e", parentId: "t-t", type: "event", startTime: T0 + 500, endTime: T0 + 500, status: "ok" },
  ]);
});

it("is the same in any order, cut into any batches, each sent any number of times", () => {
  const orders = fc.shuffledSubarray([...EVENTS.keys(), ...EVENTS.keys(), ...EVENTS.keys()], {
    minLength: EVENTS.length * 3,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: EVENTS.length * 3, maxLength: EVENTS.length * 3 });
  fc.assert(
    fc.property(orders, cuts, (order, sizes) => {
      const events = order.map((index) => EVENTS[index] as ObservationPatch);
      const batches: ObservationPatch[][] = [];
      for (const size of sizes) batches.push(events.splice(0, size));
      expect(sorted(store(batches))).toEqual(sorted(whole));
    }),
    { numRuns: 300 },
  );
});
