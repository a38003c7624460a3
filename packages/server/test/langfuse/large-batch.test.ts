import { expect, it } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import type { Answer } from "./call.ts";
import { withServer } from "../with-server.ts";

const AT = "2026-11-01T10:00:00.000Z";

function spanEvent(index: number, body: object = {}): object {
  return {
    id: `event-${index}`,
    type: "span-create",
    timestamp: AT,
    body: { id: `span-${index}`, traceId: "t", name: `span ${index}`, startTime: AT, endTime: AT, ...body },
  };
}

/** Above the size from which a batch is parsed event by event, and events enough for several parts. */
function largeBatch(): object[] {
  const spans = Array.from({ length: 1700 }, (_, index) =>
    spanEvent(index, { input: `"{[ ${"x".repeat(150)} ]}\\" ${index}`, traceId: index % 3 === 0 ? "other" : "t" }),
  );
  const scores = Array.from({ length: 600 }, (_, index) => ({
    id: `score-event-${index}`,
    type: "score-create",
    timestamp: AT,
    body: { id: `score-${index}`, traceId: "t", name: "good", value: index },
  }));
  const trace = {
    id: "trace-event",
    type: "trace-create",
    timestamp: AT,
    body: { id: "t", name: "whole", userId: "ann" },
  };
  return [...spans, ...scores, trace];
}

async function post(server: SpanwiseServer, text: string): Promise<Answer> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: text };
  const answer = await fetch(`${server.url}/api/public/ingestion`, init);
  return { status: answer.status, body: await answer.json() };
}

async function stored(server: SpanwiseServer): Promise<string> {
  return (await fetch(`${server.url}/api/export?format=jsonl`)).text();
}

it("a large batch is stored in parts, and is what it would be in small ones", () =>
  withServer({}, async (whole) => {
    const batch = largeBatch();
    const { status, body: answer } = await post(whole, JSON.stringify({ batch, metadata: { sdk: "x" } }));
    expect(status).toBe(207);
    expect(answer.errors).toEqual([]);
    expect(answer.successes).toEqual(batch.map((event) => ({ id: (event as { id: string }).id, status: 201 })));
    const rows = await stored(whole);
    // Both traces' spans and the trace itself.
    expect(rows.trim().split("\n")).toHaveLength(1701);
    const names = rows
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { traceId: string; userId: string | null });
    expect(names.filter(({ traceId, userId }) => traceId === "t" && userId !== "ann")).toEqual([]);
    const scores = (await (await fetch(`${whole.url}/api/public/scores?limit=100`)).json()) as {
      meta: { totalItems: number };
    };
    expect(scores.meta.totalItems).toBe(600);

    await withServer({}, async (parts) => {
      for (let at = 0; at < batch.length; at += 100) {
        expect((await post(parts, JSON.stringify({ batch: batch.slice(at, at + 100) }))).status).toBe(207);
      }
      expect(await stored(parts)).toBe(rows);
    });
  }));

it("thousands of updates of one observation come to what they say", () =>
  withServer({}, async (server) => {
    const batch = Array.from({ length: 3000 }, (_, index) => ({
      id: `update-${index}`,
      type: "span-update",
      timestamp: new Date(Date.parse(AT) + index).toISOString(),
      body: { id: "s", traceId: "t", name: `name ${index}`, metadata: { [`key ${index}`]: index } },
    }));
    expect((await post(server, JSON.stringify({ batch }))).status).toBe(207);
    const row = JSON.parse(await stored(server)) as { name: string; metadata: object };
    expect(row.name).toBe("name 2999");
    // The bound on keys.
    expect(Object.keys(row.metadata)).toHaveLength(1000);
  }));

const DEEP = "[".repeat(600) + "]".repeat(600);

it.each([
  ["is cut", (body: string) => body.slice(0, -3)],
  ["has a comma too many", (body: string) => body.replace("}]}", "},]}")],
  ["has a bracket too many", (body: string) => `${body}]`],
  ["has an event that is no JSON", (body: string) => body.replace('"span-1"', "span-1")],
  ["is no list", (body: string) => body.replace('{"batch":[', '{"batch":{[')],
])("a large batch that %s is refused as a whole", (_, change) =>
  withServer({}, async (server) => {
    const { status, body: answer } = await post(server, change(JSON.stringify({ batch: largeBatch() })));
    expect(status).toBe(400);
    expect(answer.message).toContain("The body is not JSON");
    expect(await stored(server)).toBe("");
  }),
);

it.each([
  ["has something before the batch", (body: string) => body.replace("{", '{"metadata":{"a":[{}]},')],
  ["has spaces", (body: string) => body.replace('{"batch":[', '\n{ "batch" : [ ').replace(/\}$/, " } ")],
  ["has a batch that is said twice", (body: string) => body.replace("{", '{"batch":[{}],')],
  ["has one that is said twice behind it", (body: string) => `{"batch":[{"a":1}],${body.slice(1)}`],
])("a large batch that %s is read", (_, change) =>
  withServer({}, async (server) => {
    const batch = largeBatch();
    const { status, body: answer } = await post(server, change(JSON.stringify({ batch })));
    expect(status).toBe(207);
    expect(answer.errors).toEqual([]);
    expect(answer.successes).toHaveLength(batch.length);
  }),
);

it("in a large batch an event that nests too deep is refused alone", () =>
  withServer({}, async (server) => {
    const text = JSON.stringify({ batch: [...largeBatch(), spanEvent(5000, { input: "DEEP" })] }).replace(
      '"DEEP"',
      DEEP,
    );
    const { status, body: answer } = await post(server, text);
    expect(status).toBe(207);
    expect(answer.errors).toMatchObject([{ id: "event-5000", status: 400 }]);
    expect((await stored(server)).trim().split("\n")).toHaveLength(1701);
  }));
