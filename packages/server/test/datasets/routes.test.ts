import { describe, expect, it } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import { call } from "../langfuse/call.ts";
import { exportOf, span } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const observationId = (number: number): string => number.toString(16).padStart(16, "0");

async function sendSpans(server: SpanwiseServer, count: number): Promise<void> {
  const spans = Array.from({ length: count }, (_, index) =>
    span(index + 1, {
      "langfuse.observation.input": JSON.stringify([{ role: "user", content: `question ${index + 1}` }]),
      "langfuse.observation.output": JSON.stringify({ role: "assistant", content: `answer ${index + 1}` }),
    }),
  );
  expect((await call(server, "POST", "/v1/traces", exportOf(spans))).status).toBe(200);
}

describe("the viewer's datasets", () => {
  it("are made, changed, listed and deleted", () =>
    withServer({}, async (server) => {
      const made = await call(server, "POST", "/api/datasets", { name: "a b/ä", description: "d", metadata: [1] });
      expect(made).toMatchObject({
        status: 201,
        body: { name: "a b/ä", description: "d", metadata: [1], itemCount: 0 },
      });
      expect((await call(server, "POST", "/api/datasets", { name: "a b/ä" })).status).toBe(409);
      const path = `/api/datasets/${encodeURIComponent("a b/ä")}`;
      expect((await call(server, "GET", path)).body).toEqual(made.body);
      const changed = await call(server, "PATCH", path, { name: "b", description: null });
      expect(changed.body).toMatchObject({ id: made.body.id, name: "b", description: null, metadata: [1] });
      await call(server, "POST", "/api/datasets", { name: "c" });
      expect((await call(server, "PATCH", "/api/datasets/c", { name: "b" })).status).toBe(409);
      const first = await call(server, "GET", "/api/datasets?limit=1");
      const second = await call(server, "GET", `/api/datasets?limit=1&cursor=${first.body.nextCursor}`);
      expect([first, second].map(({ body }) => body.data[0].name)).toEqual(["c", "b"]);
      expect(second.body.nextCursor).toBeNull();
      expect((await call(server, "DELETE", "/api/datasets/b")).status).toBe(204);
      expect((await call(server, "GET", "/api/datasets/b")).status).toBe(404);
      expect((await call(server, "GET", "/api/datasets?cursor=x")).status).toBe(400);
    }));

  it("take items, by hand and from observations, each observation once", () =>
    withServer({}, async (server) => {
      await sendSpans(server, 3);
      await call(server, "POST", "/api/datasets", { name: "d" });
      const items = "/api/datasets/d/items";
      const byHand = await call(server, "POST", items, { input: "q", expectedOutput: { a: 1 }, metadata: { m: 1 } });
      expect(byHand).toMatchObject({ status: 201, body: { input: "q", expectedOutput: { a: 1 }, status: "ACTIVE" } });
      const observations = [1, 2, 9].map((number) => ({ traceId: TRACE_ID, observationId: observationId(number) }));
      const add = `${items}/from-observations`;
      expect((await call(server, "POST", add, { observations })).body).toEqual({ added: 2, skipped: 1 });
      expect((await call(server, "POST", add, { observations })).body).toEqual({ added: 0, skipped: 3 });
      const listed = await call(server, "GET", items);
      expect(listed.body.data).toHaveLength(3);
      const copied = (listed.body.data as { sourceObservationId: string }[]).find(
        (item) => item.sourceObservationId === observationId(1),
      );
      expect(copied).toMatchObject({
        input: [{ role: "user", content: "question 1" }],
        expectedOutput: { role: "assistant", content: "answer 1" },
        sourceTraceId: TRACE_ID,
      });
      const item = `/api/dataset-items/${byHand.body.id}`;
      const patched = await call(server, "PATCH", item, { status: "ARCHIVED", expectedOutput: null });
      expect(patched.body).toMatchObject({ input: "q", expectedOutput: null, status: "ARCHIVED", metadata: { m: 1 } });
      expect((await call(server, "GET", `${items}?status=ARCHIVED`)).body.data).toEqual([patched.body]);
      expect((await call(server, "DELETE", item)).status).toBe(204);
      expect((await call(server, "DELETE", item)).status).toBe(404);
      expect((await call(server, "POST", add, { observations: [] })).status).toBe(400);
      expect((await call(server, "POST", "/api/datasets/none/items", {})).status).toBe(404);
    }));

  it("show their runs", () =>
    withServer({}, async (server) => {
      await call(server, "POST", "/api/datasets", { name: "d" });
      const item = await call(server, "POST", "/api/datasets/d/items", { input: 1 });
      const link = { runName: "r/1", datasetItemId: item.body.id, traceId: "t" };
      await call(server, "POST", "/api/public/dataset-run-items", link);
      expect((await call(server, "GET", "/api/datasets/d/runs")).body.data).toMatchObject([
        { name: "r/1", itemCount: 1 },
      ]);
      expect((await call(server, "GET", "/api/datasets/d/runs/r%2F1")).body).toMatchObject({
        run: { name: "r/1" },
        data: [{ datasetItemId: item.body.id, traceId: "t", item: item.body }],
        nextCursor: null,
      });
      // Whatever else the dataset has meanwhile; the item as it is now, its long values cut.
      for (const input of ["newer", "newest"]) await call(server, "POST", "/api/datasets/d/items", { input });
      await call(server, "PATCH", `/api/dataset-items/${item.body.id}`, { input: "x".repeat(40_000) });
      expect((await call(server, "GET", "/api/datasets/d/runs/r%2F1")).body.data).toMatchObject([
        { item: { id: item.body.id, truncated: ["input"], status: "ACTIVE" } },
      ]);
      expect((await call(server, "DELETE", "/api/datasets/d/runs/r%2F1")).status).toBe(204);
      expect((await call(server, "GET", "/api/datasets/d/runs/r%2F1")).status).toBe(404);
    }));
});

describe("a dataset's export", () => {
  async function withItems(use: (server: SpanwiseServer) => Promise<void>): Promise<void> {
    await withServer({}, async (server) => {
      await sendSpans(server, 120);
      await call(server, "POST", "/api/datasets", { name: "d ä" });
      const items = `/api/datasets/${encodeURIComponent("d ä")}/items`;
      const observations = Array.from({ length: 120 }, (_, index) => ({
        traceId: TRACE_ID,
        observationId: observationId(index + 1),
      }));
      await call(server, "POST", `${items}/from-observations`, { observations });
      await call(server, "POST", items, { id: "plain", input: 'say "hi",\nplease', expectedOutput: { n: 1 } });
      const archived = { input: [{ role: "user", content: "q" }], expectedOutput: "a", status: "ARCHIVED" };
      await call(server, "POST", items, archived);
      await use(server);
    });
  }
  const get = (server: SpanwiseServer, format: string): Promise<Response> =>
    fetch(`${server.url}/api/datasets/${encodeURIComponent("d ä")}/export?format=${format}`);
  const linesOf = async (answer: Response): Promise<string[]> => (await answer.text()).trimEnd().split("\n");

  it("holds training examples, and counts what is none", () =>
    withItems(async (server) => {
      const answer = await get(server, "openai");
      expect(answer.headers.get("x-spanwise-skipped")).toBe("2");
      expect(answer.headers.get("content-disposition")).toContain("d%20%C3%A4.jsonl");
      const lines = await linesOf(answer);
      expect(lines).toHaveLength(120);
      for (const line of lines) {
        expect(JSON.parse(line)).toEqual({
          messages: [
            { role: "user", content: expect.stringMatching(/^question \d+$/) },
            { role: "assistant", content: expect.stringMatching(/^answer \d+$/) },
          ],
        });
      }
    }));

  it("holds every item as JSON", () =>
    withItems(async (server) => {
      const items = (await linesOf(await get(server, "jsonl"))).map((line) => JSON.parse(line) as { id: string });
      expect(new Set(items.map(({ id }) => id)).size).toBe(122);
      expect(items.find(({ id }) => id === "plain")).toMatchObject({
        input: 'say "hi",\nplease',
        expectedOutput: { n: 1 },
        metadata: null,
        status: "ACTIVE",
        datasetName: "d ä",
      });
    }));

  it("holds every item as a row that spreadsheets read", () =>
    withItems(async (server) => {
      const text = await (await get(server, "csv")).text();
      expect(
        text.startsWith("id,input,expectedOutput,metadata,status,sourceTraceId,sourceObservationId,createdAt\r\n"),
      ).toBe(true);
      expect(text).toContain('\r\nplain,"say ""hi"",\nplease","{""n"":1}",,ACTIVE,,,20');
      expect(text.split("\r\n")).toHaveLength(122 + 2);
    }));

  it("is of a format that is known", () =>
    withItems(async (server) => expect((await get(server, "xml")).status).toBe(400)));
});

describe("the viewer's scores", () => {
  it("are given by hand, listed with what they are about, and deleted", () =>
    withServer({}, async (server) => {
      await sendSpans(server, 1);
      const made = await call(server, "POST", "/api/scores", {
        name: "helpful",
        value: true,
        traceId: TRACE_ID,
        observationId: observationId(1),
        comment: "yes",
      });
      expect(made).toMatchObject({
        status: 201,
        body: { id: expect.any(String), dataType: "BOOLEAN", value: 1, source: "ANNOTATION", projectId: "default" },
      });
      await call(server, "POST", "/api/scores", { name: "kind", value: "chat", sessionId: "s" });
      expect((await call(server, "GET", "/api/scores?name=helpful,other")).body).toMatchObject({
        data: [
          {
            id: made.body.id,
            traceName: "span 1",
            observationName: "span 1",
            inputPreview: "question 1",
            outputPreview: "answer 1",
          },
        ],
        nextCursor: null,
      });
      expect((await call(server, "GET", "/api/scores")).body.data).toHaveLength(2);
      const count = async (query: string): Promise<number> =>
        ((await call(server, "GET", `/api/scores?${query}`)).body.data as unknown[]).length;
      for (const [query, expected] of [
        ["value=1", 1],
        ["value=0", 0],
        ["valueMin=0.5&valueMax=1", 1],
        ["stringValue=chat", 1],
        ["comment=YES", 1],
        ["comment=no", 0],
        ["source=ANNOTATION&name=kind", 1],
      ] as const) {
        expect(await count(query), query).toBe(expected);
      }
      expect((await call(server, "GET", "/api/scores?value=x")).status).toBe(400);
      expect((await call(server, "GET", "/api/scores?q=x")).status).toBe(400);
      expect((await call(server, "POST", "/api/scores", { name: "x", value: "no", dataType: "NUMERIC" })).status).toBe(
        400,
      );
      expect((await call(server, "DELETE", `/api/scores/${made.body.id}`)).status).toBe(204);
      expect((await call(server, "DELETE", `/api/scores/${made.body.id}`)).status).toBe(404);
    }));
});
