import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type SpanwiseServer } from "../../src/index.ts";
import { exportOf, span } from "../otlp-messages.ts";
import { call } from "./call.ts";

const T0 = Date.parse("2026-11-01T10:00:00.000Z");
const at = (ms: number): string => new Date(T0 + ms).toISOString();
const OTLP_TRACE = "0af7651916cd43dd8448eb211c80319c";

/** A trace as `langfuse@3` sends it. */
const BATCH = [
  [
    "trace-create",
    0,
    {
      id: "old",
      name: "chat",
      userId: "ann",
      sessionId: "s1",
      tags: ["a", "b,c"],
      metadata: { k: "v" },
      input: "hi",
      output: { text: "bye" },
      timestamp: at(0),
      environment: "prod",
      version: "2",
      release: "r1",
    },
  ],
  [
    "span-create",
    1,
    { id: "work", traceId: "old", name: "work", startTime: at(10), endTime: at(2010), input: { x: 1 } },
  ],
  [
    "generation-create",
    2,
    {
      id: "gen",
      traceId: "old",
      parentObservationId: "work",
      name: "call",
      startTime: at(20),
      completionStartTime: at(520),
      endTime: at(1020),
      model: "gpt-4o",
      modelParameters: { temperature: 1 },
      input: [{ role: "user", content: "hi" }],
      output: "bye",
      usageDetails: { input: 10, output: 5 },
      metadata: { long: "x".repeat(300), n: 1 },
      level: "WARNING",
      promptName: "p",
      promptVersion: 3,
    },
  ],
  ["event-create", 3, { id: "evt", traceId: "old", name: "noted", startTime: at(30) }],
  ["score-create", 4, { id: "sc", traceId: "old", observationId: "gen", name: "ok", value: 1 }],
].map(([type, ms, body], index) => ({ id: `e${index}`, type, timestamp: at(ms as number), body }));

describe.each(["memory", "sqlite"])("Langfuse's reading routes, %s store", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-reads-"));
  let server: SpanwiseServer;
  beforeAll(async () => {
    server = await createServer({ port: 0, db: kind === "memory" ? ":memory:" : join(folder, "test.db") });
    expect((await call(server, "POST", "/api/public/ingestion", { batch: BATCH })).body.errors).toEqual([]);
    const start = (BigInt(T0 + 60_000) * 1_000_000n).toString();
    const end = (BigInt(T0 + 61_500) * 1_000_000n).toString();
    const times = { startTimeUnixNano: start, endTimeUnixNano: end };
    const attributes = {
      "langfuse.observation.input": '{"q":1}',
      "user.id": "ben",
      "session.id": "s2",
      "langfuse.trace.name": "new",
    };
    const spans = [
      span(1, attributes, times),
      span(2, { "user.id": "ben" }, { ...times, parentSpanId: "0".repeat(15) + "1" }),
    ];
    expect((await call(server, "POST", "/v1/traces", exportOf(spans))).status).toBe(200);
  }, 60_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async (path: string) => call(server, "GET", `/api/public/${path}`);
  const ids = async (path: string): Promise<string[]> =>
    ((await get(path)).body.data as { id: string }[]).map(({ id }) => id);
  const filter = (...conditions: object[]): string => `filter=${encodeURIComponent(JSON.stringify(conditions))}`;

  it("tell a trace with its observations and scores", async () => {
    const { status, body } = await get("traces/old");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: "old",
      timestamp: at(0),
      name: "chat",
      userId: "ann",
      sessionId: "s1",
      tags: ["a", "b,c"],
      metadata: { k: "v" },
      input: "hi",
      output: { text: "bye" },
      environment: "prod",
      version: "2",
      release: "r1",
      public: false,
      latency: 2.01,
      htmlPath: "/project/default/traces/old",
      scores: [{ id: "sc", name: "ok", value: 1, observationId: "gen" }],
    });
    expect(body.totalCost).toBeGreaterThan(0);
    const observations = Object.fromEntries((body.observations as { id: string }[]).map((row) => [row.id, row]));
    expect(Object.keys(observations).sort()).toEqual(["evt", "gen", "work"]);
    expect(observations).toMatchObject({
      work: { type: "SPAN", parentObservationId: null, input: { x: 1 }, output: null, latency: 2, environment: "prod" },
      gen: {
        type: "GENERATION",
        parentObservationId: "work",
        model: "gpt-4o",
        modelParameters: { temperature: 1 },
        input: [{ role: "user", content: "hi" }],
        output: "bye",
        usage: { input: 10, output: 5, total: 15, unit: "TOKENS" },
        usageDetails: { input: 10, output: 5, total: 15 },
        level: "WARNING",
        promptName: "p",
        promptVersion: 3,
        timeToFirstToken: 0.5,
        latency: 1,
        completionStartTime: at(520),
      },
      evt: { type: "EVENT", startTime: at(30), endTime: at(30) },
    });
    expect((await get("traces/none")).status).toBe(404);
  });

  it("leave out of a trace what was not asked for", async () => {
    const { body } = await get("traces/old?fields=core,scores");
    expect(body).toMatchObject({ observations: [], latency: -1, totalCost: -1 });
    expect(body).not.toHaveProperty("input");
    expect(body.scores).toHaveLength(1);
    expect((await get("traces/old?fields=all")).status).toBe(400);
  });

  it("list traces with ids of what is in them", async () => {
    const { body } = await get("traces");
    expect(body.meta).toEqual({ page: 1, limit: 50, totalItems: 2, totalPages: 1 });
    expect(body.data).toMatchObject([
      { id: OTLP_TRACE, name: "new", userId: "ben", input: { q: 1 }, latency: 1.5 },
      { id: "old", observations: expect.arrayContaining(["work", "gen", "evt"]), scores: ["sc"] },
    ]);
    expect(body.data[1].observations).toHaveLength(3);
    expect((await get("traces?limit=1&page=2")).body).toMatchObject({
      data: [{ id: "old" }],
      meta: { page: 2, limit: 1, totalItems: 2, totalPages: 2 },
    });
  });

  it.each([
    ["traces?userId=ann", ["old"]],
    ["traces?name=new", [OTLP_TRACE]],
    ["traces?sessionId=s2", [OTLP_TRACE]],
    ["traces?tags=a&tags=b%2Cc", ["old"]],
    ["traces?tags=a&tags=c", []],
    ["traces?environment=prod&environment=dev", ["old"]],
    ["traces?version=2&release=r1", ["old"]],
    [`traces?fromTimestamp=${at(60_000)}`, [OTLP_TRACE]],
    [`traces?toTimestamp=${at(60_000)}`, ["old"]],
    ["traces?orderBy=timestamp.asc", ["old", OTLP_TRACE]],
    ["traces?orderBy=name.desc", [OTLP_TRACE, "old"]],
    [`traces?${filter({ type: "number", column: "latency", operator: ">", value: 2 })}`, ["old"]],
    [`traces?${filter({ type: "arrayOptions", column: "tags", operator: "any of", value: ["a", "z"] })}`, ["old"]],
    [`traces?${filter({ type: "stringObject", column: "metadata", key: "k", operator: "=", value: "v" })}`, ["old"]],
    ["observations?type=GENERATION", ["gen"]],
    ["observations?traceId=old&level=WARNING", ["gen"]],
    ["observations?parentObservationId=work", ["gen"]],
    ["observations?userId=ben", ["0000000000000002", "0000000000000001"]],
    [`observations?traceId=old&toStartTime=${at(20)}`, ["work"]],
    ["v2/observations?isRootObservation=true", ["0000000000000001", "t-old"]],
    ["v2/observations?parentObservationId=", ["0000000000000001", "t-old"]],
    ["v2/observations?traceId=old", ["evt", "gen", "work", "t-old"]],
    ["v2/observations?sessionId=s2", ["0000000000000002", "0000000000000001"]],
    [
      `v2/observations?${filter({ type: "boolean", column: "isRootObservation", operator: "<>", value: true }, { type: "string", column: "traceName", operator: "=", value: "chat" })}`,
      ["evt", "gen", "work"],
    ],
    [`v2/observations?${filter({ type: "string", column: "name", operator: "starts with", value: "wo" })}`, ["work"]],
    [`v2/observations?${filter({ type: "string", column: "model", operator: "contains", value: "4o" })}`, ["gen"]],
    [
      `v2/observations?${filter({ type: "stringOptions", column: "type", operator: "none of", value: ["SPAN", "EVENT"] })}`,
      ["gen"],
    ],
    [
      `v2/observations?${filter({ type: "null", column: "parentObservationId", operator: "is not null", value: "" }, { type: "datetime", column: "startTime", operator: ">=", value: at(60_000) })}`,
      ["0000000000000002"],
    ],
    [`v2/observations?${filter({ type: "number", column: "timeToFirstToken", operator: "<=", value: 0.5 })}`, ["gen"]],
    [
      `v2/observations?${filter({ type: "numberObject", column: "metadata", key: "n", operator: "<", value: 2 })}`,
      ["gen"],
    ],
    ["sessions", ["s2", "s1"]],
    ["sessions?environment=prod", ["s1"]],
    [`sessions?fromTimestamp=${at(1)}`, ["s2"]],
  ])("select by %s", async (path, expected) => expect(await ids(path)).toEqual(expected));

  it.each<[string, number]>([
    ["traces?limit=101", 400],
    ["traces?unknown=1", 400],
    ["traces?orderBy=timestamp", 400],
    ["traces?orderBy=userId.asc", 501],
    ["observations?bookmarked=true", 400],
    ["v2/observations?fields=everything", 400],
    ["v2/observations?limit=1001", 400],
    ["v2/observations?cursor=x", 400],
    ["v2/observations?parseIoAsJson=true", 400],
    ["v2/observations?filter=x", 400],
    [`v2/observations?${filter({ type: "string", column: "nothing", operator: "=", value: "" })}`, 400],
    [`v2/observations?${filter({ type: "string", column: "name", operator: "like", value: "" })}`, 400],
    [`v2/observations?${filter({ type: "string", column: "input", operator: "contains", value: "x" })}`, 501],
    [`v2/observations?${filter({ type: "string", column: "name", operator: "matches", value: "x" })}`, 501],
    ["sessions?userId=x", 400],
    ["sessions/none", 404],
    ["observations/none", 404],
    ["observations/t-old", 404],
    ["v2/prompts/hello", 404],
    ["v2/prompts", 404],
    ["comments", 404],
    ["models/x", 404],
    ["score-configs", 404],
    ["no-such-thing", 404],
  ])("answer %s with %i and a reason", async (path, status) => {
    expect(await get(path)).toMatchObject({ status, body: { error: expect.any(String), message: expect.any(String) } });
  });

  it("tell an observation by its id alone", async () => {
    expect((await get("observations/gen")).body).toMatchObject({ id: "gen", traceId: "old", model: "gpt-4o" });
  });

  it("tell observations in groups of fields, payloads as text, long metadata cut", async () => {
    const core = (await get("v2/observations?traceId=old&type=GENERATION&fields=core")).body.data[0] as object;
    expect(Object.keys(core).sort()).toEqual(
      ["endTime", "id", "parentObservationId", "projectId", "startTime", "traceId", "type"].sort(),
    );
    const fields = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context";
    const { body } = await get(`v2/observations?type=GENERATION&fields=${fields}`);
    expect(body.data).toMatchObject([
      {
        input: '[{"role":"user","content":"hi"}]',
        output: "bye",
        metadata: { long: "x".repeat(200), n: 1 },
        providedModelName: "gpt-4o",
        usageDetails: { input: 10, output: 5, total: 15 },
        promptName: "p",
        latency: 1,
        timeToFirstToken: 0.5,
        userId: "ann",
        sessionId: "s1",
        traceName: "chat",
        tags: ["a", "b,c"],
        release: "r1",
        environment: "prod",
        isRootObservation: false,
      },
    ]);
    const whole = await get(`v2/observations?type=GENERATION&fields=metadata&expandMetadata=long`);
    expect(whole.body.data[0].metadata.long).toHaveLength(300);
    const root = await get("v2/observations?traceId=old&isRootObservation=true&fields=io,metadata");
    expect(root.body.data).toMatchObject([{ input: "hi", output: '{"text":"bye"}', metadata: { k: "v" } }]);
  });

  it("page through observations by a cursor", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await get(`v2/observations?limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
      expect(body.data.length).toBeLessThanOrEqual(2);
      seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
      cursor = body.meta.cursor as string | undefined;
    } while (cursor !== undefined && seen.length < 20);
    expect(seen).toEqual(["0000000000000002", "0000000000000001", "evt", "gen", "work", "t-old"]);
  });

  it("tell a session with its traces", async () => {
    expect((await get("sessions/s1")).body).toMatchObject({
      id: "s1",
      projectId: "default",
      createdAt: at(0),
      environment: "prod",
      traces: [{ id: "old", name: "chat", input: "hi", userId: "ann" }],
    });
  });

  it("say that they are there", async () => {
    expect(await get("health")).toMatchObject({ status: 200, body: { status: "OK" } });
    expect(await get("ready")).toMatchObject({ status: 200, body: { status: "OK" } });
    expect((await get("projects")).body.data).toMatchObject([{ id: "default", organization: {}, metadata: {} }]);
  });
});
