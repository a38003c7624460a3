import { createHash } from "node:crypto";
import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTracer, memory, spanwise, type Tracer } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const dataUri = `data:image/png;base64,${png.toString("base64")}`;
const id = createHash("sha256").update(png).digest("base64url").slice(0, 22);
const token = `@@@langfuseMedia:type=image/png|id=${id}|source=base64_data_uri@@@`;

beforeEach(async () => {
  sink = await createSink();
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent" });
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

const imagePart = { type: "image_url", image_url: { url: dataUri } };

test("an image is uploaded once and the payload keeps a reference", async () => {
  const input = [{ role: "user", content: [{ type: "text", text: "what is it?" }, imagePart, imagePart] }];
  tracer.startObservation("one", { input }).end({ output: dataUri });
  tracer.startObservation("two", { metadata: { picture: dataUri } }).end();
  expect(await tracer.flush()).toMatchObject({ sent: 2, pending: 0 });

  expect([...sink.media.keys()]).toEqual([id]);
  expect(sink.media.get(id)).toMatchObject({ contentType: "image/png", bytes: png });
  const [one, two] = sink.spans();
  expect(one!.attributes["langfuse.observation.input"]).toContain(token);
  expect(one!.attributes["langfuse.observation.output"]).toBe(JSON.stringify(token));
  expect(two!.attributes["langfuse.observation.metadata"]).toBe(JSON.stringify({ picture: token }));
  expect(JSON.stringify(sink.requests.map(({ body }) => body.toString()))).not.toContain(png.toString("base64"));
  expect(sink.requests.filter(({ method, path }) => method === "POST" && path === "/api/public/media")).toHaveLength(1);
  expect(tracer.stats().bytesHeld).toBe(0);
});

test("an upload that fails is tried again", async () => {
  sink.script([{ match: ({ path }) => path === "/api/public/media", status: 503, times: 2 }]);
  tracer.startObservation("one", { input: dataUri }).end();
  await tracer.flush();
  expect([...sink.media.keys()]).toEqual([id]);
});

test("the user's own object is not touched", async () => {
  const input = { url: dataUri };
  tracer.startObservation("one", { input }).end();
  await tracer.flush();
  expect(input.url).toBe(dataUri);
});

test.each([
  ["text that mentions one", "see data:image/png;base64,AAAA"],
  ["one that is not base64", "data:image/png;base64,not base64 at all!"],
  ["one without base64", "data:text/plain,hello"],
  ["a long unbroken run", "A".repeat(5000)],
])("%s stays as it is", async (_, text) => {
  const exporter = memory();
  const local = createTracer({ exporters: [exporter] });
  local.startObservation("one", { input: text }).end();
  await local.flush();
  expect(exporter.observations[0]!.input).toBe(JSON.stringify(text));
  expect(exporter.media.size).toBe(0);
  await local.shutdown();
});

test("media: false leaves the payload alone", async () => {
  const exporter = memory();
  const local = createTracer({ exporters: [exporter], media: false });
  local.startObservation("one", { input: dataUri }).end();
  await local.flush();
  expect(exporter.observations[0]!.input).toBe(JSON.stringify(dataUri));
  await local.shutdown();
});
