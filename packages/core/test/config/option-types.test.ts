import { expect, test } from "vitest";
import { console as toConsole } from "../../src/console.ts";
import { otlp } from "../../src/otlp.ts";
import { spool } from "../../src/spool/index.ts";
import { createTracer, langfuse, memory, spanwise, SpanwiseConfigError } from "../../src/index.ts";

test.each<[string, Record<string, unknown>]>([
  ["enabled", { enabled: "false" }],
  ["media", { media: "false" }],
  ["live", { live: 1 }],
  ["mask", { mask: "keys" }],
  ["onDrop", { onDrop: {} }],
  ["fetch", { fetch: "fetch" }],
  ["environment", { environment: 5 }],
  ["release", { release: {} }],
  ["version", { version: 2 }],
  ["exporters", { exporters: "spanwise" }],
  ["exporters", { exporters: [undefined] }],
  ["exporters", { exporters: [{ name: "no exporter" }] }],
  ["logger", { logger: {} }],
])("%s of a wrong type is refused when the tracer is made, by its name", (name, options) => {
  const make = () => createTracer({ exporters: [memory()], ...options });
  expect(make).toThrow(SpanwiseConfigError);
  expect(make).toThrow(name);
});

test.each<[string, () => unknown]>([
  ["options", () => createTracer(null as never)],
  ["options", () => createTracer("http://localhost:4777" as never)],
  ["spanwise: options", () => spanwise(undefined as never)],
  ["langfuse: options", () => langfuse(null as never)],
  ["otlp: options", () => otlp("http://localhost:4318" as never)],
  ["spool: options", () => spool(undefined as never)],
  ["spool: maxBytes", () => spool({ dir: "x", maxBytes: "1" as never })],
  ["console: options", () => toConsole(null as never)],
  ["console: write", () => toConsole({ write: {} as never })],
  ["console: content", () => toConsole({ content: "false" as never })],
  ["console: colors", () => toConsole({ colors: 1 as never })],
  ["console: maxWaitMs", () => toConsole({ maxWaitMs: "5" as never })],
])("%s that cannot be are refused by their name", (name, make) => {
  expect(make).toThrow(SpanwiseConfigError);
  expect(make).toThrow(`${name} must be`);
});

test("null is the same as nothing", () => {
  const nothing = { enabled: null, mask: null, onDrop: null, environment: null, logger: null, fetch: null };
  expect(createTracer({ exporters: [memory()], ...nothing } as never).enabled).toBe(true);
});

const SECRET = "Bearer sk-secret";
test.each([
  ["spanwise", (headers: Record<string, string>) => spanwise({ baseUrl: "http://localhost:1", headers })],
  ["langfuse", (headers: Record<string, string>) => langfuse({ publicKey: "p", secretKey: "s", headers })],
])("%s refuses headers that no request can carry, without a word of their values", (name, make) => {
  for (const headers of [{ authorization: `${SECRET}\n` }, { "bad name": SECRET }, { a: undefined as never }]) {
    expect(() => make(headers)).toThrow(SpanwiseConfigError);
    expect(() => make(headers)).toThrow(`${name}: headers`);
    expect(() => make(headers)).not.toThrow(/secret/);
  }
});

test("a protocol nobody speaks is refused", () => {
  expect(() => spanwise({ baseUrl: "http://localhost:1", protocol: "grpc" as never })).toThrow(SpanwiseConfigError);
});
