import { expect, describe, it } from "vitest";
import type { ApiKey, CreatedApiKey, Project } from "../../src/index.ts";
import { exportOf, span } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";
import { BODY, OWN, TRACE_ID, basic, call, makeKey } from "./calls.ts";

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
