import { describe, expect, it } from "vitest";
import { withServer } from "../with-server.ts";
import { call } from "./call.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("datasets of Langfuse's API", () => {
  it.each(["/api/public/v2/datasets", "/api/public/datasets"])("are made, found and listed at %s", (path) =>
    withServer({}, async (server) => {
      const made = await call(server, "POST", path, { name: "a/b ä", description: "d", metadata: { k: [1] } });
      expect(made).toMatchObject({
        status: 200,
        body: {
          id: expect.any(String),
          name: "a/b ä",
          description: "d",
          metadata: { k: [1] },
          inputSchema: null,
          projectId: "default",
          createdAt: expect.stringMatching(ISO),
          updatedAt: expect.stringMatching(ISO),
        },
      });
      const again = await call(server, "POST", path, { name: "a/b ä", metadata: null });
      expect(again.body).toMatchObject({ id: made.body.id, description: "d", metadata: { k: [1] } });
      expect((await call(server, "GET", `${path}/${encodeURIComponent("a/b ä")}`)).body).toEqual(again.body);
      await call(server, "POST", path, { name: "second" });
      const list = await call(server, "GET", `${path}?page=2&limit=1`);
      expect(list.body).toEqual({
        data: [again.body],
        meta: { page: 2, limit: 1, totalItems: 2, totalPages: 2 },
      });
    }),
  );

  it("keep items by id, and show them as they were", () =>
    withServer({}, async (server) => {
      for (const name of ["a", "b"]) await call(server, "POST", "/api/public/v2/datasets", { name });
      const items = "/api/public/dataset-items";
      const item = { datasetName: "a", id: "i", input: { q: 1 }, sourceTraceId: "t", sourceObservationId: "o" };
      const made = await call(server, "POST", items, item);
      expect(made.body).toMatchObject({ ...item, status: "ACTIVE", expectedOutput: null, mediaReferences: [] });
      await new Promise((resolve) => setTimeout(resolve, 5));
      const changed = await call(server, "POST", items, { datasetName: "a", id: "i", expectedOutput: "x" });
      expect(changed.body).toMatchObject({ input: { q: 1 }, expectedOutput: "x" });
      const version = encodeURIComponent(made.body.updatedAt as string);
      const before = await call(server, "GET", `${items}?datasetName=a&version=${version}`);
      expect(before.body.data).toMatchObject([{ id: "i", expectedOutput: null }]);
      expect((await call(server, "GET", `${items}?sourceTraceId=t`)).body.data).toEqual([changed.body]);
      expect((await call(server, "GET", `${items}?sourceTraceId=u`)).body.data).toEqual([]);
      expect((await call(server, "POST", items, { datasetName: "b", id: "i" })).status).toBe(404);
      expect((await call(server, "POST", items, { datasetName: "none" })).status).toBe(404);
      expect((await call(server, "GET", `${items}/i`)).body).toEqual(changed.body);
      expect((await call(server, "DELETE", `${items}/i`)).status).toBe(200);
      expect((await call(server, "GET", `${items}/i`)).status).toBe(404);
      expect((await call(server, "DELETE", `${items}/i`)).status).toBe(404);
    }));

  it("link traces to items in runs, once however often it is sent", () =>
    withServer({}, async (server) => {
      const dataset = await call(server, "POST", "/api/public/v2/datasets", { name: "a" });
      await call(server, "POST", "/api/public/dataset-items", { datasetName: "a", id: "i" });
      await call(server, "POST", "/api/public/dataset-items", { datasetName: "a", id: "old", status: "ARCHIVED" });
      const link = { runName: "r 1", datasetItemId: "i", traceId: "t", observationId: "o", metadata: { m: 1 } };
      const first = await call(server, "POST", "/api/public/dataset-run-items", link);
      expect(first.body).toMatchObject({ datasetRunName: "r 1", datasetItemId: "i", traceId: "t", observationId: "o" });
      const second = await call(server, "POST", "/api/public/dataset-run-items", link);
      expect(second.body.id).toBe(first.body.id);
      const run = await call(server, "GET", "/api/public/datasets/a/runs/r%201");
      expect(run.body).toMatchObject({
        id: first.body.datasetRunId,
        name: "r 1",
        metadata: { m: 1 },
        datasetId: dataset.body.id,
        datasetName: "a",
        datasetRunItems: [{ id: first.body.id }],
      });
      expect((await call(server, "GET", "/api/public/datasets/a/runs")).body.data).toMatchObject([{ name: "r 1" }]);
      const listed = `/api/public/dataset-run-items?datasetId=${dataset.body.id}&runName=r%201`;
      expect((await call(server, "GET", listed)).body.meta).toMatchObject({ totalItems: 1 });
      const bad = { ...link, datasetItemId: "old" };
      expect((await call(server, "POST", "/api/public/dataset-run-items", bad)).status).toBe(404);
      expect((await call(server, "DELETE", "/api/public/datasets/a/runs/r%201")).status).toBe(200);
      expect((await call(server, "GET", "/api/public/datasets/a/runs/r%201")).status).toBe(404);
    }));

  it.each([
    ["POST", "/api/public/v2/datasets", { description: "no name" }],
    ["POST", "/api/public/v2/datasets", { name: 1 }],
    ["POST", "/api/public/v2/datasets", []],
    ["POST", "/api/public/dataset-items", { datasetName: "d", status: "active" }],
    ["POST", "/api/public/dataset-run-items", { runName: "r", traceId: "t" }],
    ["GET", "/api/public/v2/datasets?limit=101", undefined],
    ["GET", "/api/public/v2/datasets?page=0", undefined],
    ["GET", "/api/public/dataset-items?version=2026-01-01T00:00:00Z", undefined],
    ["GET", "/api/public/dataset-run-items?runName=r", undefined],
  ])("refuse %s %s %j", (method, path, body) =>
    withServer({}, async (server) => {
      expect(await call(server, method, path, body)).toMatchObject({
        status: 400,
        body: { error: "bad_request", message: expect.any(String) },
      });
    }),
  );
});
