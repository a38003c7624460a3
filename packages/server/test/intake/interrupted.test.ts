import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createServer, type SpanwiseServer } from "../../src/index.ts";
import { exportOf, span, toProtobuf } from "../otlp-messages.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spanwise-interrupted-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const TEXT = "a question of some length ".repeat(40);
const SPANS = 200;
const traceId = (number: number): string => number.toString(16).padStart(32, "c");

const largeExport = (number: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    toProtobuf(
      exportOf(
        Array.from({ length: SPANS }, (_, index) =>
          span(index + 1, { "langfuse.observation.input": `${TEXT}${number}.${index}` }, { traceId: traceId(number) }),
        ),
      ),
    ),
  );

const headers = { "content-type": "application/x-protobuf" };

const send = (server: SpanwiseServer, number: number, query = ""): Promise<Response> =>
  fetch(`${server.url}/v1/traces${query}`, { method: "POST", headers, body: largeExport(number) });

async function countOf(server: SpanwiseServer, number: number, query = ""): Promise<number> {
  const answer = await fetch(`${server.url}/api/traces/${traceId(number)}/skeleton${query}`);
  return answer.status === 404 ? 0 : ((await answer.json()) as { count: number }).count;
}

it("has what it acknowledged, and the whole of it, when it is closed while the thread reads", async () => {
  const db = join(folder, "closed.db");
  const first = await createServer({ port: 0, db });
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  const answers = numbers.map((number) =>
    send(first, number).then(
      ({ status }) => status,
      () => 0,
    ),
  );
  // One is through: the others are under way.
  await Promise.any(answers);
  await first.close();
  const statuses = await Promise.all(answers);
  expect(statuses).toContain(200);
  const second = await createServer({ port: 0, db });
  try {
    for (const number of numbers) {
      const count = await countOf(second, number);
      if (statuses[number] === 200) expect(count).toBe(SPANS);
      else expect([0, SPANS]).toContain(count);
    }
  } finally {
    await second.close();
  }
});

it("stores the whole of an export, or nothing, whose sender has gone, and goes on", async () => {
  const server = await createServer({ port: 0, db: join(folder, "gone.db") });
  try {
    for (const [number, part] of [0.1, 0.9, 1].entries()) {
      const body = largeExport(number);
      const call = request(`${server.url}/v1/traces`, {
        method: "POST",
        headers: { ...headers, "content-length": body.byteLength },
        agent: false,
      });
      // It was us who hung up.
      call.on("error", () => {});
      const gone = new Promise((resolve) => void call.once("close", resolve));
      call.write(body.subarray(0, Math.round(body.byteLength * part)), () => call.destroy());
      await gone;
    }
    expect((await send(server, 9)).status).toBe(200);
    expect(await countOf(server, 9)).toBe(SPANS);
    for (const number of [0, 1]) expect(await countOf(server, number)).toBe(0);
    expect([0, SPANS]).toContain(await countOf(server, 2));
    // No memory of theirs is counted any more.
    const all = await Promise.all(Array.from({ length: 8 }, (_, index) => send(server, 20 + index)));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  } finally {
    await server.close();
  }
});

it.each(["sqlite", "memory"])("keeps the exports of two projects apart that come at once (%s)", async (store) => {
  const server = await createServer({ port: 0, db: store === "memory" ? ":memory:" : join(folder, "projects.db") });
  try {
    const made = await fetch(`${server.url}/api/projects`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"other"}',
    });
    expect(made.status).toBe(201);
    const queries = ["", "?project=other"];
    // The same traces in both, and one more in each.
    const sent = [0, 1, 2].flatMap((number) => queries.map((query, place) => send(server, number + place, query)));
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(sent.map(() => 200));
    const counts = async (query: string): Promise<number[]> =>
      Promise.all([0, 1, 2, 3].map((number) => countOf(server, number, query)));
    await expect.poll(() => counts("")).toEqual([SPANS, SPANS, SPANS, 0]);
    expect(await counts("?project=other")).toEqual([0, SPANS, SPANS, SPANS]);
    expect((await send(server, 1, "?project=nobody")).status).toBe(404);
  } finally {
    await server.close();
  }
});
