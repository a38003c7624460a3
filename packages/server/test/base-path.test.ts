import { describe, expect, test } from "vitest";
import { createServer } from "../src/index.ts";
import { withServer } from "./with-server.ts";

describe("behind a reverse proxy under a path", () => {
  test("everything is there with the path and without it: some proxies pass it on, some take it away", () =>
    withServer({ basePath: "/spanwise/" }, async (server) => {
      for (const base of ["", "/spanwise"]) {
        expect((await fetch(`${server.url}${base}/api/health`)).status).toBe(200);
        const sent = await fetch(`${server.url}${base}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"resourceSpans":[]}',
        });
        expect(sent.status).toBe(200);
      }
      const beside = await fetch(`${server.url}/spanwiser/api/health`, { headers: { accept: "application/json" } });
      expect(beside.status).toBe(404);
    }));

  test("redirects lead under the path", () =>
    withServer({ basePath: "/spanwise" }, async (server) => {
      const moved = await fetch(`${server.url}/spanwise/trace/abc`, { redirect: "manual" });
      expect(moved.headers.get("location")).toBe("/spanwise/t/abc");
    }));

  test("what is no path is refused, and says what one looks like", async () => {
    for (const basePath of ["spanwise", "/a b", '/"><script>', "/../x?y"])
      await expect(createServer({ port: 0, db: ":memory:", basePath })).rejects.toThrow("like /spanwise");
  });
});
