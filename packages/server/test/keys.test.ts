import { request, type IncomingMessage } from "node:http";
import { expect, describe, it } from "vitest";
import type { ApiKey, CreatedApiKey, Project, ServerStatus, SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const OWN = { publicKey: "pk", secretKey: "sk" };
const JSON_TYPE = { "content-type": "application/json" };
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const BODY = JSON.stringify(exportOf([span(1)]));

function basic(publicKey: string, secretKey: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}` };
}

async function call(
  server: SpanwiseServer,
  method: string,
  path: string,
  { body, ...headers }: Record<string, string | undefined> = {},
): Promise<Response> {
  return fetch(server.url + path, {
    method,
    headers: { ...JSON_TYPE, ...(headers as Record<string, string>) },
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
}

/** `fetch` sets the headers of a browser's own to what it likes. */
function browse(server: SpanwiseServer, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url + path, { headers }, (answer) => resolve(answer.resume()));
    asked.on("error", reject).end();
  });
}

async function makeKey(server: SpanwiseServer, project: string): Promise<CreatedApiKey> {
  const admin = basic("pk", "sk");
  await call(server, "POST", "/api/projects", { ...admin, body: JSON.stringify({ name: project }) });
  const answer = await call(server, "POST", `/api/projects/${project}/keys`, { ...admin, body: '{"note":"ci"}' });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
  return (await answer.json()) as CreatedApiKey;
}

describe("projects and their keys", () => {
  it("are renamed, and deleted when their name is given", () =>
    withServer(OWN, async (server) => {
      const admin = basic("pk", "sk");
      const key = await makeKey(server, "shop");
      const mine = basic(key.publicKey, key.secretKey);
      const body = JSON.stringify(exportOf([span(1)]));
      expect((await call(server, "POST", "/v1/traces", { ...mine, body })).status).toBe(200);
      const renamed = await call(server, "PATCH", "/api/projects/shop", { ...admin, body: '{"name":"The shop"}' });
      expect(await renamed.json()).toMatchObject({ id: "shop", name: "The shop" });

      const remove = async (path: string, who = admin): Promise<[number, unknown]> => {
        const answer = await call(server, "DELETE", `/api/projects/${path}`, who);
        return [answer.status, await answer.json()];
      };
      expect(await remove("shop")).toMatchObject([400, { error: "not_confirmed" }]);
      expect(await remove("shop?name=shop")).toMatchObject([400, { error: "not_confirmed" }]);
      expect(await remove("shop?name=The%20shop", mine)).toMatchObject([403, {}]);
      expect(await remove("default?name=default")).toMatchObject([409, { error: "default_project" }]);
      expect(await remove("shop?name=The%20shop")).toEqual([200, { traces: 1 }]);
      expect(await remove("shop?name=The%20shop")).toMatchObject([404, {}]);
      expect((await call(server, "POST", "/v1/traces", { ...mine, body })).status).toBe(401);
    }));

  it("are made, listed without the secret, and taken back", () =>
    withServer(OWN, async (server) => {
      const admin = basic("pk", "sk");
      const key = await makeKey(server, "shop");
      expect(key).toMatchObject({ note: "ci", lastUsedAt: null, secretHint: key.secretKey.slice(-4) });
      const listed = await call(server, "GET", "/api/projects/shop/keys", admin);
      const { secretKey, ...rest } = key;
      expect(await listed.json()).toEqual([rest]);
      expect(JSON.stringify(await server.store.listKeys())).not.toContain(secretKey);
      const projects = (await (await call(server, "GET", "/api/projects", admin)).json()) as Project[];
      expect(projects.map(({ id }) => id)).toEqual(["default", "shop"]);
      const again = await call(server, "POST", "/api/projects", { ...admin, body: '{"name":"Shop"}' });
      expect(again.status).toBe(409);

      const mine = basic(key.publicKey, secretKey);
      expect((await call(server, "GET", "/api/traces", mine)).status).toBe(200);
      const path = `/api/projects/shop/keys/${key.publicKey}`;
      expect((await call(server, "DELETE", path, admin)).status).toBe(204);
      expect((await call(server, "DELETE", path, admin)).status).toBe(404);
      expect((await call(server, "GET", "/api/traces", mine)).status).toBe(401);
    }));

  it("open their own project and nothing else", () =>
    withServer(OWN, async (server) => {
      const key = await makeKey(server, "shop");
      const mine = basic(key.publicKey, key.secretKey);
      expect((await call(server, "POST", "/v1/traces", { ...mine, body: BODY })).status).toBe(200);
      expect(await server.store.getTrace("shop", TRACE_ID)).not.toBeNull();
      expect(await server.store.getTrace("default", TRACE_ID)).toBeNull();
      expect((await call(server, "GET", `/api/traces/${TRACE_ID}`, mine)).status).toBe(200);
      expect(await (await call(server, "GET", "/api/public/projects", mine)).json()).toMatchObject({
        data: [{ id: "shop", name: "shop" }],
      });
      expect((await call(server, "GET", `/t/${TRACE_ID}`, mine)).headers.get("location")).toBe(
        `/p/shop/traces/${TRACE_ID}`,
      );
      expect((await call(server, "GET", `/api/traces/${TRACE_ID}?project=shop`, mine)).status).toBe(200);
      expect((await call(server, "GET", `/api/traces/${TRACE_ID}?project=default`, mine)).status).toBe(403);
      expect((await call(server, "GET", `/api/traces/${TRACE_ID}?project=shop`, basic("pk", "sk"))).status).toBe(200);
      expect((await (await call(server, "GET", "/api/projects", mine)).json()) as Project[]).toMatchObject([
        { id: "shop" },
      ]);
      for (const [method, path] of [
        ["POST", "/api/projects"],
        ["GET", "/api/projects/shop/keys"],
        ["POST", "/api/projects/default/keys"],
      ] as const) {
        const answer = await call(server, method, path, { ...mine, ...(method === "POST" ? { body: "{}" } : {}) });
        expect(answer.status, path).toBe(403);
      }
    }));

  it("are refused half, wrong or unknown, and too many attempts are put off", () =>
    withServer(OWN, async (server) => {
      const key = await makeKey(server, "shop");
      const statuses: number[] = [];
      for (const authorization of [
        basic(key.publicKey, "").authorization,
        basic(key.publicKey, "sk").authorization,
        basic("pk", key.secretKey).authorization,
        `Bearer ${key.publicKey}`,
        "Basic !!",
        "Basic",
        `Basic ${Buffer.from("no colon").toString("base64")}`,
      ]) {
        statuses.push((await call(server, "POST", "/v1/traces", { authorization, body: BODY })).status);
      }
      expect(new Set(statuses)).toEqual(new Set([401]));
      let last = await call(server, "GET", "/api/traces", basic("a", "b"));
      for (let tries = 0; tries < 40 && last.status === 401; tries++) {
        last = await call(server, "GET", "/api/traces", basic("a", "b"));
      }
      expect([last.status, last.headers.get("retry-after")]).toEqual([429, "1"]);
      // Who has the right keys is not held up by who has not.
      expect((await call(server, "GET", "/api/traces", basic("pk", "sk"))).status).toBe(200);
    }));

  it("send scores with the public key alone, and no traces that way", () =>
    withServer(OWN, async (server) => {
      const key = await makeKey(server, "shop");
      const bearer = { authorization: `Bearer ${key.publicKey}` };
      const score = { id: "s", name: "n", value: 1, traceId: TRACE_ID };
      expect(
        (await call(server, "POST", "/api/public/scores", { ...bearer, body: JSON.stringify(score) })).status,
      ).toBe(200);
      const timestamp = "2026-11-23T10:00:00.000Z";
      const batch = [
        { id: "1", type: "score-create", timestamp, body: { ...score, id: "s2" } },
        { id: "2", type: "trace-create", timestamp, body: { id: TRACE_ID } },
      ];
      const answer = await call(server, "POST", "/api/public/ingestion", {
        ...bearer,
        body: JSON.stringify({ batch }),
      });
      expect(await answer.json()).toMatchObject({ successes: [{ id: "1" }], errors: [{ id: "2", status: 401 }] });
      expect((await server.store.listScores("shop", TRACE_ID)).map(({ id }) => id).toSorted()).toEqual(["s", "s2"]);
      expect(await server.store.getTrace("shop", TRACE_ID)).toBeNull();
      for (const path of ["/api/traces", "/api/public/scores"]) {
        expect((await call(server, "GET", path, bearer)).status, path).toBe(401);
      }
    }));

  it("choose the project on loopback, where any others will do", () =>
    withServer({}, async (server) => {
      await call(server, "POST", "/api/projects", { body: '{"name":"shop"}' });
      const made = await call(server, "POST", "/api/projects/shop/keys", { body: "{}" });
      const key = (await made.json()) as CreatedApiKey;
      await call(server, "POST", "/v1/traces", { ...basic(key.publicKey, key.secretKey), body: BODY });
      expect(await server.store.getTrace("shop", TRACE_ID)).not.toBeNull();
      await call(server, "POST", "/v1/traces", { ...basic("pk-anything", "x"), body: BODY });
      expect(await server.store.getTrace("default", TRACE_ID)).not.toBeNull();
      const keys = (await (await call(server, "GET", "/api/projects/shop/keys")).json()) as ApiKey[];
      expect(keys).toHaveLength(1);
    }));
});

describe("a project that a request names", () => {
  const message = 'There is no project "ghost": the settings and spanwise keys create make one.';

  it.each([
    ["GET", "/api/traces?project=ghost"],
    ["GET", `/api/traces/${TRACE_ID}?project=ghost`],
    ["GET", "/api/events?project=ghost"],
    ["GET", "/api/export?format=jsonl&project=ghost"],
    ["GET", "/api/public/traces?project=ghost"],
    ["GET", "/api/status?project=ghost"],
    ["POST", "/v1/traces?project=ghost"],
    ["POST", "/api/public/otel/v1/traces?project=ghost"],
    ["POST", "/api/public/ingestion?project=ghost"],
    ["POST", "/api/public/scores?project=ghost"],
    ["POST", "/api/public/media?project=ghost"],
    ["POST", "/api/datasets?project=ghost"],
  ])("has to be there: %s %s", (method, path) =>
    withServer({}, async (server) => {
      for (const who of [{}, basic("any", "thing")]) {
        const answer = await call(server, method, path, { ...who, ...(method === "GET" ? {} : { body: BODY }) });
        expect([answer.status, await answer.json()]).toMatchObject([404, { message }]);
      }
      expect(await server.store.getTrace("ghost", TRACE_ID)).toBeNull();
    }),
  );

  it("is known as soon as it is made, by another process too, and unknown when it is deleted", () =>
    withServer({}, async (server) => {
      const send = async (): Promise<number> =>
        (await call(server, "POST", "/v1/traces?project=shop", { body: BODY })).status;
      expect(await send()).toBe(404);
      await server.store.createProject({ id: "shop", name: "Shop", createdAt: 0 });
      expect(await send()).toBe(200);
      expect((await call(server, "GET", `/api/traces/${TRACE_ID}?project=shop`)).status).toBe(200);
      expect((await call(server, "DELETE", "/api/projects/shop?name=Shop")).status).toBe(200);
      expect(await send()).toBe(404);
      expect((await call(server, "POST", "/v1/traces?project=default", { body: BODY })).status).toBe(200);
    }));

  it("is not looked for where the key is another's", () =>
    withServer(OWN, async (server) => {
      const key = await makeKey(server, "shop");
      const path = "/api/traces?project=ghost";
      expect((await call(server, "GET", path, basic(key.publicKey, key.secretKey))).status).toBe(403);
      expect((await call(server, "GET", path)).status).toBe(401);
      expect((await call(server, "GET", path, basic("pk", "sk"))).status).toBe(404);
    }));
});

describe("logging in", () => {
  const navigate = { "sec-fetch-mode": "navigate", "sec-fetch-site": "none" };

  it("works with the address that the server gives, and the cookie opens the viewer and no way in for traces", () =>
    withServer({ keys: true }, async (server) => {
      expect(server.loginUrl).toMatch(/\/login\?token=[\w-]{43}$/);
      const page = await browse(server, "/p/default/traces", navigate);
      expect([page.statusCode, page.headers.location]).toEqual([302, "/login?next=%2Fp%2Fdefault%2Ftraces"]);
      const deep = await browse(server, "/p/default/traces/1?o=2&tab=json", navigate);
      const next = new URL(deep.headers.location ?? "", server.url).searchParams.get("next");
      expect(next).toBe("/p/default/traces/1?o=2&tab=json");
      const fetched = await browse(server, "/api/traces", {
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
      });
      expect([fetched.statusCode, fetched.headers["www-authenticate"]]).toEqual([401, undefined]);

      // A browser leaves out the form's origin where the page's policy forbids a referrer, and the form is then refused.
      const form = await fetch(`${server.url}/login`);
      expect(form.headers.get("referrer-policy")).toBe("same-origin");

      const entered = await fetch(server.loginUrl ?? "", { redirect: "manual" });
      expect([entered.status, entered.headers.get("location")]).toEqual([303, "/"]);
      const set = entered.headers.get("set-cookie") ?? "";
      expect(set).toMatch(/^spanwise_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      const cookie = set.split(";")[0] ?? "";
      expect((await call(server, "GET", "/api/traces", { cookie })).status).toBe(200);
      expect((await call(server, "POST", "/api/projects", { cookie, body: '{"name":"shop"}' })).status).toBe(201);
      expect((await call(server, "POST", "/v1/traces", { cookie, body: BODY })).status).toBe(401);
      expect((await call(server, "GET", "/api/public/projects", { cookie })).status).toBe(401);
      const foreign = { cookie, origin: "http://localhost:1" };
      expect((await call(server, "POST", "/api/projects", { ...foreign, body: '{"name":"x"}' })).status).toBe(403);

      expect((await call(server, "POST", "/logout", { cookie })).status).toBe(303);
      expect((await call(server, "GET", "/api/traces", { cookie })).status).toBe(401);
    }));

  it("works with a project's keys, for that project, and leads nowhere else", () =>
    withServer(OWN, async (server) => {
      const key = await makeKey(server, "shop");
      const enter = (form: Record<string, string>, next = ""): Promise<Response> =>
        fetch(`${server.url}/login?next=${encodeURIComponent(next)}`, {
          method: "POST",
          body: new URLSearchParams(form),
          redirect: "manual",
        });
      const form = { publicKey: key.publicKey, secretKey: key.secretKey };
      const entered = await enter(form, "/p/shop/traces");
      expect([entered.status, entered.headers.get("location")]).toEqual([303, "/p/shop/traces"]);
      const cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      expect((await call(server, "GET", "/api/traces?project=shop", { cookie })).status).toBe(200);
      expect((await call(server, "GET", "/api/traces?project=default", { cookie })).status).toBe(403);
      for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "x"]) {
        expect((await enter(form, next)).headers.get("location")).toBe("/");
      }
      const wrong = await enter({ ...form, secretKey: "x" });
      expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
      expect(await wrong.text()).toContain("not known here");
      const stale = await fetch(`${server.url}/login?token=old`);
      expect([stale.status, await stale.text()]).toEqual([401, expect.stringContaining("earlier run")]);
    }));

  it("is not needed where no keys are asked for", () =>
    withServer({}, async (server) => {
      expect(server.loginUrl).toBeNull();
      expect((await call(server, "GET", "/login")).headers.get("location")).toBe("/");
    }));
});

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

describe("a project's prices", () => {
  it("hold for what comes in from then on, and for what is stored when asked to", () =>
    withServer({}, async (server) => {
      const attributes = { "gen_ai.request.model": "my-model", "gen_ai.usage.input_tokens": 1_000_000 };
      const send = (id: number): Promise<Response> =>
        call(server, "POST", "/v1/traces", { body: JSON.stringify(exportOf([withAttributes(span(id), attributes)])) });
      const costs = async (): Promise<unknown[]> => {
        const trace = await server.store.getTrace("default", TRACE_ID);
        return (trace?.observations ?? []).map((row) => row.cost?.["total"] ?? null);
      };
      await send(1);
      const price = { match: "my-*", prices: { input: 3 } };
      const made = await call(server, "POST", "/api/prices", { body: JSON.stringify(price) });
      const { id } = (await made.json()) as { id: string };
      expect(await (await call(server, "GET", "/api/prices")).json()).toMatchObject([{ id, ...price, provider: null }]);
      await send(2);
      expect(await costs()).toEqual([null, 3]);
      const repriced = await call(server, "POST", "/api/prices/reprice");
      expect(await repriced.json()).toEqual({ traces: 1, observations: 2, changed: 1 });
      expect(await costs()).toEqual([3, 3]);
      expect((await call(server, "DELETE", `/api/prices/${id}`)).status).toBe(204);
      await call(server, "POST", "/api/prices/reprice");
      expect(await costs()).toEqual([null, null]);
    }));

  it("are refused where they make no sense", () =>
    withServer({}, async (server) => {
      for (const body of [
        "[]",
        "{}",
        '{"match":"","prices":{"input":1}}',
        '{"match":"m","prices":{}}',
        '{"match":"m","prices":{"input":-1}}',
        '{"match":"m","prices":{"input":"1"}}',
        '{"match":"m","prices":{"total":1}}',
        `{"match":"${"m".repeat(300)}","prices":{"input":1}}`,
      ]) {
        expect((await call(server, "POST", "/api/prices", { body })).status, body.slice(0, 60)).toBe(400);
      }
      expect((await call(server, "DELETE", "/api/prices/none")).status).toBe(404);
    }));
});

function withAttributes(
  base: ReturnType<typeof span>,
  attributes: Record<string, string | number>,
): ReturnType<typeof span> {
  const more = Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
  }));
  return { ...base, attributes: [...((base as { attributes?: object[] }).attributes ?? []), ...more] } as never;
}
