import { describe, expect, it } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import { withServer } from "../with-server.ts";
import { call } from "./call.ts";

const SCORES = [
  {
    id: "n",
    name: "quality",
    value: 0.5,
    traceId: "t",
    observationId: "o",
    comment: "c",
    metadata: { k: 1 },
    configId: "cfg",
  },
  { id: "b", name: "ok", value: 1, dataType: "BOOLEAN", traceId: "t", environment: "Prod" },
  { id: "c", name: "kind", value: "good", sessionId: "s", source: "ANNOTATION" },
  { id: "x", name: "text", value: "words", dataType: "TEXT", datasetRunId: "r" },
];

async function withScores(use: (server: SpanwiseServer) => Promise<void>): Promise<void> {
  await withServer({}, async (server) => {
    for (const score of SCORES) expect((await call(server, "POST", "/api/public/scores", score)).status).toBe(200);
    await use(server);
  });
}

const idsOf = (answer: { body: { data: { id: string }[] } }): string[] => answer.body.data.map(({ id }) => id).sort();

describe("scores of Langfuse's API", () => {
  it("are told by the newer route with a value of their own kind and a subject", () =>
    withScores(async (server) => {
      const fields = "fields=core,details,subject,annotation";
      const { body } = await call(server, "GET", `/api/public/v3/scores?${fields}`);
      const byId = Object.fromEntries((body.data as { id: string }[]).map((score) => [score.id, score]));
      expect(byId).toMatchObject({
        n: {
          value: 0.5,
          dataType: "NUMERIC",
          source: "API",
          comment: "c",
          configId: "cfg",
          metadata: { k: 1 },
          environment: "default",
          subject: { kind: "observation", id: "o", traceId: "t" },
          authorUserId: null,
        },
        b: { value: true, environment: "prod", subject: { kind: "trace", id: "t" } },
        c: { value: "good", dataType: "CATEGORICAL", source: "ANNOTATION", subject: { kind: "session", id: "s" } },
        x: { value: "words", subject: { kind: "experiment", id: "r" } },
      });
      const [core] = (await call(server, "GET", "/api/public/v3/scores?id=n")).body.data as object[];
      expect(core).not.toHaveProperty("comment");
      expect(core).not.toHaveProperty("subject");
    }));

  it("are told by the older routes with a text beside the number", () =>
    withScores(async (server) => {
      expect((await call(server, "GET", "/api/public/v2/scores/b")).body).toMatchObject({
        value: 1,
        stringValue: "True",
        traceId: "t",
        observationId: null,
      });
      const { body } = await call(server, "GET", "/api/public/v2/scores?limit=2&page=2");
      expect(body.meta).toEqual({ page: 2, limit: 2, totalItems: 4, totalPages: 2 });
      expect(body.data).toHaveLength(2);
      expect((await call(server, "GET", "/api/public/v2/scores/none")).status).toBe(404);
    }));

  it.each([
    ["v3/scores?traceId=t", ["b", "n"]],
    ["v3/scores?traceId=t&observationId=o", ["n"]],
    ["v3/scores?sessionId=s", ["c"]],
    ["v3/scores?experimentId=r", ["x"]],
    ["v3/scores?name=ok,kind", ["b", "c"]],
    ["v3/scores?id=n,x,none", ["n", "x"]],
    ["v3/scores?source=annotation", ["c"]],
    ["v3/scores?dataType=numeric,boolean", ["b", "n"]],
    ["v3/scores?environment=prod", ["b"]],
    ["v3/scores?environment=default", ["c", "n", "x"]],
    ["v3/scores?dataType=NUMERIC&valueMin=0.5&valueMax=0.6", ["n"]],
    ["v3/scores?dataType=NUMERIC&valueMin=0.6", []],
    ["v3/scores?dataType=BOOLEAN&value=true", ["b"]],
    ["v3/scores?dataType=CATEGORICAL&value=bad", []],
    ["v3/scores?toTimestamp=2020-01-01T00:00:00Z", []],
    ["v3/scores?fromTimestamp=2020-01-01T00:00:00Z", ["b", "c", "n", "x"]],
    ["v2/scores?scoreIds=c,n", ["c", "n"]],
    ["v2/scores?value=0.4&operator=%3E&dataType=NUMERIC", ["n"]],
    ["scores?configId=cfg", ["n"]],
  ])("are selected by %s", (path, ids) =>
    withScores(async (server) => expect(idsOf(await call(server, "GET", `/api/public/${path}`))).toEqual(ids)),
  );

  it.each([
    "v3/scores?unknown=1",
    "v3/scores?observationId=o",
    "v3/scores?traceId=t&sessionId=s",
    "v3/scores?fields=everything",
    "v3/scores?limit=101",
    "v3/scores?value=1",
    "v3/scores?cursor=x",
    "v2/scores?userId=u&fields=score",
    "v2/scores?fields=core",
    "v2/scores?value=1",
  ])("refuse %s", (path) =>
    withServer({}, async (server) => expect((await call(server, "GET", `/api/public/${path}`)).status).toBe(400)),
  );

  it("are selected by the user and the tags of what was scored, which the older routes tell too", () =>
    withScores(async (server) => {
      const trace = { id: "t", userId: "u", tags: ["a,b", "c"], sessionId: "of t" };
      const batch = [{ id: "e", type: "trace-create", timestamp: "2026-11-18T11:06:40.000Z", body: trace }];
      expect((await call(server, "POST", "/api/public/ingestion", { batch })).status).toBe(207);
      for (const [query, ids] of [
        ["userId=u", ["b", "n"]],
        ["userId=other", []],
        ["traceTags=a,b&traceTags=c", ["b", "n"]],
        ["traceTags=a", []],
        ["userId=u&traceTags=c&dataType=NUMERIC", ["n"]],
      ] as const) {
        for (const route of ["scores", "v2/scores"]) {
          const answer = await call(server, "GET", `/api/public/${route}?${query}`);
          expect([query, idsOf(answer), answer.body.meta.totalItems]).toEqual([query, ids, ids.length]);
        }
      }
      const told = async (query: string): Promise<unknown[]> =>
        (await call(server, "GET", `/api/public/v2/scores?scoreIds=n,c${query}`)).body.data.map(
          (score: { trace?: object }) => score.trace,
        );
      const { id: _, ...ofTrace } = trace;
      expect(await told("")).toEqual([undefined, { ...ofTrace, environment: "default" }]);
      expect(await told("&fields=score")).toEqual([undefined, undefined]);
    }));

  it("page through by a cursor without repeating or missing one", () =>
    withScores(async (server) => {
      const seen: string[] = [];
      let cursor: string | undefined = "";
      for (let pages = 0; cursor !== undefined; pages++) {
        const { body } = await call(server, "GET", `/api/public/v3/scores?limit=1&cursor=${cursor}`);
        seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
        cursor = body.meta.cursor as string | undefined;
        expect(pages).toBeLessThan(4);
      }
      expect(seen.sort()).toEqual(["b", "c", "n", "x"]);
    }));

  it("are updated by id, and deleted", () =>
    withScores(async (server) => {
      const before = (await call(server, "GET", "/api/public/v2/scores/n")).body;
      await call(server, "POST", "/api/public/scores", { ...SCORES[0], value: 0.9 });
      const after = (await call(server, "GET", "/api/public/v2/scores/n")).body;
      expect(after).toMatchObject({ value: 0.9, createdAt: before.createdAt });
      expect((await call(server, "DELETE", "/api/public/scores/n")).status).toBe(200);
      expect((await call(server, "DELETE", "/api/public/scores/n")).status).toBe(404);
      expect((await call(server, "GET", "/api/public/v2/scores/n")).status).toBe(404);
    }));

  it.each([
    { name: "", value: 1, traceId: "t" },
    { name: "s", value: 1 },
    { name: "s", value: 1, traceId: "t", sessionId: "s" },
    { name: "s", value: 1, observationId: "o", sessionId: "s" },
    { name: "s", value: "x", traceId: "t", dataType: "NUMERIC" },
    { name: "s", value: 2, traceId: "t", dataType: "BOOLEAN" },
  ])("are refused: %j", (score) =>
    withServer({}, async (server) => {
      expect((await call(server, "POST", "/api/public/scores", score)).status).toBe(400);
    }),
  );
});
