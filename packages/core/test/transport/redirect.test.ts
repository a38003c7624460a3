import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, spanwise } from "../../src/index.ts";
import { platform } from "../../src/platform/web.ts";

let sink: Sink;
let other: Sink;

beforeEach(async () => {
  sink = await createSink();
  other = await createSink();
});
afterEach(() => Promise.all([sink.close(), other.close()]));

describe.each([301, 302, 303, 307, 308])("a redirect (%d) to another host", (status) => {
  test.each([
    ["node:http", undefined],
    ["a fetch of the user's", fetch],
  ])("by %s takes nothing there and is no delivery", async (_, given) => {
    sink.script([{ status, headers: { location: other.url }, times: Infinity }]);
    const tracer = createTracer({
      exporters: [spanwise({ baseUrl: sink.url, publicKey: "p", secretKey: "s" })],
      fetch: given,
      logLevel: "silent",
    });
    tracer.startObservation("span", { input: "private" }).end();
    expect(await tracer.flush()).toEqual({ sent: 0, failed: 1, dropped: 0, pending: 0 });
    expect(tracer.stats().lastError).toMatch(/redirect/);
    await tracer.shutdown({ timeoutMs: 50 });
    expect(other.requests).toEqual([]);
  });

  test("is not followed by the platform of browsers and edges", async () => {
    sink.script([{ status, headers: { location: other.url } }]);
    const body = [new TextEncoder().encode("private")];
    const request = { method: "POST" as const, url: sink.url, headers: {}, body, signal: AbortSignal.timeout(5_000) };
    const { status: seen } = await platform.send(request);
    expect(seen).toBe(status);
    expect(other.requests).toEqual([]);
  });
});

test("a 307 within the host is followed by a fetch of the user's too", async () => {
  sink.script([{ status: 307, headers: { location: "/elsewhere/v1/traces" }, times: 1 }]);
  const tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], fetch, logLevel: "silent" });
  tracer.startObservation("span").end();
  expect(await tracer.flush()).toMatchObject({ sent: 1 });
  await tracer.shutdown();
});
