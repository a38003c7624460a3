import { createHash, randomBytes } from "node:crypto";
import { createSink, type Sink } from "@spanwise/testing";
import { createServer } from "../../../server/src/index.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, memory, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";
import { Media } from "../../src/media.ts";

let sink: Sink;
let tracer: Tracer;
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const idOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
const start = (options: TracerOptions = {}): Tracer =>
  createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent", ...options });
const media = () => tracer.stats().destinations[0]!.media!;

beforeEach(async () => {
  sink = await createSink();
  tracer = start();
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

const at =
  (part: string) =>
  ({ path }: { path: string }) =>
    path.startsWith(part);
const announcements = () =>
  sink.requests.filter(({ method, path }) => method === "POST" && path === "/api/public/media");

test("bytes, base64 and Blobs arrive as they were, with what names them", async () => {
  const large = randomBytes(3 * 1024 * 1024 + 1);
  const input = {
    buffer: png,
    part: { type: "image", source: { type: "base64", media_type: "image/webp", data: large.toString("base64") } },
    blob: new Blob([large.subarray(0, 1000)], { type: "audio/wav" }),
    given: new Media({ bytes: large.subarray(5, 10), mimeType: "text/csv" }),
  };
  const one = tracer.startObservation("one", { input });
  one.end();
  expect(await tracer.flush()).toMatchObject({ sent: 1, pending: 0 });
  const expected: [Uint8Array, string][] = [
    [png, "image/png"],
    [large, "image/webp"],
    [large.subarray(0, 1000), "audio/wav"],
    [large.subarray(5, 10), "text/csv"],
  ];
  expect(sink.media.size).toBe(expected.length);
  for (const [bytes, contentType] of expected) {
    const stored = sink.media.get(idOf(bytes));
    expect(stored?.contentType).toBe(contentType);
    expect(stored?.bytes.equals(bytes)).toBe(true);
  }
  expect(announcements()[0]!.json).toEqual({
    traceId: one.traceId,
    observationId: one.id,
    field: "input",
    contentType: "image/png",
    contentLength: png.length,
    sha256Hash: createHash("sha256").update(png).digest("base64"),
  });
  const reports = sink.requests.filter(({ method }) => method === "PATCH");
  expect(reports).toHaveLength(expected.length);
  expect(reports[0]!.json).toMatchObject({ uploadHttpStatus: 200, uploadedAt: expect.stringMatching(/Z$/) });
  expect(media()).toEqual({ queued: 0, queuedBytes: 0, uploaded: 4, retried: 0, failed: 0 });
  expect(tracer.stats().bytesHeld).toBe(0);
});

test("one content is sent once, in whatever form it comes", async () => {
  for (const input of [png, `data:image/png;base64,${png.toString("base64")}`, new Blob([png])]) {
    tracer.startObservation("one", { input, output: [input, input] }).end();
    await tracer.flush();
  }
  expect(announcements()).toHaveLength(1);
  expect(media().uploaded).toBe(1);
});

test("each destination gets it, however slow another is", async () => {
  const slow = await createSink();
  slow.script([{ match: at("/api/public/media"), hang: "read", times: 9 }]);
  const both = createTracer({
    exporters: [spanwise({ baseUrl: slow.url }), spanwise({ baseUrl: sink.url })],
    logLevel: "silent",
  });
  both.startObservation("one", { input: png }).end();
  await both.flush({ timeoutMs: 1_000 });
  expect(sink.media.has(idOf(png))).toBe(true);
  expect(slow.spans()).toHaveLength(1);
  await both.shutdown({ timeoutMs: 50 });
  await slow.close();
});

describe("a backend that takes no attachments", () => {
  test("still gets the observation, at once", async () => {
    sink.script([{ match: at("/api/public/media"), hang: "read", times: 99 }]);
    tracer.startObservation("one", { input: png }).end();
    await sink.waitFor((s) => s.spans().length === 1, { timeoutMs: 10_000 });
    expect(sink.spans()[0]!.attributes["langfuse.observation.input"]).toContain(idOf(png));
    expect(media()).toMatchObject({ queued: 1, queuedBytes: png.length });
    const { sent } = await tracer.flush({ timeoutMs: 50 });
    expect(sent).toBeLessThanOrEqual(1);
    await tracer.shutdown({ timeoutMs: 50 });
    expect(media()).toEqual({ queued: 0, queuedBytes: 0, uploaded: 0, retried: expect.any(Number), failed: 1 });
    expect(tracer.stats()).toMatchObject({ bytesHeld: 0, sent: 1 });
  });

  test.each([400, 404, 413])("for good (%i) is not asked again", async (status) => {
    sink.script([{ match: at("/api/public/media"), status, times: 99 }]);
    tracer.startObservation("one", { input: png }).end();
    expect(await tracer.flush()).toMatchObject({ sent: 1 });
    expect(media()).toMatchObject({ failed: 1, queued: 0, retried: 0 });
    expect(announcements()).toHaveLength(1);
    expect(tracer.stats().lastError).toMatch(new RegExp(`image/png of 16 bytes was not uploaded: .*${status}`));
  });

  test.each([
    ["answers with a redirect", { status: 302 }],
    ["answers anything with an empty 200", { status: 200, body: "" }],
  ])("since it %s, is not asked again", async (_what, reply) => {
    sink.script([{ match: at("/api/public/media"), ...reply, times: 99 }]);
    tracer.startObservation("one", { input: png }).end();
    expect(await tracer.flush()).toMatchObject({ sent: 1 });
    expect(media()).toMatchObject({ failed: 1, queued: 0, retried: 0, uploaded: 0 });
  });

  test.each([401, 403, 408, 429, 500, 503])("for now (%i) is asked again", async (status) => {
    sink.script([{ match: at("/api/public/media"), status, times: 2 }]);
    tracer.startObservation("one", { input: png }).end();
    await tracer.flush();
    expect(sink.media.has(idOf(png))).toBe(true);
    expect(media()).toMatchObject({ uploaded: 1, retried: 2, failed: 0 });
  });

  test("on its store, or answers with garbage, is asked again for an address", async () => {
    sink.script([
      { match: at("/api/public/media"), body: "<html>" },
      { match: at("/upload/"), status: 503 },
      { match: at("/upload/"), reset: "headers" },
    ]);
    tracer.startObservation("one", { input: png }).end();
    await tracer.flush();
    expect(sink.media.get(idOf(png))?.bytes.equals(png)).toBe(true);
    expect(media()).toMatchObject({ uploaded: 1, failed: 0 });
    expect(media().retried).toBeGreaterThanOrEqual(2);
  });

  test("on the report only is not sent the bytes again", async () => {
    sink.script([{ match: at("/api/public/media/"), status: 500, times: 2 }]);
    tracer.startObservation("one", { input: png }).end();
    await tracer.flush();
    expect(
      sink.requests
        .map(({ method, path }) => `${method} ${path.split("/")[1]}`)
        .filter((line) => !/v1|otel/.test(line)),
    ).toEqual(expect.arrayContaining(["PUT upload"]));
    expect(sink.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect(media()).toMatchObject({ uploaded: 1, retried: 2 });
  });

  test("holds what waits within half of the bytes that may be held, and observations go on", async () => {
    sink.script([{ match: at("/api/public/media"), status: 503, times: 999 }]);
    await tracer.shutdown();
    tracer = start({ maxQueueBytes: 1024 * 1024 });
    for (let i = 0; i < 20; i++) {
      tracer.startObservation(`n${i}`, { input: randomBytes(100 * 1024) }).end();
      // What is captured counts too, until its hash is known.
      await expect.poll(() => media().queued + media().failed).toBe(i + 1);
    }
    await sink.waitFor((s) => s.spans().length === 20);
    expect(media()).toMatchObject({ queued: 5, queuedBytes: 5 * 100 * 1024, failed: 15 });
    expect(tracer.stats().dropped).toEqual({});
    expect(tracer.stats().lastError).toContain("the queue is full");
  });

  test("is asked until the attachment is too old", async () => {
    await tracer.shutdown();
    tracer = start({ maxAgeMs: 0 });
    sink.script([{ match: at("/api/public/media"), status: 503, times: 99 }]);
    tracer.startObservation("one", { input: png }).end();
    expect(await tracer.flush()).toMatchObject({ sent: 1 });
    expect(media()).toMatchObject({ failed: 1, retried: 0 });
    // What failed may be tried with the next observation that has it.
    sink.script([]);
    tracer.startObservation("two", { input: png }).end();
    await tracer.flush();
    expect(media()).toMatchObject({ failed: 1, uploaded: 1 });
  });
});

test("Retry-After is kept to, and a flush does not wait for it", async () => {
  sink.script([{ match: at("/api/public/media"), status: 429, headers: { "retry-after": "60" } }]);
  tracer.startObservation("one", { input: png }).end();
  await sink.waitFor(() => media().retried === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(announcements()).toHaveLength(1);
  await tracer.flush();
  expect(announcements()).toHaveLength(2);
  expect(media().uploaded).toBe(1);
});

test("without a hash function the observation arrives with a marker", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest").mockRejectedValue(new Error("not in this context"));
  const exporter = memory();
  const local = createTracer({ exporters: [exporter], logLevel: "silent" });
  local.startObservation("one", { input: { png } }).end();
  expect(await local.flush()).toMatchObject({ sent: 1 });
  expect(exporter.observations[0]!.input).toBe('{"png":"[Buffer of 16 bytes]"}');
  digest.mockRestore();
  await local.shutdown();
});

test("an exporter whose pushMedia throws loses the attachment only", async () => {
  const exporter = memory();
  const broken = {
    ...exporter,
    connect: (context: Parameters<typeof exporter.connect>[0]) => ({
      ...exporter.connect(context),
      pushMedia: () => {
        throw new Error("no");
      },
    }),
  };
  const local = createTracer({ exporters: [broken], logLevel: "silent" });
  local.startObservation("one", { input: png }).end();
  expect(await local.flush()).toMatchObject({ sent: 1 });
  await local.shutdown();
});

test("a Spanwise server has the same bytes", async () => {
  const server = await createServer({ port: 0, db: ":memory:" });
  const local = createTracer({ exporters: [spanwise({ baseUrl: server.url })], logLevel: "silent" });
  try {
    const large = randomBytes(2 * 1024 * 1024);
    const input = { image: { inlineData: { mimeType: "image/png", data: large.toString("base64") } }, png };
    local.startObservation("one", { input, output: new Blob([large.subarray(9)], { type: "audio/mpeg" }) }).end();
    expect(await local.flush()).toMatchObject({ sent: 1, pending: 0 });
    for (const bytes of [large, png, large.subarray(9)]) {
      const answer = await fetch(`${server.url}/api/media/${idOf(bytes)}`);
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(local.stats().destinations[0]!.media).toMatchObject({ uploaded: 3, failed: 0 });
  } finally {
    await local.shutdown({ timeoutMs: 500 });
    await server.close();
  }
});
