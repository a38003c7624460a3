import { describe, expect, it } from "vitest";
import type { RetentionSettings, SpanwiseServer } from "../src/index.ts";
import { attribute, exportOf, span } from "./otlp-messages.ts";
import { hexId } from "./store/fixtures.ts";
import { withServer } from "./with-server.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DAY_MS = 86_400_000;

async function send(server: SpanwiseServer, number: number, ageDays: number, input = "x"): Promise<void> {
  const nanos = BigInt(Date.now() - ageDays * DAY_MS) * 1_000_000n;
  const times = { startTimeUnixNano: String(nanos), endTimeUnixNano: String(nanos + 1n) };
  const row = {
    ...span(1),
    ...times,
    traceId: hexId(number, 32),
    attributes: [attribute("langfuse.observation.input", input)],
  };
  const answer = await ask(server, "POST", "/v1/traces", exportOf([row]));
  expect(answer.status).toBe(200);
}

function ask(server: SpanwiseServer, method: string, path: string, body: unknown): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function stored(server: SpanwiseServer): Promise<number> {
  return (await server.store.countStored("default")).traces;
}

// The first to open a file from source waits until the sources are transpiled.
describe.each(["memory", "sqlite"])("retention in the %s store", { timeout: 30_000 }, (kind) => {
  const inStore = (use: (server: SpanwiseServer) => Promise<void>): Promise<void> => {
    if (kind === "memory") return withServer({}, use);
    const folder = mkdtempSync(join(tmpdir(), "spanwise-retention-"));
    return withServer({ db: join(folder, "a.db") }, use).finally(() => rmSync(folder, { recursive: true }));
  };

  it("keeps all until it is told what to keep, and then deletes what is older", () =>
    inStore(async (server) => {
      const read = async (): Promise<RetentionSettings> =>
        (await (await fetch(`${server.url}/api/settings/retention`)).json()) as RetentionSettings;
      expect(await read()).toEqual({ maxAgeDays: null, maxBytes: null });
      for (const [number, age] of [40, 20, 1].entries()) await send(server, number + 1, age);
      const settings = { maxAgeDays: 30, maxBytes: null };
      const answer = await ask(server, "PUT", "/api/settings/retention", settings);
      expect([answer.status, await answer.json(), await read()]).toEqual([200, settings, settings]);
      await expect.poll(() => stored(server), { timeout: 20_000 }).toBe(2);
      expect(await server.store.getTrace("default", hexId(1, 32))).toBeNull();
    }));

  it("deletes once by other limits", () =>
    inStore(async (server) => {
      for (const [number, age] of [40, 20, 1].entries()) await send(server, number + 1, age);
      const answer = await ask(server, "POST", "/api/prune", { maxAgeDays: 10, maxBytes: null });
      expect(await answer.json()).toEqual({ traces: 2, isDone: true });
      expect(await stored(server)).toBe(1);
    }));

  it("refuses limits that are none", () =>
    inStore(async (server) => {
      for (const body of [{ maxAgeDays: 0 }, { maxAgeDays: -1 }, { maxBytes: "1g" }, [], null]) {
        expect((await ask(server, "PUT", "/api/settings/retention", body)).status).toBe(400);
        expect((await ask(server, "POST", "/api/prune", body)).status).toBe(400);
      }
    }));
});
