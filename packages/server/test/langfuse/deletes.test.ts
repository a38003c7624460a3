import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer } from "../../src/index.ts";
import { call } from "./call.ts";

const T = "2026-11-01T10:00:00.000Z";
const event = (id: string, type: string, body: object): object => ({ id, type, timestamp: T, body });

describe.each(["memory", "sqlite"])("deleting traces by Langfuse's routes, %s store", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-deletes-"));
  let server: SpanwiseServer;
  beforeAll(async () => {
    server = await createServer({ port: 0, db: kind === "memory" ? ":memory:" : join(folder, "test.db") });
    const batch = ["a", "b", "c", "d"].flatMap((id) => [
      event(`t${id}`, "trace-create", { id, name: `trace ${id}` }),
      event(`o${id}`, "span-create", { id: `work-${id}`, traceId: id, name: "work", startTime: T, endTime: T }),
      event(`s${id}`, "score-create", { id: `score-${id}`, traceId: id, name: "ok", value: 1 }),
    ]);
    expect((await call(server, "POST", "/api/public/ingestion", { batch })).body.errors).toEqual([]);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const list = async (path: string): Promise<string[]> => {
    const { body } = await call(server, "GET", `/api/public/${path}`);
    return (body.data as { id: string }[]).map(({ id }) => id).sort();
  };

  it("one: it is gone with its observations and scores", async () => {
    const answer = await call(server, "DELETE", "/api/public/traces/a");
    expect(answer).toMatchObject({ status: 200, body: { message: "Trace deleted successfully" } });
    expect((await call(server, "GET", "/api/public/traces/a")).status).toBe(404);
    expect((await call(server, "GET", "/api/public/observations/work-a")).status).toBe(404);
    expect(await list("traces")).toEqual(["b", "c", "d"]);
    expect(await list("scores")).toEqual(["score-b", "score-c", "score-d"]);
    expect(await call(server, "DELETE", "/api/public/traces/a")).toMatchObject({
      status: 404,
      body: { error: "not_found" },
    });
  });

  it("several, those that are not there passed over", async () => {
    const answer = await call(server, "DELETE", "/api/public/traces", { traceIds: ["b", "none", "c"] });
    expect(answer).toMatchObject({ status: 200, body: { message: "Traces deleted successfully" } });
    expect(await list("traces")).toEqual(["d"]);
    expect(await list("observations")).toEqual(["work-d"]);
    expect(await list("v2/scores")).toEqual(["score-d"]);
  });

  it("refuses a body that names no traces", async () => {
    for (const traceIds of [undefined, [], "d", [1]]) {
      expect((await call(server, "DELETE", "/api/public/traces", { traceIds })).status).toBe(400);
    }
    expect(await list("traces")).toEqual(["d"]);
  });
});
