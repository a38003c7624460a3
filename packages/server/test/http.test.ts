import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer, type TraceDetail, type ServerStatus } from "../src/index.ts";
import { decodeResponse, exportOf, span, toProtobuf } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

type Body = string | Uint8Array<ArrayBuffer>;

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

function post(server: SpanwiseServer, path: string, body: Body, headers: Record<string, string>): Promise<Response> {
  return fetch(server.url + path, { method: "POST", body, headers });
}

const bytes = (data: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(data);

async function ingestOf(server: SpanwiseServer): Promise<ServerStatus["ingest"]> {
  return ((await (await fetch(`${server.url}/api/status`)).json()) as ServerStatus).ingest;
}

async function traceOf(server: SpanwiseServer): Promise<TraceDetail> {
  return (await (await fetch(`${server.url}/api/traces/${TRACE_ID}`)).json()) as TraceDetail;
}

/** A request with headers that fetch does not let through. */
function rawStatus(server: SpanwiseServer, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: server.port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

describe("ingest", () => {
  it("stores the same from JSON, protobuf and gzip, on both routes", async () => {
    const json = exportOf(
      [span(1, { "langfuse.observation.input": '{"q":1}' }), span(2, {}, { parentSpanId: "0".repeat(15) + "1" })],
      { "service.name": "a" },
    );
    const stored: unknown[] = [];
    const ways: [string, Uint8Array, Record<string, string>][] = [
      ["/v1/traces", Buffer.from(JSON.stringify(json)), JSON_TYPE],
      ["/api/public/otel/v1/traces", toProtobuf(json), PROTOBUF],
      ["/v1/traces", gzipSync(toProtobuf(json)), { ...PROTOBUF, "content-encoding": "gzip" }],
    ];
    for (const [path, body, headers] of ways) {
      await withServer({}, async (server) => {
        const answer = await post(server, path, bytes(body), headers);
        expect(answer.status).toBe(200);
        expect(answer.headers.get("content-type")).toContain(headers["content-type"]);
        expect(await answer.text()).toBe(headers === JSON_TYPE ? "{}" : "");
        const detail = await (
          await fetch(`${server.url}/api/traces/${TRACE_ID}/observations/${"0".repeat(15)}1`)
        ).json();
        stored.push([await traceOf(server), detail]);
      });
    }
    expect(stored[1]).toEqual(stored[0]);
    expect(stored[2]).toEqual(stored[0]);
    expect(stored[0]).toMatchObject([
      { observations: [{ name: "span 1" }, { name: "span 2" }] },
      { input: { q: 1 }, resource: { "service.name": "a" } },
    ]);
  });

  it("takes 2000 spans in one body", () =>
    withServer({}, async (server) => {
      const spans = Array.from({ length: 2000 }, (_, index) =>
        span(index + 1, { "langfuse.observation.input": "x".repeat(100) }),
      );
      expect((await post(server, "/v1/traces", bytes(toProtobuf(exportOf(spans))), PROTOBUF)).status).toBe(200);
      expect((await traceOf(server)).observations).toHaveLength(2000);
    }));

  it("tells how many spans it rejected, in the request's encoding", () =>
    withServer({}, async (server) => {
      const mixed = exportOf([span(1), span(2, {}, { spanId: "00" })]);
      const expected = {
        partialSuccess: { rejectedSpans: "1", errorMessage: 'span "span 2": spanId is not 8 non-zero bytes' },
      };
      expect(await (await post(server, "/v1/traces", JSON.stringify(mixed), JSON_TYPE)).json()).toEqual(expected);
      const answer = await post(server, "/v1/traces", bytes(toProtobuf(mixed)), PROTOBUF);
      expect(decodeResponse(new Uint8Array(await answer.arrayBuffer()))).toEqual(expected);
      expect((await traceOf(server)).observations).toHaveLength(1);
    }));

  it("inflates gzip of several members, and of one that lies about its size", () =>
    withServer({}, async (server) => {
      const body = Buffer.from(JSON.stringify(exportOf([span(1)])));
      const members = Buffer.concat([gzipSync(body.subarray(0, 300)), gzipSync(body.subarray(300))]);
      const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
      expect((await post(server, "/v1/traces", bytes(members), headers)).status).toBe(200);
      const lie = gzipSync(body);
      lie.writeUInt32LE(5, lie.length - 4);
      const refused = await post(server, "/v1/traces", bytes(lie), headers);
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: "bad_gzip" }]);
    }));

  it("takes a slash too many, and names what it has not", () =>
    withServer({}, async (server) => {
      const body = JSON.stringify(exportOf([span(1)]));
      for (const path of ["/v1/traces/", "//v1/traces", "//api/public/otel/v1//traces/"]) {
        expect([path, (await post(server, path, body, JSON_TYPE)).status]).toEqual([path, 200]);
      }
      expect((await fetch(`${server.url}//api/traces/`)).status).toBe(200);
      expect((await fetch(`${server.url}/api/public/health/`)).status).toBe(200);
      const logs = await post(server, "/v1/logs", "{}", JSON_TYPE);
      expect([logs.status, await logs.json()]).toMatchObject([
        404,
        { code: 5, message: expect.stringContaining("OTEL_LOGS_EXPORTER=none") },
      ]);
      await withServer({ keys: true }, async (guarded) => {
        for (const path of ["//v1/traces", "/v1/traces/", "//api/traces", "/api//public/traces"]) {
          const answer = await fetch(guarded.url + path, { headers: { "content-type": "application/json" } });
          expect([path, answer.status]).toEqual([path, 401]);
        }
      });
    }));

  it("says what an address is served for, where the method is another", () =>
    withServer({}, async ({ url }) => {
      const ask = async (method: string, path: string): Promise<unknown[]> => {
        const answer = await fetch(url + path, { method });
        return [answer.status, answer.headers.get("allow"), ((await answer.json()) as { message: string }).message];
      };
      expect(await ask("POST", "/api/public/traces")).toEqual([
        405,
        "GET, HEAD, DELETE",
        "Traces are sent to POST /api/public/ingestion, or as OTLP to POST /v1/traces.",
      ]);
      expect(await ask("PUT", "/api/traces/abc")).toEqual([
        405,
        "GET, HEAD, DELETE",
        "PUT is not served here, only GET, HEAD, DELETE.",
      ]);
      expect(await ask("GET", "/api/public/ingestion")).toEqual([405, "POST", "GET is not served here, only POST."]);
      expect(await ask("GET", "/api/nothing")).toEqual([404, null, "There is no such route."]);
      // An endpoint without its path.
      for (const path of ["/", "/api/public/otel", "/otlp/v1/traces"]) {
        const [status, , message] = await ask("POST", path);
        expect([404, 405]).toContain(status);
        expect(message).toContain("POST /v1/traces");
      }
    }));

  it("does not take a sender that goes away for a failure of its own", async () => {
    const errors: unknown[] = [];
    await withServer({ onError: (error) => errors.push(error) }, async (server) => {
      const socket = connect(server.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
      );
      await expect.poll(async () => (await ingestOf(server)).requests).toBe(1);
      socket.destroy();
      await expect.poll(async () => (await ingestOf(server)).rejected).toBe(1);
    });
    expect(errors).toEqual([]);
  });

  it("refuses an edition of Langfuse's attributes after the fourth", () =>
    withServer({}, async (server) => {
      const status = async (version: string): Promise<number> => {
        const headers = { ...JSON_TYPE, "x-langfuse-ingestion-version": version };
        return (await post(server, "/api/public/otel/v1/traces", JSON.stringify(exportOf([span(1)])), headers)).status;
      };
      expect([await status("4"), await status("3"), await status("5"), await status("x")]).toEqual([
        200, 200, 400, 400,
      ]);
    }));

  it("stores nothing of a body it cannot read, and says why", () =>
    withServer({}, async (server) => {
      const good = toProtobuf(exportOf([span(1), span(2)]));
      const cases: [Body, Record<string, string>, number][] = [
        [bytes(good.subarray(0, good.length - 5)), PROTOBUF, 400],
        ["garbage", PROTOBUF, 400],
        ["{", JSON_TYPE, 400],
        [JSON.stringify({ resourceLogs: [] }), JSON_TYPE, 400],
        [bytes(Buffer.from([0x7b, 0xff, 0x7d])), JSON_TYPE, 400],
        [JSON.stringify({ resourceSpans: [{ scopeSpans: "x" }] }), JSON_TYPE, 400],
        ["not gzip", { ...JSON_TYPE, "content-encoding": "gzip" }, 400],
        [bytes(gzipSync(good).subarray(0, -9)), { ...PROTOBUF, "content-encoding": "gzip" }, 400],
        ["{}", { ...JSON_TYPE, "content-encoding": "snappy" }, 415],
        ["a=b", { "content-type": "text/plain" }, 415],
      ];
      for (const [body, headers, status] of cases) {
        const answer = await post(server, "/v1/traces", body, headers);
        expect(answer.status).toBe(status);
        expect(await answer.text()).toMatch(/\w{3}/);
      }
      expect(await (await fetch(`${server.url}/api/traces`)).json()).toEqual({ data: [], nextCursor: null });
    }));

  it.each(["/api/public/ingestion", "/api/public/scores", "/api/public/media"])("refuses a broken body at %s", (path) =>
    withServer({}, async (server) => {
      for (const body of ["{", "[]", "", bytes(Buffer.from([0xff]))]) {
        const answer = await post(server, path, body, JSON_TYPE);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toEqual({ error: "bad_request", message: expect.stringMatching(/\w{3}/) });
      }
    }),
  );

  it("hears a slow sender out whose body it has refused: a connection that is cut would hide the reason", () =>
    withServer({ maxWireBytes: 100_000 }, async (server) => {
      const socket = connect(server.port, "127.0.0.1");
      const errors: Error[] = [];
      let received = "";
      socket.on("error", (error) => errors.push(error)).on("data", (data) => (received += data.toString()));
      const head = (length: number): string =>
        `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
      socket.write(head(1_000_000));
      for (let part = 0; part < 10; part += 1) {
        socket.write(" ".repeat(100_000));
        await delay(100);
      }
      socket.write(`${head(2)}{}`);
      await expect.poll(() => received.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
      socket.destroy();
      expect(errors).toEqual([]);
    }));

  it("bounds bodies as sent and as inflated", () =>
    withServer({ maxWireBytes: 100_000, maxBodyBytes: 200_000 }, async (server) => {
      const bomb = gzipSync(Buffer.alloc(5_000_000, " "));
      expect(bomb.length).toBeLessThan(100_000);
      expect((await post(server, "/v1/traces", bytes(bomb), { ...JSON_TYPE, "content-encoding": "gzip" })).status).toBe(
        413,
      );
      const large = await post(server, "/v1/traces", " ".repeat(100_001), JSON_TYPE);
      expect(large.status).toBe(413);
      expect(await large.json()).toMatchObject({ message: expect.stringContaining("100000 bytes") });
      expect(await (await fetch(`${server.url}/api/traces`)).json()).toMatchObject({ data: [] });
      expect((await post(server, "/v1/traces", JSON.stringify(exportOf([span(1)])), JSON_TYPE)).status).toBe(200);
    }));

  it("answers 429 with Retry-After while the write queue is full", () =>
    withServer({}, async (server) => {
      const { StoreBusyError } = await import("../src/store/store.ts");
      const write = server.store.writeBatch.bind(server.store);
      server.store.writeBatch = () => Promise.reject(new StoreBusyError("full"));
      const answer = await post(server, "/v1/traces", JSON.stringify(exportOf([span(1)])), JSON_TYPE);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "1"]);
      server.store.writeBatch = write;
    }));

  it("answers 500 without internals, and reports them to its owner", async () => {
    const errors: unknown[] = [];
    await withServer({ onError: (error) => errors.push(error) }, async (server) => {
      server.store.writeBatch = () => Promise.reject(new Error("secret path /x"));
      const answer = await post(server, "/v1/traces", JSON.stringify(exportOf([span(1)])), JSON_TYPE);
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain("secret");
    });
    expect(errors).toHaveLength(1);
  });
});

describe("Langfuse routes", () => {
  it("takes scores in a batch and answers for each event", () =>
    withServer({}, async (server) => {
      const event = (id: string, type: string, body: object): object => ({
        id,
        type,
        timestamp: "2026-11-23T10:00:00.000Z",
        body,
      });
      const batch = [
        event("e1", "score-create", { id: "s1", name: "ok", value: true, traceId: TRACE_ID }),
        event("e2", "sdk-log", {}),
        event("e3", "trace-burn", { id: TRACE_ID }),
        event("e4", "score-create", { name: "x", traceId: TRACE_ID, value: {} }),
      ];
      const answer = await post(server, "/api/public/ingestion", JSON.stringify({ batch }), JSON_TYPE);
      expect(answer.status).toBe(207);
      const body = (await answer.json()) as { successes: { id: string }[]; errors: { id: string; status: number }[] };
      expect(body.successes.map(({ id }) => id)).toEqual(["e1", "e2"]);
      expect(body.errors.map(({ id, status }) => [id, status])).toEqual([
        ["e3", 400],
        ["e4", 400],
      ]);
      expect(await server.store.listScores("default", TRACE_ID)).toMatchObject([
        { id: "s1", dataType: "BOOLEAN", value: 1, timestamp: Date.parse("2026-11-23T10:00:00.000Z") },
      ]);
      expect((await post(server, "/api/public/ingestion", "{}", JSON_TYPE)).status).toBe(400);
    }));

  it("takes one score, and names its projects and health", () =>
    withServer({}, async (server) => {
      const answer = await post(
        server,
        "/api/public/scores",
        JSON.stringify({ id: "s", name: "n", value: 0.5, traceId: TRACE_ID }),
        JSON_TYPE,
      );
      expect(await answer.json()).toEqual({ id: "s" });
      expect(
        (await post(server, "/api/public/scores", JSON.stringify({ name: "n", value: 1 }), JSON_TYPE)).status,
      ).toBe(400);
      expect(await (await fetch(`${server.url}/api/public/projects`)).json()).toMatchObject({
        data: [{ id: "default" }],
      });
      expect(await (await fetch(`${server.url}/api/public/health`)).json()).toMatchObject({
        status: "OK",
        name: "spanwise",
      });
    }));
});

describe("viewer's side", () => {
  let server: SpanwiseServer;
  beforeAll(async () => {
    server = await createServer({ port: 0, db: ":memory:" });
    await post(server, "/v1/traces", JSON.stringify(exportOf([span(1)])), JSON_TYPE);
  });
  afterAll(() => server.close());

  it("redirects short addresses and answers unknown ones in JSON", async () => {
    const short = await fetch(`${server.url}/t/abc`, { redirect: "manual" });
    expect([short.status, short.headers.get("location")]).toEqual([302, "/p/default/traces/abc"]);
    for (const path of ["/api/nope", "/api/traces/none", `/api/traces/${TRACE_ID}/observations/none`, "/v1/logs"]) {
      const answer = await fetch(server.url + path);
      expect([answer.status, ((await answer.json()) as { error: string }).error], path).toEqual([404, "not_found"]);
    }
    for (const query of ["limit=0", "limit=201", "limit=x", "cursor=x"])
      expect((await fetch(`${server.url}/api/traces?${query}`)).status, query).toBe(400);
  });

  it("sends a strict policy with every answer, and no file from outside its folder", async () => {
    const page = await fetch(`${server.url}/p/default/traces`, { headers: { accept: "text/html" } });
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    for (const path of ["/..%2f..%2fpackage.json", "/%2e%2e/%2e%2e/package.json", "/assets/%00", "/%ff"]) {
      expect(await (await fetch(server.url + path)).text()).not.toContain("publishConfig");
    }
  });

  it("serves loopback names only, and no page of another origin", async () => {
    expect(await rawStatus(server, "/api/traces", { host: "evil.example" })).toBe(421);
    expect(await rawStatus(server, "/api/traces", { host: "localhost.evil.example:80" })).toBe(421);
    expect(await rawStatus(server, "/api/traces", { host: "[::1]:4777" })).toBe(200);
    expect(await rawStatus(server, "/api/traces", { host: "localhost:1", origin: "http://evil.example" })).toBe(403);
    expect(await rawStatus(server, "/api/traces", { host: "localhost:1", origin: "http://localhost:2" })).toBe(403);
    expect(await rawStatus(server, "/api/traces", { host: "localhost:1", "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await rawStatus(server, "/api/traces", { host: "localhost:1", origin: "http://localhost:1" })).toBe(200);
    const preflight = await fetch(`${server.url}/v1/traces`, {
      method: "OPTIONS",
      headers: { origin: "http://app.example", "access-control-request-method": "POST" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });
});

describe("keys", () => {
  it("are demanded where others can reach the server", async () => {
    await expect(createServer({ port: 0, db: ":memory:", host: "0.0.0.0" })).rejects.toThrow("--public-key");
    await expect(createServer({ port: 0, db: ":memory:", publicKey: "pk" })).rejects.toThrow("together");
  });

  it("open everything as Basic auth, scores also as a Bearer public key", () =>
    withServer({ host: "0.0.0.0", publicKey: "pk", secretKey: "sk" }, async (server) => {
      const basic = (pair: string): Record<string, string> => ({
        authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
      });
      for (const path of ["/api/traces", "/", "/api/events", "/api/public/projects"]) {
        const answer = await fetch(server.url + path);
        expect([answer.status, answer.headers.get("www-authenticate")], path).toEqual([
          401,
          expect.stringContaining("Basic"),
        ]);
      }
      expect((await fetch(`${server.url}/api/traces`, { headers: basic("pk:no") })).status).toBe(401);
      expect((await fetch(`${server.url}/api/traces`, { headers: basic("pk:sk") })).status).toBe(200);
      expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
      const body = JSON.stringify(exportOf([span(1)]));
      expect((await post(server, "/v1/traces", body, JSON_TYPE)).status).toBe(401);
      expect((await post(server, "/v1/traces", body, { ...JSON_TYPE, authorization: "Bearer pk" })).status).toBe(401);
      expect((await post(server, "/v1/traces", body, { ...JSON_TYPE, ...basic("pk:sk") })).status).toBe(200);
      const score = JSON.stringify({ name: "n", value: 1, traceId: TRACE_ID });
      expect(
        (await post(server, "/api/public/scores", score, { ...JSON_TYPE, authorization: "Bearer pk" })).status,
      ).toBe(200);
    }));
});
