import { expect, it } from "vitest";
import { STORES, ask, lone, send, statuses, traceOf, withStore } from "./hostile-server.ts";
import { withServer } from "../with-server.ts";

it("takes times in ISO 8601 only, and reads one without a zone as UTC", () =>
  withServer({}, async (server) => {
    await send(server, [lone(1)]);
    const times = ["0", "-1", "1,2", "yesterday 5", "2026-02-30", "2026-13-01", "2026-01-01T25:00Z", "1795000000000"];
    const routes = [
      "/api/public/traces?fromTimestamp=",
      "/api/public/sessions?toTimestamp=",
      "/api/public/observations?fromStartTime=",
      "/api/public/v2/observations?toStartTime=",
      "/api/public/v3/scores?fromTimestamp=",
      "/api/public/scores?toTimestamp=",
      "/api/public/metrics/daily?fromTimestamp=",
    ];
    const paths = routes.flatMap((route) => times.map((time) => route + encodeURIComponent(time)));
    expect(await statuses(server, paths)).toEqual(paths.map((path) => [path, 400]));
    const query = (from: string): string =>
      `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify({ view: "observations", metrics: [{ measure: "count", aggregation: "count" }], fromTimestamp: from, toTimestamp: "2999-01-01" }))}`;
    const filter = (value: string): string =>
      `/api/public/traces?filter=${encodeURIComponent(JSON.stringify([{ type: "datetime", column: "timestamp", operator: ">", value }]))}`;
    for (const path of [query("1"), filter("1"), filter("2026-02-30"), "/api/traces?q=start:2026-02-30"]) {
      expect([path, (await ask(server, path)).status]).toEqual([path, 400]);
    }
    // The trace began at 2026-11-18T11:06:40.123456Z.
    const counted = async (time: string): Promise<unknown> =>
      JSON.parse((await ask(server, `/api/public/traces?fromTimestamp=${encodeURIComponent(time)}`)).text).meta
        .totalItems;
    for (const before of [
      "2026-11-18",
      "2026-11-18T11:06:40",
      "2026-11-18T11:06:40.123456Z",
      "2026-11-18T13:06:40+02:00",
    ]) {
      expect([before, await counted(before)]).toEqual([before, 1]);
    }
    for (const after of ["2026-11-18T11:06:41", "2026-11-18T11:06:40.123457Z", "2026-11-18T13:06:41+0200"]) {
      expect([after, await counted(after)]).toEqual([after, 0]);
    }
  }));

it("takes plain numbers only", () =>
  withServer({}, async (server) => {
    const paths = ["from=%20", "from=0x10", "to=1e999", "limit=0x10", "limit=0", "limit=-1", "limit=1e9", "limit=abc"];
    const all = [
      ...paths.map((query) => `/api/traces?${query}`),
      "/api/scores?value=%20",
      "/api/scores?valueMin=0b1",
      "/api/metrics?buckets=0x10",
      "/api/public/traces?limit=0",
      "/api/public/traces?page=0",
      "/api/public/traces?page=0x1",
    ];
    expect(await statuses(server, all)).toEqual(all.map((path) => [path, 400]));
    expect((await ask(server, "/api/traces?from=-1.5&to=1e3&limit=1")).status).toBe(200);
  }));

it.each(STORES)("refuses a cursor of another list or another order (%s)", (store) =>
  withStore(store, async (server) => {
    await send(
      server,
      [1, 2, 3].map((number) =>
        lone(number, { "langfuse.user.id": `u${number}`, "langfuse.session.id": `s${number}` }),
      ),
    );
    const cursorOf = async (path: string): Promise<string> =>
      (JSON.parse((await ask(server, path)).text) as { nextCursor: string }).nextCursor;
    const lists = [
      ...["start", "-start", "duration", "-duration", "-cost", "-tokens", "name"].map(
        (sort) => `/api/traces?limit=1&sort=${sort}`,
      ),
      ...["start", "-start", "-cost"].map((sort) => `/api/observations?limit=1&sort=${sort}`),
      "/api/sessions?limit=1",
      "/api/users?limit=1",
    ];
    for (const from of lists) {
      const cursor = await cursorOf(from);
      const paths = lists.map((list) => `${list}&cursor=${cursor}`);
      expect(await statuses(server, paths)).toEqual(
        lists.map((list, index) => [paths[index], list === from ? 200 : 400]),
      );
    }
    // The default order by its name or without it is one order.
    expect(
      (await ask(server, `/api/traces?limit=1&cursor=${await cursorOf("/api/traces?limit=1&sort=-start")}`)).status,
    ).toBe(200);
    // Of an order that holds, after everything.
    const last = await cursorOf("/api/traces?limit=1");
    expect(JSON.parse((await ask(server, `/api/traces?limit=1&cursor=${last}&q=user:nobody`)).text)).toEqual({
      data: [],
      nextCursor: null,
    });
  }),
);

it("refuses a parameter that a list does not have, on every list", () =>
  withServer({}, async (server) => {
    const headers = { "content-type": "application/json" };
    await fetch(`${server.url}/api/datasets`, { method: "POST", headers, body: '{"name":"ds"}' });
    await send(server, [lone(1)]);
    const lists = [
      "traces",
      "observations",
      "facets",
      "density",
      "sessions",
      "users",
      "metrics",
      "export",
      "scores",
      "datasets",
      "datasets/ds/items",
      "datasets/ds/runs",
      "datasets/ds/export",
      `traces/${traceOf(1)}/find`,
      "public/traces",
      "public/sessions",
      "public/observations",
      "public/v2/observations",
      "public/metrics/daily",
      "public/scores",
      "public/v2/scores",
      "public/v3/scores",
      "public/datasets",
      "public/v2/datasets",
      "public/dataset-items",
      "public/datasets/ds/runs",
    ].map((path) => `/api/${path}`);
    expect(await statuses(server, lists)).toEqual(lists.map((path) => [path, 200]));
    const misspelt = lists.map((path) => `${path}?limmit=1`);
    expect(await statuses(server, misspelt)).toEqual(misspelt.map((path) => [path, 400]));
  }));

it("refuses what is given twice and can be one only", () =>
  withServer({}, async (server) => {
    const paths = [
      "/api/traces?q=a&q=level:error",
      "/api/traces?from=1&from=2",
      "/api/traces?sort=start&sort=-start",
      "/api/traces?limit=1&limit=2",
      "/api/observations?cursor=a&cursor=b",
      "/api/metrics?by=model&by=name",
      "/api/facets?target=traces&target=observations",
      "/api/export?format=csv&format=otlp",
      "/api/public/traces?name=a&name=b",
      "/api/public/v2/metrics?query=a&query=b",
      "/api/public/observations?filter=%5B%5D&filter=%5B%5D",
    ];
    expect(await statuses(server, paths)).toEqual(paths.map((path) => [path, 400]));
    for (const path of ["/api/public/traces?tags=a&tags=b", "/api/scores?name=a&name=b"]) {
      expect((await ask(server, path)).status).toBe(200);
    }
  }));
