import { gunzipSync } from "node:zlib";
import { request } from "node:http";
import { expect, it } from "vitest";
import type { ObservationDetail, TraceListResponse } from "../src/index.ts";
import type { TraceSkeleton } from "../src/api/lists.ts";
import type { SpanwiseServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

async function send(server: SpanwiseServer, count: number): Promise<void> {
  const spans = Array.from({ length: count }, (_, index) =>
    span(
      index + 1,
      {
        "spanwise.observation.status": "ok",
        "langfuse.observation.type": "generation",
        "langfuse.observation.input": `{"big":9007199254740993,${JSON.stringify({ text: `=1+1, "quoted"\nline ${index}` }).slice(1)}`,
        "langfuse.observation.usage_details": '{"input":5}',
        "langfuse.user.id": "u1",
        "langfuse.trace.tags": ["a", "b"],
        "custom.attribute": index,
      },
      index === 0 ? {} : { parentSpanId: span(1).spanId },
    ),
  );
  await post(server, JSON.stringify(exportOf(spans, { "service.name": "shop" })));
}

async function post(server: SpanwiseServer, body: string): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  expect(answer.status).toBe(200);
}

const get = (server: SpanwiseServer, path: string): Promise<Response> => fetch(server.url + path);

it("answers a query that is not understood with where it is wrong", () =>
  withServer({}, async (server) => {
    const answer = await get(server, `/api/traces?q=${encodeURIComponent("user:u1 levle:error")}`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: "bad_query", message: expect.stringContaining("levle"), start: 8, end: 13, suggestions: ["level"] },
    ]);
    for (const path of [
      "/api/traces?sort=colour",
      "/api/traces?from=x",
      "/api/observations?sort=errors",
      "/api/sessions?sort=cost",
      "/api/metrics?by=colour",
      "/api/metrics?from=5&to=1",
      "/api/export?format=xml",
      "/api/facets?target=users",
    ]) {
      expect([path, (await get(server, path)).status]).toEqual([path, 400]);
    }
  }));

it("exports as OTLP what it imports again as the same", () =>
  withServer({}, async (from) => {
    await send(from, 250);
    const lines = (await (await get(from, "/api/export?format=otlp")).text()).trim().split("\n");
    expect(lines).toHaveLength(250);
    await withServer({}, async (to) => {
      const resourceSpans = lines.flatMap((line) => (JSON.parse(line) as { resourceSpans: unknown[] }).resourceSpans);
      await post(to, JSON.stringify({ resourceSpans }));
      for (const id of [span(1).spanId, span(250).spanId]) {
        const path = `/api/traces/${TRACE_ID}/observations/${id}`;
        expect(await (await get(to, path)).text()).toBe(await (await get(from, path)).text());
      }
      const list = async (server: SpanwiseServer): Promise<unknown> =>
        ((await (await get(server, "/api/traces")).json()) as TraceListResponse).data;
      expect(await list(to)).toEqual(await list(from));
    });
  }));

it("exports lines of JSON and CSV, of what a query selects", () =>
  withServer({}, async (server) => {
    await send(server, 3);
    const json = await get(server, `/api/export?q=${encodeURIComponent('"line 1"')}`);
    expect(json.headers.get("content-disposition")).toContain("spanwise-export.jsonl");
    const [line = "", ...others] = (await json.text()).trim().split("\n");
    expect(others).toEqual([]);
    // To the letter: a number that JavaScript cannot hold.
    expect(line).toContain('"big":9007199254740993');
    expect(JSON.parse(line)).toMatchObject({
      userId: "u1",
      tags: ["a", "b"],
      type: "generation",
      attributes: { "custom.attribute": 1 },
    });
    const csv = await (await get(server, "/api/export?format=csv")).text();
    expect(csv.split("\r\n")[0]).toContain("traceId,id,parentId,type,name");
    expect(csv).toContain('""text"":""=1+1');
  }));

it("gives the beginning of a payload, and says which were cut", () =>
  withServer({}, async (server) => {
    await send(server, 1);
    const path = `/api/traces/${TRACE_ID}/observations/${span(1).spanId}`;
    const cut = (await (await get(server, `${path}?head=20`)).json()) as ObservationDetail;
    expect(cut.truncated).toContain("input");
    expect(cut.input).toBe('{"big":9007199254740');
    expect(((await (await get(server, `${path}?head=100000`)).json()) as ObservationDetail).truncated).toBeUndefined();
    expect((await get(server, `${path}?head=-1`)).status).toBe(400);
  }));

it("compresses a large skeleton for who takes it and is not on this machine", () =>
  withServer({}, async (server) => {
    await send(server, 400);
    const path = `/api/traces/${TRACE_ID}/skeleton`;
    const ask = (headers: Record<string, string>): Promise<{ encoding: string | undefined; body: Buffer }> =>
      new Promise((resolve, reject) => {
        const call = request({ host: "127.0.0.1", port: server.port, path, headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({ encoding: answer.headers["content-encoding"], body: Buffer.concat(chunks) }),
          );
        });
        call.on("error", reject);
        call.end();
      });
    const countOf = (json: Buffer): number => (JSON.parse(json.toString()) as TraceSkeleton).count;
    const far = await ask({ "accept-encoding": "gzip", "x-forwarded-for": "203.0.113.7" });
    expect(far.encoding).toBe("gzip");
    expect(countOf(gunzipSync(far.body))).toBe(400);
    const near = await ask({ "accept-encoding": "gzip" });
    expect(near.encoding).toBeUndefined();
    expect(countOf(near.body)).toBe(400);
    const found = await (await get(server, `/api/traces/${TRACE_ID}/find?q=${encodeURIComponent("line 7")}`)).json();
    expect(found).toEqual({ ids: [span(8).spanId], truncated: false });
  }));

it("deletes a trace, once", () =>
  withServer({}, async (server) => {
    await send(server, 2);
    const remove = (): Promise<Response> => fetch(`${server.url}/api/traces/${TRACE_ID}`, { method: "DELETE" });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect((await get(server, `/api/traces/${TRACE_ID}`)).status).toBe(404);
    const metrics = (await (await get(server, `/api/metrics?from=0&to=94608000000`)).json()) as {
      total: { observations: number };
    };
    expect(metrics.total.observations).toBe(0);
  }));

it.each([
  ["/api/traces?query=level:error", "There is no parameter query here. Known: q, from, to, limit, cursor, sort."],
  ["/api/observations?filter=x", /^There is no parameter filter here/],
  ["/api/facets?list=observations", "There is no parameter list here. Known: q, from, to, target."],
  ["/api/density?sort=start", /^There is no parameter sort here/],
  ["/api/sessions?user=u1", /^There is no parameter user here/],
  ["/api/users?page=2", /^There is no parameter page here/],
  ["/api/metrics?limit=3", /^There is no parameter limit here/],
  ["/api/export?query=x", /^There is no parameter query here/],
])("refuses %s: a filter that is passed over would answer with too much", (path, message) =>
  withServer({}, async (server) => {
    const answer = await get(server, path);
    const body = (await answer.json()) as { message: string };
    expect(answer.status).toBe(400);
    expect(body).toEqual({ error: "bad_request", message: expect.stringMatching(message) as unknown });
    expect((await get(server, path.replace(/\?.*/, "?project=default"))).status).toBe(200);
  }),
);

it("refuses to answer a trace in one piece that is too large for it, and says where it is read", () =>
  withServer({ maxTraceObservations: 2 }, async (server) => {
    await send(server, 3);
    for (const [path, instead] of [
      [`/api/traces/${TRACE_ID}`, "/skeleton"],
      [`/api/public/traces/${TRACE_ID}`, "/api/public/v2/observations"],
    ] as const) {
      const answer = await get(server, path);
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({
        error: "too_large",
        message: expect.stringMatching(new RegExp(`more than 2 observations: .*${instead}`)) as string,
      });
    }
    for (const path of ["?observations=none", "/skeleton"]) {
      expect((await get(server, `/api/traces/${TRACE_ID}${path}`)).status).toBe(200);
    }
  }));
