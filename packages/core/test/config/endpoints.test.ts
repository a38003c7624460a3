import { createSink } from "@spanwise/testing";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "../../src/api/index.ts";
import { createTracer, langfuse, spanwise, SpanwiseConfigError } from "../../src/index.ts";

const keys = { publicKey: "pk", secretKey: "sk" };

test.each([
  ["/", ""],
  ["//", ""],
  ["/spanwise/", "/spanwise"],
  ["/a b/", "/a%20b"],
  [" \n", ""],
])("a base URL that ends in %j is one without", async (end, path) => {
  const sink = await createSink();
  onTestFinished(() => sink.close());
  const upper = sink.url.replace("http", " HTTP");
  const tracer = createTracer({ exporters: [spanwise({ baseUrl: upper + end })], logLevel: "silent" });
  const client = createClient({ baseUrl: upper + end, publicKey: "pk" });
  tracer.startObservation("work").end();
  client.score({ name: "good", value: 1, traceId: "a".repeat(32) });
  await Promise.all([tracer.shutdown(), client.close()]);
  const paths = ["/v1/traces", "/api/public/ingestion"].map((route) => path + route);
  expect(new Set(sink.requests.map((request) => request.path))).toEqual(new Set(paths));
});

test("a URL object is as good as its text", () => {
  expect(spanwise({ baseUrl: new URL("http://[::1]:4777/a/") as never }).host).toBe("[::1]:4777");
});

test.each([
  ["http://localhost:4777/?project=a", "without ? and #"],
  ["http://localhost:4777/#/traces", "without ? and #"],
  ["localhost:4777", "must be a URL like http://"],
  ["http://", "must be a URL like http://"],
  [undefined, "must be a URL like http://"],
])("%s is no base URL", (baseUrl, message) => {
  const given = baseUrl as string;
  expect(() => spanwise({ baseUrl: given })).toThrow(SpanwiseConfigError);
  expect(() => spanwise({ baseUrl: given })).toThrow(message);
  if (baseUrl !== undefined) expect(() => createClient({ baseUrl: given })).toThrow(message);
});

test("the line break behind a key that was read from a file is no part of it; an empty key is none", async () => {
  const sink = await createSink({ auth: keys });
  onTestFinished(() => sink.close());
  const files = { publicKey: "pk\n", secretKey: " sk\r\n" };
  const tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url, ...files })], logLevel: "silent" });
  tracer.startObservation("work").end();
  expect(await tracer.shutdown()).toMatchObject({ sent: 1 });
  expect(() => langfuse({ publicKey: "", secretKey: "" })).toThrow(/publicKey and secretKey are needed/);
  expect(() => spanwise({ baseUrl: sink.url, publicKey: "pk", secretKey: "" })).toThrow(/belong together/);
  expect(() => createClient({ baseUrl: sink.url, publicKey: "", secretKey: "sk" })).toThrow(/needs its publicKey/);
});

test.each([["x"], [new Headers({ a: "b" })], [new Map([["a", "b"]])], [[["a", "b"]]]])(
  "headers that are %o are a mistake",
  (headers) => {
    const given = headers as unknown as Record<string, string>;
    expect(() => spanwise({ baseUrl: "http://localhost:4777", headers: given })).toThrow(/must be an object of texts/);
  },
);

test("an environment of no characters is the default", async () => {
  const sink = await createSink();
  onTestFinished(() => sink.close());
  const tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], environment: "", logLevel: "silent" });
  tracer.startObservation("work").end();
  await tracer.shutdown();
  expect(sink.requests[0]!.otlp!.resources[0]!["deployment.environment.name"]).toBe("default");
});
