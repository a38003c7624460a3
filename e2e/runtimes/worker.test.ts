import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundle } from "../support/bundle.ts";
import { createConsumer, type Consumer } from "../support/consumer.ts";
import { startWorker, type Worker } from "../support/workerd.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** What an application deploys: tracing set up in module scope, as its environment is known there. */
const WORKER = `
import { env } from "cloudflare:workers";
import { init, observe, startObservation } from "@spanwise/core";
import { flushAfter, withRequest } from "@spanwise/core/serverless";

const tracer = init({ baseUrl: env.SINK, logLevel: "error" });
startObservation("in module scope").end();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const answer = observe(async (text) => { await sleep(5); return text.length; }, { name: "answer", type: "agent" });

function stream(chunks, ms) {
  const encoder = new TextEncoder();
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await sleep(ms);
      if (sent === chunks) {
        startObservation("generation", { output: sent }).end();
        controller.close();
      } else controller.enqueue(encoder.encode("chunk " + sent++ + "\\n"));
    },
  });
}

const routes = {
  "/json": async () => Response.json(await answer("why?")),
  "/stream": async () => new Response(stream(5, 5), { headers: { "content-type": "text/event-stream" } }),
  "/throw": async () => { throw new Error("theirs"); },
  "/stats": async () => Response.json(tracer.stats()),
};
const traced = withRequest(async (request, env, ctx) => routes[new URL(request.url).pathname]());

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/stats") return routes["/stats"]();
    if (pathname === "/by-hand") {
      const length = await answer("why?");
      flushAfter(ctx);
      return Response.json(length);
    }
    // Recorded and never flushed: the request's context, and every timer in it, ends with the answer.
    if (pathname === "/forgotten") return Response.json(await answer("why?"));
    return traced(request, env, ctx);
  },
};
`;

let script: string;
let consumer: Consumer;
let sink: Sink;
let worker: Worker;

beforeAll(async () => {
  consumer = createConsumer(["core"]);
  script = await bundle(consumer, WORKER, "workerd");
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
  worker = await startWorker(script, { SINK: sink.url });
});
afterEach(async () => {
  await worker.dispose();
  await sink.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  worker.dispatchFetch(`http://worker${path}`, { headers });
const finished = (name: string) =>
  sink.spans().filter((span) => span.name === name && span.attributes["spanwise.record"] === undefined);

describe("a Worker", () => {
  test("sends a request's trace after the answer, under the caller's span", async () => {
    const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;
    expect(await (await get("/json", { traceparent })).json()).toBe(4);
    await sink.waitFor(() => finished("GET /json").length === 1);
    const [root] = finished("GET /json");
    expect(root).toMatchObject({ traceId: TRACE_ID, parentSpanId: "b7ad6b7169203331" });
    expect(finished("answer")).toMatchObject([{ traceId: TRACE_ID, parentSpanId: root!.spanId }]);
    expect(finished("in module scope")).toHaveLength(1);
  });

  test("sends what was recorded while its answer was streamed", async () => {
    const response = await get("/stream");
    expect((await response.text()).split("\n")).toHaveLength(6);
    await sink.waitFor(() => finished("GET /stream").length === 1);
    const [root] = finished("GET /stream");
    expect(root!.attributes["spanwise.observation.status"]).toBe("ok");
    // Five pauses of 5 ms: the request's observation lasts until the body was read.
    expect(root!.endTimeUnixNano - root!.startTimeUnixNano).toBeGreaterThan(20_000_000n);
    expect(finished("generation")).toHaveLength(1);
  });

  test("records what its handler throws", async () => {
    await get("/throw").catch(() => {});
    await sink.waitFor(() => finished("GET /throw").length === 1);
    expect(finished("GET /throw")[0]!.status).toEqual({ code: 2, message: "theirs" });
  });

  test("flushes by hand", async () => {
    await get("/by-hand");
    await sink.waitFor(() => finished("answer").length === 1);
  });

  test("sends what an earlier request forgot with the next one", async () => {
    for (let i = 0; i < 3; i++) await (await get("/forgotten")).json();
    expect(sink.requests).toEqual([]);
    await get("/by-hand");
    await sink.waitFor(() => finished("answer").length === 4);
  });

  test("keeps the traces of requests at the same time apart", async () => {
    await Promise.all(Array.from({ length: 20 }, async () => (await get("/json")).json()));
    await sink.waitFor(() => finished("GET /json").length === 20 && finished("answer").length === 20);
    const rootIds = new Set(finished("GET /json").map(({ spanId }) => spanId));
    expect(new Set(finished("answer").map(({ parentSpanId }) => parentSpanId))).toEqual(rootIds);
  });

  test("tries again while its requests wait, and sends with the next request what they could not wait for", async () => {
    sink.script([{ status: 503, times: 2 }]);
    await Promise.all(Array.from({ length: 3 }, async () => (await get("/json")).json()));
    await sink.waitFor(() => finished("answer").length === 3);
    sink.script([{ status: 503, times: Infinity }]);
    await Promise.all(Array.from({ length: 20 }, async () => (await get("/json")).json()));
    sink.script([]);
    await get("/by-hand");
    await sink.waitFor(() => finished("answer").length === 24 && finished("GET /json").length === 23);
    expect(await (await get("/stats")).json()).toMatchObject({ queued: 0, sent: 48, dropped: {} });
  });

  test("answers as fast with a backend that never does, and counts truthfully", async () => {
    sink.script([{ hang: "reply", times: Infinity }]);
    const startedAt = performance.now();
    await (await get("/json")).json();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const stats = (await (await get("/stats")).json()) as { started: number; queued: number; sent: number };
    expect(stats).toMatchObject({ sent: 0, queued: stats.started });
  });
});
