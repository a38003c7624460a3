import { expect, it } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import type { Page, SessionDetail, SessionSummary, UserSummary } from "../../src/api/lists.ts";
import type { TraceSummary } from "../../src/api/types.ts";
import { STORES, lone, postJson, read, send, traceOf, withStore } from "./hostile-server.ts";

/** Clients make addresses so. */
const part = encodeURIComponent;

const ADDRESSABLE = [
  "a/b",
  "/",
  "//",
  "a//b/",
  "/a",
  "../x",
  "./",
  "a%2Fb",
  "%",
  "%2e%2e",
  "%2F",
  "%E0%A4%A",
  "a?b=c",
  "a#b",
  "a&b;c=d",
  "a+b c",
  " ",
  " a ",
  "...",
  ".a",
  "*",
  ":name",
  "items",
  "runs",
  "export",
  "__proto__",
  "constructor",
  "\u0001\t\r\n\u007f",
  "\u202e\ufeff\u2028",
  "😀 名前",
  "e\u0301",
  "x".repeat(800),
  "名".repeat(1000),
];

/** With the word that the reason has. */
const REFUSED: [name: string, reason: RegExp][] = [
  ["", /needed/],
  [".", /address/],
  ["..", /address/],
  ["a\0b", /well-formed/],
  ["\ud800", /well-formed/],
  ["x".repeat(1_000_000), /at most/],
];

async function call(server: SpanwiseServer, path: string, method = "GET"): Promise<[status: number, body: unknown]> {
  const answer = await fetch(`${server.url}${path}`, { method });
  const text = await answer.text();
  return [answer.status, text === "" ? null : JSON.parse(text)];
}

async function post(server: SpanwiseServer, path: string, body: unknown): Promise<[status: number, body: unknown]> {
  const answer = await postJson(server, path, body);
  return [answer.status, await answer.json()];
}

it.each(STORES)("reaches a dataset, an item and a run of any name that can be in an address (%s)", (store) =>
  withStore(store, async (server) => {
    for (const name of ADDRESSABLE) {
      const named = [200, expect.objectContaining({ name })];
      expect(await post(server, "/api/public/v2/datasets", { name })).toEqual(named);
      expect(await call(server, `/api/public/v2/datasets/${part(name)}`)).toEqual(named);
      expect(await call(server, `/api/public/datasets/${part(name)}`)).toEqual(named);
      expect(await call(server, `/api/datasets/${part(name)}`)).toEqual(named);
      const item = await post(server, "/api/public/dataset-items", { datasetName: name, id: name, input: 1 });
      expect(item).toEqual([200, expect.objectContaining({ id: name, datasetName: name })]);
      expect(await call(server, `/api/public/dataset-items/${part(name)}`)).toEqual(item);
      expect(await call(server, `/api/public/dataset-items?datasetName=${part(name)}`)).toMatchObject([
        200,
        { data: [{ id: name }] },
      ]);
      expect(await call(server, `/api/datasets/${part(name)}/items`)).toMatchObject([200, { data: [{ id: name }] }]);
      const link = { runName: name, datasetItemId: name, traceId: "t" };
      expect((await post(server, "/api/public/dataset-run-items", link))[0]).toBe(200);
      for (const path of ["/api/public/datasets", "/api/datasets"]) {
        const [status] = await call(server, `${path}/${part(name)}/runs/${part(name)}`);
        expect([path, name, status]).toEqual([path, name, 200]);
      }
      expect((await call(server, `/api/datasets/${part(name)}/runs/${part(name)}`, "DELETE"))[0]).toBe(204);
      expect((await call(server, `/api/dataset-items/${part(name)}`, "DELETE"))[0]).toBe(204);
      expect((await call(server, `/api/datasets/${part(name)}`, "DELETE"))[0]).toBe(204);
    }
  }),
);

it.each(STORES)("refuses names of datasets, items, runs and scores that no address can have (%s)", (store) =>
  withStore(store, async (server) => {
    expect((await post(server, "/api/datasets", { name: "ds" }))[0]).toBe(201);
    expect((await post(server, "/api/datasets/ds/items", { id: "item" }))[0]).toBe(201);
    for (const [name, reason] of REFUSED) {
      const requests: [path: string, body: object][] = [
        ["/api/public/v2/datasets", { name }],
        ["/api/public/datasets", { name }],
        ["/api/datasets", { name }],
        ["/api/public/dataset-run-items", { runName: name, datasetItemId: "item", traceId: "t" }],
        // Without an id, the server makes one.
        ...(name === ""
          ? []
          : ([
              ["/api/public/dataset-items", { datasetName: "ds", id: name }],
              ["/api/datasets/ds/items", { id: name }],
            ] as [string, object][])),
      ];
      for (const [path, body] of requests) {
        const [status, answer] = await post(server, path, body);
        expect([path, name.slice(0, 10), status, answer]).toEqual([
          path,
          name.slice(0, 10),
          400,
          expect.objectContaining({ message: expect.stringMatching(reason) as unknown }),
        ]);
      }
    }
    for (const name of [".", ".."]) {
      const change = await fetch(`${server.url}/api/datasets/ds`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
      expect(change.status).toBe(400);
      for (const path of ["/api/public/scores", "/api/scores"]) {
        const [status, answer] = await post(server, path, { id: name, name: "n", value: 1, traceId: "t" });
        expect([status, answer]).toEqual([
          400,
          expect.objectContaining({ message: expect.stringMatching(/address/) as unknown }),
        ]);
      }
      const price = { id: name, match: "m", prices: { input: 1 } };
      expect((await post(server, "/api/prices", price))[0]).toBe(400);
      const body = { id: name, name: "n" };
      const batch = [
        { id: "1", type: "trace-create", timestamp: "2026-11-18T11:06:40Z", body },
        { id: "2", type: "span-create", timestamp: "2026-11-18T11:06:40Z", body: { ...body, traceId: "t" } },
        { id: "3", type: "span-create", timestamp: "2026-11-18T11:06:40Z", body: { id: "s", traceId: name } },
      ];
      const [status, answer] = await post(server, "/api/public/ingestion", { batch });
      expect(status).toBe(207);
      expect(answer).toMatchObject({
        successes: [],
        errors: [1, 2, 3].map((id) => ({ id: String(id), status: 400 })),
      });
    }
    expect(await call(server, "/api/datasets")).toMatchObject([200, { data: [{ name: "ds" }] }]);
  }),
);

it.each(STORES)(
  "reaches sessions and users of any id that telemetry may carry, those too that no path can name (%s)",
  (store) =>
    withStore(store, async (server) => {
      const ids = [".", "..", "...", "~.", "~..", "a/b", "a\\b", "%2e", "?", "#"];
      await send(
        server,
        ids.map((id, index) => lone(index + 1, { "langfuse.session.id": id, "langfuse.user.id": id })),
      );
      const sessions = await read<Page<SessionSummary>>(server, "/api/sessions");
      expect(new Set(sessions.data.map(({ sessionId }) => sessionId))).toEqual(new Set(ids));
      const users = await read<Page<UserSummary>>(server, "/api/users");
      expect(new Set(users.data.map(({ userId }) => userId))).toEqual(new Set(ids));
      for (const [index, id] of ids.entries()) {
        // Through `fetch`, which makes a proper address of it first, as a browser does.
        const [status, body] = await call(server, `/api/session?id=${part(id)}`);
        expect([id, status]).toEqual([id, 200]);
        const { session, traces } = body as SessionDetail;
        expect([session.sessionId, traces.map(({ traceId }) => traceId)]).toEqual([id, [traceOf(index + 1)]]);
        const ofUser = await read<Page<TraceSummary>>(server, `/api/traces?q=${part(`user:${JSON.stringify(id)}`)}`);
        expect([id, ofUser.data.map(({ userId }) => userId)]).toEqual([id, [id]]);
        const ofSession = await read<{ data: { id: string }[] }>(server, `/api/public/traces?sessionId=${part(id)}`);
        expect([id, ofSession.data.map((trace) => trace.id)]).toEqual([id, [traceOf(index + 1)]]);
      }
      expect((await call(server, "/api/session?id=none"))[0]).toBe(404);
      expect((await call(server, "/api/session"))[0]).toBe(400);
    }),
);
