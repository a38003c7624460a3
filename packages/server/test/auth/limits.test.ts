import { request } from "node:http";
import { expect, describe, it } from "vitest";
import type { ServerStatus } from "../../src/index.ts";
import { withServer } from "../with-server.ts";
import { BODY, JSON_TYPE, basic, call } from "./calls.ts";

describe("limits", () => {
  it("turn away what comes too fast, by project, and count it", () =>
    withServer({ maxRequestsPerSecond: 1 }, async (server) => {
      const statuses: number[] = [];
      let last: Response | undefined;
      for (let sent = 0; sent < 15; sent++) {
        last = await call(server, "POST", "/v1/traces", { body: BODY });
        statuses.push(last.status);
      }
      expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
      expect(statuses.at(-1)).toBe(429);
      expect(Number(last?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect((await call(server, "GET", "/api/health")).status).toBe(200);
    }));

  it("turn away what comes while too many are being answered", () =>
    withServer({ maxConcurrentRequests: 1 }, async (server) => {
      const slow = request(`${server.url}/v1/traces`, { method: "POST", headers: JSON_TYPE });
      slow.write(BODY.slice(0, 10));
      const answered = new Promise<number>((resolve) =>
        slow.on("response", (answer) => resolve(answer.statusCode ?? 0)),
      );
      let other = await call(server, "GET", "/api/traces");
      while (other.status === 200) other = await call(server, "GET", "/api/traces");
      expect([other.status, other.headers.get("retry-after")]).toEqual([429, "1"]);
      slow.end(BODY.slice(10));
      expect(await answered).toBe(200);
      expect((await call(server, "GET", "/api/traces")).status).toBe(200);
    }));
});

describe("status", () => {
  it("tells what came in and why something was turned down, without what was in it", () =>
    withServer({}, async (server) => {
      const read = async (): Promise<ServerStatus> =>
        (await (await call(server, "GET", "/api/status")).json()) as ServerStatus;
      expect(await read()).toMatchObject({ hasTraces: false, isLoopback: true, keysRequired: false, url: server.url });
      await call(server, "POST", "/v1/traces", { body: BODY, "user-agent": "my-agent/1" });
      await call(server, "POST", "/v1/traces", { body: 'secret-words {"a": "more-secret"', ...basic("pk-x", "sk-x") });
      await call(server, "POST", "/v1/traces", { body: "x", "content-type": "text/secret-words" });
      const status = await read();
      expect(status).toMatchObject({ hasTraces: true, traceCount: 1, observationCount: 1, dbPath: null, dbBytes: 0 });
      expect(status.ingest).toMatchObject({
        requests: 3,
        observations: 1,
        rejected: 2,
        limited: 0,
        cutUploads: 0,
        slowSenders: 0,
        lastReceived: { route: "/v1/traces", client: "my-agent/1" },
        lastRejected: { route: "/v1/traces", status: 415 },
      });
      await call(server, "POST", "/v1/traces", { body: 'secret-words {"a": "more-secret"', ...basic("pk-x", "sk-x") });
      expect(JSON.stringify(await read())).not.toMatch(/secret-words|more-secret|sk-x/);
    }));
});
