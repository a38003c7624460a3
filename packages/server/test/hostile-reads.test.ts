import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** The path as it is: `fetch` would make it a proper one first. */
function ask(server: SpanwiseServer, path: string, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: server.port, path, method, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

/** Each path with the status it is answered with. */
async function statuses(server: SpanwiseServer, paths: readonly string[]): Promise<[path: string, status: number][]> {
  return Promise.all(paths.map(async (path) => [path, (await ask(server, path)).status]));
}

async function send(server: SpanwiseServer, spans: Parameters<typeof exportOf>[0]): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(exportOf(spans)),
  });
  expect(answer.status).toBe(200);
}

const traceOf = (number: number): string => number.toString(16).padStart(32, "0");

/** A trace of one observation. */
const lone = (number: number, attributes: Record<string, unknown> = {}, name = `trace ${number}`) =>
  span(1, { "spanwise.observation.status": "ok", ...attributes }, { traceId: traceOf(number), name });

const folder = mkdtempSync(join(tmpdir(), "spanwise-reads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Without a file, the store that is in memory answers. */
const STORES = ["memory", "sqlite"] as const;

const withStore = (store: (typeof STORES)[number], use: (server: SpanwiseServer) => Promise<void>): Promise<void> =>
  withServer({ db: store === "memory" ? ":memory:" : join(folder, `${++files}.db`) }, use);

it("redirects to the trace's page in a project of any name", () =>
  withServer({}, async (server) => {
    for (const [project, page] of [
      ["a%00b", "a%00b"],
      ["a%0d%0aX-Evil:%20y", "a%0D%0AX-Evil%3A%20y"],
      ["../../x", "..%2F..%2Fx"],
    ]) {
      const { status, headers } = await ask(server, `/t/${traceOf(1)}?project=${project}`);
      expect([status, headers["location"]]).toEqual([302, `/p/${page}/traces/${traceOf(1)}`]);
    }
  }));

it("lets go of what a HEAD asked for: live streams are not used up", () =>
  withServer({}, async (server) => {
    for (let count = 0; count < 65; count++) expect((await ask(server, "/api/events", "HEAD")).status).toBe(200);
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/events`, { signal: stop.signal });
    expect(stream.status).toBe(200);
    stop.abort();
  }));

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

it("refuses sources and types that no score has", () =>
  withServer({}, async (server) => {
    const paths = ["/api/scores", "/api/public/scores", "/api/public/v2/scores", "/api/public/v3/scores"].flatMap(
      (route) => [`${route}?source=nobody`, `${route}?dataType=NUMERIC,colour`],
    );
    expect(await statuses(server, paths)).toEqual(paths.map((path) => [path, 400]));
    expect((await ask(server, "/api/public/v2/scores?source=api,EVAL&dataType=numeric")).status).toBe(200);
  }));

it.each(STORES)("says that a trace is not there when words are looked for in it (%s)", (store) =>
  withStore(store, async (server) => {
    for (const q of ["", "word"]) expect((await ask(server, `/api/traces/nothing/find?q=${q}`)).status).toBe(404);
  }),
);

it.each(STORES)("answers filters of thousands of values (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [
      lone(1, { "langfuse.environment": "v7", "langfuse.trace.tags": ["v8"], "gen_ai.request.model": "v9" }, "v10"),
    ]);
    const values = Array.from({ length: 1800 }, (_, index) => `v${index}`);
    const list = (column: string, type: string, operator: string): string =>
      `filter=${encodeURIComponent(JSON.stringify([{ type, column, operator, value: values.slice(0, 1200) }]))}`;
    const paths = [
      `/api/public/traces?environment=${values.join(",")}`,
      `/api/public/v2/observations?environment=${values.join(",")}`,
      `/api/public/observations?environment=${values.join(",")}`,
      `/api/public/metrics/daily?environment=${values.join(",")}`,
      `/api/public/traces?${list("name", "stringOptions", "any of")}`,
      `/api/public/traces?${list("tags", "arrayOptions", "any of")}`,
      `/api/public/v2/observations?${list("model", "stringOptions", "any of")}`,
    ];
    for (const path of paths) {
      const { status, text } = await ask(server, path);
      expect([path.slice(0, 60), status, (JSON.parse(text) as { data: unknown[] }).data.length]).toEqual([
        path.slice(0, 60),
        200,
        1,
      ]);
    }
    for (const path of [
      `/api/public/traces?${list("tags", "arrayOptions", "all of")}`,
      `/api/public/traces?${values
        .slice(0, 1200)
        .map((value) => `tags=${value}`)
        .join("&")}`,
      `/api/public/v2/observations?${list("model", "stringOptions", "none of")}`,
    ]) {
      const { status, text } = await ask(server, path);
      expect([status, (JSON.parse(text) as { data: unknown[] }).data]).toEqual([200, []]);
    }
  }),
);

it("gives steps of time from the first to the last that there are", () =>
  withServer({}, async (server) => {
    const steps = async (granularity: string, fromTimestamp: string): Promise<string[]> => {
      const query = {
        view: "observations",
        metrics: [{ measure: "count", aggregation: "count" }],
        timeDimension: { granularity },
        fromTimestamp,
        toTimestamp: "+275760-09-13T00:00:00.000Z",
      };
      const path = `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify(query))}`;
      const { status, text } = await ask(server, path);
      expect([granularity, fromTimestamp, status, text.slice(0, 200)]).toEqual([
        granularity,
        fromTimestamp,
        200,
        expect.any(String),
      ]);
      return (JSON.parse(text) as { data: { time_dimension: string }[] }).data.map((row) => row.time_dimension);
    };
    expect((await steps("month", "0000-01-01")).slice(0, 3)).toEqual(["0000-01-01", "0000-02-01", "0000-03-01"]);
    expect((await steps("week", "0000-01-01")).slice(0, 2)).toEqual(["-000001-12-27", "0000-01-03"]);
    for (const granularity of ["auto", "minute", "hour", "day", "week", "month"]) {
      await steps(granularity, "-271821-04-20T00:00:00.000Z");
      expect((await steps(granularity, "+275760-09-12T00:00:00.000Z")).length).toBeGreaterThan(0);
    }
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

it.each(STORES)("answers a pattern of many stars at once (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [lone(1, {}, "a".repeat(1000)), lone(2, {}, "aXbXc")]);
    const found = async (pattern: string): Promise<number> => {
      const { text } = await ask(server, `/api/traces?q=${encodeURIComponent(`name:${pattern}`)}`);
      return (JSON.parse(text) as { data: unknown[] }).data.length;
    };
    expect(await found(`${"*a".repeat(40)}*b`)).toBe(0);
    expect(await found(`${"*a".repeat(40)}*`)).toBe(1);
    for (const [pattern, count] of [
      ["a*c", 1],
      ["a*b*c", 1],
      ["aXbXc*", 1],
      ["*aXbXc", 1],
      ["aXb*bXc", 0],
      ["*X*X*", 1],
      ["*X*X*X*", 0],
      ["*", 2],
    ] as const) {
      expect([pattern, await found(pattern)]).toEqual([pattern, count]);
    }
  }),
);

it.each(STORES)("gives each score once, also when scores come while the pages are read (%s)", (store) =>
  withStore(store, async (server) => {
    const give = async (from: number, to: number, timestamp: string): Promise<void> => {
      const batch = Array.from({ length: to - from }, (_, index) => ({
        id: `event ${from + index}`,
        type: "score-create",
        timestamp,
        body: { id: `s${from + index}`, traceId: traceOf(1), name: "n", value: 1 },
      }));
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ batch });
      expect((await fetch(`${server.url}/api/public/ingestion`, { method: "POST", headers, body })).ok).toBe(true);
    };
    await give(0, 30, "2026-11-18T11:06:40.000Z");
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      const { status, text } = await ask(server, `/api/scores?limit=7${cursor}`);
      expect(status).toBe(200);
      const { data, nextCursor } = JSON.parse(text) as { data: { id: string }[]; nextCursor: string | null };
      seen.push(...data.map(({ id }) => id));
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
      // The newest stand in front.
      await give(100 + page * 10, 105 + page * 10, "2026-11-18T12:00:00.000Z");
    }
    expect(seen).toHaveLength(30);
    expect(new Set(seen).size).toBe(30);
    for (const wrong of ["x", "MQ", Buffer.from("[1,2]").toString("base64url")]) {
      expect((await ask(server, `/api/scores?cursor=${wrong}`)).status).toBe(400);
    }
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

it.each(STORES)("finds a long name by its end, and a part of it by its beginning (%s)", (store) =>
  withStore(store, async (server) => {
    const name = `${"SELECT 😀, ".repeat(60)}FROM orders`;
    await send(server, [lone(1, {}, name), lone(2, {}, "other")]);
    for (const q of ["name:*orders", `name:${JSON.stringify(name)}`, "name:SELECT*", "name:*FROM*"]) {
      const { text } = await ask(server, `/api/observations?q=${encodeURIComponent(q)}`);
      expect([q, (JSON.parse(text) as { data: { name: string }[] }).data.map((row) => row.name)]).toEqual([q, [name]]);
    }
  }),
);

it.each(STORES)("gives groups of the same size in the order of their names (%s)", (store) =>
  withStore(store, async (server) => {
    await send(
      server,
      ["c", "a", "d", "b"].map((name, index) => lone(index + 1, {}, name)),
    );
    const query = {
      view: "observations",
      metrics: [{ measure: "count", aggregation: "count" }],
      dimensions: [{ field: "name" }],
      fromTimestamp: "2026-11-18",
      toTimestamp: "2026-11-19",
    };
    const names = async (more: object): Promise<string[]> => {
      const path = `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify({ ...query, ...more }))}`;
      return (JSON.parse((await ask(server, path)).text) as { data: { name: string }[] }).data.map(({ name }) => name);
    };
    expect(await names({})).toEqual(["a", "b", "c", "d"]);
    expect(await names({ config: { row_limit: 2 } })).toEqual(["a", "b"]);
    expect(await names({ orderBy: [{ field: "count_count", direction: "asc" }] })).toEqual(["a", "b", "c", "d"]);
    expect(await names({ orderBy: [{ field: "name", direction: "desc" }] })).toEqual(["d", "c", "b", "a"]);
  }),
);

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
