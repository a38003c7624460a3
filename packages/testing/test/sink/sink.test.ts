import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSink } from "../../src/index.ts";
import type { Sink } from "../../src/index.ts";
import { asObject, asString } from "../../src/json.ts";

let sink: Sink;
beforeEach(async () => {
  sink = await createSink();
});
afterEach(async () => {
  await sink.close();
});

const exportOf = (...names: string[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: names.map((name, index) => ({
              traceId: "1".repeat(32),
              spanId: String(index + 1).padStart(16, "0"),
              name,
            })),
          },
        ],
      },
    ],
  });

const post = (
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  path = "/v1/traces",
): Promise<Response> =>
  fetch(sink.url + path, {
    method: "POST",
    body: typeof body === "string" ? body : Uint8Array.from(body),
    headers: { "content-type": "application/json", ...headers },
  });

const names = (): string[] => sink.spans().map((span) => span.name);

test("keeps what it accepts and shows every request", async () => {
  const response = await post(gzipSync(exportOf("a", "b")), { "content-encoding": "gzip" });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({});
  expect(names()).toEqual(["a", "b"]);
  expect(sink.requests[0]).toMatchObject({ method: "POST", path: "/v1/traces", status: 200, accepted: true });
  expect(sink.requests[0]?.wireBytes).toBeLessThan(sink.requests[0]?.body.length ?? 0);
});

test("an empty protobuf export is answered in protobuf, garbage with 400", async () => {
  const headers = { "content-type": "application/x-protobuf" };
  const ok = await post(new Uint8Array(), headers, "/api/public/otel/v1/traces");
  expect([ok.status, ok.headers.get("content-type"), (await ok.arrayBuffer()).byteLength]).toEqual([
    200,
    "application/x-protobuf",
    0,
  ]);
  expect((await post("<html>", headers)).status).toBe(400);
  expect(sink.requests[1]?.decodeError).toMatch(/./);
});

test("scripted statuses are used up in order; what they refuse is not kept", async () => {
  sink.script([{ status: 503, headers: { "retry-after": "7" }, times: 2 }, { status: 401 }]);
  const statuses: number[] = [];
  const retryAfter: (string | null)[] = [];
  for (let i = 0; i < 4; i += 1) {
    const response = await post(exportOf(`try ${i}`));
    statuses.push(response.status);
    retryAfter.push(response.headers.get("retry-after"));
  }
  expect(statuses).toEqual([503, 503, 401, 200]);
  expect(retryAfter).toEqual(["7", "7", null, null]);
  expect(names()).toEqual(["try 3"]);
});

test("a rule may look at the spans", async () => {
  sink.script([{ match: (r) => r.otlp?.spans.some((s) => s.name === "bad") ?? false, status: 400, times: Infinity }]);
  expect((await post(exportOf("good", "bad"))).status).toBe(400);
  expect((await post(exportOf("good"))).status).toBe(200);
  expect((await post(exportOf("bad"))).status).toBe(400);
  expect(names()).toEqual(["good"]);
});

test.each(["headers", "body", "reply", "mid-reply"] as const)("reset: %s", async (reset) => {
  sink.script([{ reset }]);
  const large = exportOf(...Array.from({ length: 2000 }, (_, i) => `span ${i}`));
  await expect(post(large).then((response) => response.text())).rejects.toThrow(/./);
  // A lost reply is the one case where the sink has the data and the client cannot know.
  const kept = reset === "reply" || reset === "mid-reply";
  expect(names().length).toBe(kept ? 2000 : 0);
  expect((await post(exportOf("next"))).status).toBe(200);
});

test.each(["read", "reply", "mid-reply"] as const)("hang: %s lasts until the client gives up", async (hang) => {
  sink.script([{ hang }]);
  const startedMs = Date.now();
  const response = fetch(sink.url + "/v1/traces", {
    method: "POST",
    body: exportOf("a"),
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(150),
  });
  await expect(response.then((r) => r.text())).rejects.toThrow(/timeout/i);
  expect(Date.now() - startedMs).toBeGreaterThanOrEqual(140);
});

test("delay, garbage, raw bytes", async () => {
  sink.script([{ delayMs: 120 }, { body: "<html>proxy</html>" }, { rawReply: "not http at all\r\n\r\n" }]);
  const startedMs = Date.now();
  expect((await post(exportOf("a"))).status).toBe(200);
  expect(Date.now() - startedMs).toBeGreaterThanOrEqual(115);
  expect(await (await post(exportOf("b"))).text()).toBe("<html>proxy</html>");
  await expect(post(exportOf("c"))).rejects.toThrow(/fetch failed/);
  expect(names()).toEqual(["a", "b"]);
});

test("a request that is under way at a reset, and accepted, is kept", async () => {
  sink.script([{ delayMs: 100 }]);
  const answer = post(exportOf("a"));
  await sink.waitFor(({ requests }) => requests.length === 1);
  sink.reset();
  expect((await answer).status).toBe(200);
  expect(names()).toEqual(["a"]);
});

test("partial success rejects the last spans", async () => {
  sink.script([{ partialSuccess: { rejectedSpans: 1, errorMessage: "no" } }]);
  const response = await post(exportOf("a", "b"));
  expect(await response.json()).toEqual({ partialSuccess: { rejectedSpans: "1", errorMessage: "no" } });
  expect(names()).toEqual(["a"]);
});

test("malformed ids refuse the whole export, as Langfuse does", async () => {
  const body = exportOf("a").replace("1".repeat(32), "xyz");
  expect((await post(body)).status).toBe(400);
  expect(names()).toEqual([]);
});

test("auth and size", async () => {
  const strict = await createSink({ auth: { publicKey: "pk", secretKey: "sk" }, maxBodyBytes: 1000 });
  try {
    const send = (body: string, authorization: string): Promise<Response> =>
      fetch(strict.url + "/v1/traces", {
        method: "POST",
        body,
        headers: { "content-type": "application/json", authorization },
      });
    const good = `Basic ${Buffer.from("pk:sk").toString("base64")}`;
    expect((await send(exportOf("a"), "Basic bm86bm8=")).status).toBe(401);
    expect((await send(exportOf("a"), good)).status).toBe(200);
    expect((await send(exportOf("x".repeat(2000)), good)).status).toBe(413);
    expect(strict.spans().map((span) => span.name)).toEqual(["a"]);
  } finally {
    await strict.close();
  }
});

test("scores by both routes; other v2 events are refused one by one", async () => {
  const event = (type: string, body: unknown): unknown => ({
    id: `e-${type}`,
    timestamp: new Date().toISOString(),
    type,
    body,
  });
  const batch = [event("score-create", { name: "helpful", value: 1 }), event("span-create", { name: "old" })];
  const response = await post(JSON.stringify({ batch }), {}, "/api/public/ingestion");
  expect(response.status).toBe(207);
  expect(await response.json()).toMatchObject({
    successes: [{ id: "e-score-create" }],
    errors: [{ id: "e-span-create", status: 400 }],
  });
  expect((await post(JSON.stringify({ id: "s", name: "liked", value: 0 }), {}, "/api/public/scores")).status).toBe(200);
  expect(sink.scores().map((score) => score.name)).toEqual(["helpful", "liked"]);
});

test("media: announced, uploaded, kept", async () => {
  const announced = await post(JSON.stringify({ sha256Hash: "a+b/".repeat(11) }), {}, "/api/public/media");
  const answer = asObject(await announced.json());
  const mediaId = asString(answer["mediaId"]);
  const uploadUrl = asString(answer["uploadUrl"]);
  expect(mediaId).toBe("a-b_a-b_a-b_a-b_a-b_a-");
  await fetch(uploadUrl, { method: "PUT", body: "png", headers: { "content-type": "image/png" } });
  expect(sink.media.get(mediaId)).toEqual({ contentType: "image/png", bytes: Buffer.from("png") });
});

test("waitFor says what arrived when nothing fits", async () => {
  await post(exportOf("a"));
  await sink.waitFor((s) => s.spans().length === 1);
  await expect(sink.waitFor((s) => s.spans().length === 2, { timeoutMs: 30 })).rejects.toThrow(
    "POST /v1/traces 200 (1 spans)",
  );
});
