import { expect, describe, it } from "vitest";
import { withServer } from "../with-server.ts";
import { BODY, OWN, browse, call, makeKey } from "./calls.ts";

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
