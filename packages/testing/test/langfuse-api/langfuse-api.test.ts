import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLangfuseApi, type LangfuseApi } from "../../src/index.ts";

const keys = { publicKey: "pk", secretKey: "sk" };
const basic = `Basic ${Buffer.from("pk:sk").toString("base64")}`;
let api: LangfuseApi;

beforeEach(async () => {
  api = await createLangfuseApi({ keys });
});
afterEach(() => api.close());

async function call(method: string, path: string, body?: unknown, authorization = basic) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(api.url + path, {
    ...init,
    headers: { authorization, "content-type": "application/json" },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("is as strict as Langfuse", () => {
  test.each([
    ["POST", "/api/public/v2/datasets", { description: "no name" }],
    ["POST", "/api/public/v2/datasets", { name: 1 }],
    ["POST", "/api/public/dataset-items", { datasetName: "d", status: "active" }],
    ["POST", "/api/public/dataset-run-items", { runName: "r", datasetItemId: "i", traceId: "t", id: "mine" }],
    ["POST", "/api/public/scores", { name: "", value: 1, traceId: "t" }],
    ["POST", "/api/public/scores", { name: "s", value: 1 }],
    ["POST", "/api/public/scores", { name: "s", value: 1, traceId: "t", sessionId: "s" }],
    ["POST", "/api/public/scores", { name: "s", value: 1, observationId: "o", sessionId: "s" }],
    ["POST", "/api/public/scores", { name: "s", value: true, traceId: "t", dataType: "BOOLEAN" }],
    ["POST", "/api/public/scores", { name: "s", value: "x", traceId: "t", dataType: "NUMERIC" }],
    ["POST", "/api/public/scores", { name: "s", value: "x".repeat(501), traceId: "t", dataType: "TEXT" }],
    ["GET", "/api/public/v2/datasets?limit=101", undefined],
    ["GET", "/api/public/v2/datasets?page=0", undefined],
    ["GET", "/api/public/v3/scores?unknown=1", undefined],
    ["GET", "/api/public/v3/scores?observationId=o", undefined],
    ["GET", "/api/public/v2/observations?fields=everything", undefined],
    [
      "GET",
      `/api/public/v2/observations?filter=${encodeURIComponent('[{"type":"string","column":"release","operator":"=","value":"1"}]')}`,
      undefined,
    ],
  ])("%s %s %j is refused with 400", async (method, path, body) => {
    expect(await call(method, path, body)).toMatchObject({
      status: 400,
      body: { message: expect.any(String) as unknown },
    });
  });

  test.each(["/api/public/traces", "/api/public/observations", "/api/public/v2/scores", "/api/public/datasets/d/runs"])(
    "version 4 has no %s",
    async (path) => {
      expect((await call("GET", path)).status).toBe(404);
    },
  );

  test("keys are demanded, and the public one alone writes scores", async () => {
    const score = { name: "s", value: 1, traceId: "t" };
    expect((await call("GET", "/api/public/v2/datasets", undefined, "Basic eDp5")).status).toBe(401);
    expect((await call("GET", "/api/public/v2/datasets", undefined, "Bearer pk")).status).toBe(403);
    expect((await call("POST", "/api/public/scores", score, "Bearer pk")).status).toBe(200);
  });

  test("an item's id belongs to one dataset", async () => {
    for (const name of ["a", "b"]) await call("POST", "/api/public/v2/datasets", { name });
    expect((await call("POST", "/api/public/dataset-items", { datasetName: "a", id: "i" })).status).toBe(200);
    expect((await call("POST", "/api/public/dataset-items", { datasetName: "b", id: "i" })).status).toBe(404);
  });

  test("a batch is answered event by event", async () => {
    const event = { id: "e1", type: "score-create", timestamp: new Date().toISOString() };
    const batch = [
      { ...event, body: { name: "s", value: 1, traceId: "t" } },
      { ...event, id: "e2", body: { value: 1 } },
      { ...event, id: "e3", type: "trace-create", body: {} },
    ];
    expect(await call("POST", "/api/public/ingestion", { batch })).toMatchObject({
      status: 207,
      body: {
        successes: [{ id: "e1", status: 201 }],
        errors: [
          { id: "e2", status: 400 },
          { id: "e3", status: 400 },
        ],
      },
    });
  });
});
