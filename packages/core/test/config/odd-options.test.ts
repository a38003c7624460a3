import { expect, test } from "vitest";
import { createTracer, langfuse, memory, spanwise, SpanwiseConfigError } from "../../src/index.ts";
import { otlp } from "../../src/otlp.ts";
import "../../src/spool/index.ts";

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What JavaScript, a configuration file or a variable that is not there may hand over. */
const ODD: Readonly<Record<string, unknown>> = {
  "a number": 5,
  NaN: Number.NaN,
  "a negative number": -1,
  "a bigint": 5n,
  "a flag": true,
  "an empty text": "",
  "a text": "text",
  null: null,
  "an object": {},
  "an object without a prototype": Object.create(null),
  "an array": [],
  "a function": () => ({}),
  "a symbol": Symbol("s"),
  "a revoked proxy": revoked({}),
  "a revoked proxy of a function": revoked(() => {}),
};

type Make = (value: unknown) => unknown;

const init =
  (name: string): Make =>
  (value) =>
    createTracer({ exporters: [memory()], logLevel: "silent", [name]: value });
const base = { baseUrl: "http://localhost:1" };
const keys = { publicKey: "pk", secretKey: "sk" };

const COUNT = ["a number"];
const COUNTS = [
  "flushAt",
  "flushInterval",
  "maxQueueBytes",
  "maxBatchBytes",
  "maxAgeMs",
  "maxOpen",
  "maxOpenMs",
  "timeoutMs",
  "flushTimeoutMs",
  "shutdownTimeoutMs",
];
const FUNCTION = ["null", "a function", "a revoked proxy of a function"];
const TEXT = ["null", "an empty text", "a text"];
const FLAG = ["null", "a flag"];
const HEADERS = ["null", "an object", "an object without a prototype"];

/** Each option, how it is given, and which of these work. All others throw. */
const OPTIONS: [name: string, make: Make, works: readonly string[]][] = [
  ...COUNTS.map((name): [string, Make, string[]] => [name, init(name), COUNT]),
  ["maxValueBytes", init("maxValueBytes"), []],
  ["sampleRate", init("sampleRate"), []],
  ["enabled", init("enabled"), FLAG],
  ["media", init("media"), FLAG],
  ["live", init("live"), FLAG],
  ["mask", init("mask"), FUNCTION],
  ["onDrop", init("onDrop"), FUNCTION],
  ["fetch", init("fetch"), FUNCTION],
  ["environment", init("environment"), TEXT],
  ["release", init("release"), TEXT],
  ["version", init("version"), TEXT],
  ["logLevel", init("logLevel"), []],
  ["logger", init("logger"), ["null"]],
  ["spool", init("spool"), ["null", "a text"]],
  ["exporters", init("exporters"), ["null", "an array"]],
  ["exporters", (value) => createTracer({ exporters: [value as never] }), []],
  ["baseUrl", (baseUrl) => createTracer({ baseUrl } as never), []],
  ["publicKey", (publicKey) => createTracer({ ...base, publicKey } as never), ["null", "an empty text"]],

  ["spanwise: baseUrl", (baseUrl) => spanwise({ baseUrl } as never), []],
  ["publicKey", (publicKey) => spanwise({ ...base, publicKey } as never), ["null", "an empty text"]],
  ["secretKey", (secretKey) => spanwise({ ...base, secretKey } as never), ["null", "an empty text"]],
  ["secretKey", (secretKey) => spanwise({ ...base, ...keys, secretKey } as never), ["a text"]],
  ["spanwise: headers", (headers) => spanwise({ ...base, headers } as never), HEADERS],
  ["spanwise: protocol", (protocol) => spanwise({ ...base, protocol } as never), ["null"]],
  ["langfuse: baseUrl", (baseUrl) => langfuse({ ...keys, baseUrl } as never), ["null"]],
  ["publicKey", (publicKey) => langfuse({ ...keys, publicKey } as never), ["a text"]],
  ["secretKey", (secretKey) => langfuse({ ...keys, publicKey: "pk", secretKey } as never), ["a text"]],
  ["langfuse: headers", (headers) => langfuse({ ...keys, headers } as never), HEADERS],
  ["otlp: endpoint", (endpoint) => otlp({ endpoint } as never), []],
  ["otlp: url", (url) => otlp({ url } as never), []],
  ["otlp: headers", (headers) => otlp({ headers } as never), HEADERS],
  ["otlp: protocol", (protocol) => otlp({ protocol } as never), []],
  ["otlp: compression", (compression) => otlp({ compression } as never), []],
  ["otlp: timeoutMs", (timeoutMs) => otlp({ timeoutMs } as never), COUNT],
];

test.each(OPTIONS)("%s works or is refused by its name", (name, make, works) => {
  const refused = Object.entries(ODD).flatMap(([what, value]) => {
    try {
      make(value);
      return [];
    } catch (error) {
      expect([what, error]).toEqual([what, expect.any(SpanwiseConfigError)]);
      expect((error as Error).message).toContain(name);
      return [what];
    }
  });
  expect(refused).toEqual(Object.keys(ODD).filter((what) => !works.includes(what)));
});

test.each([
  ["a long text", "x".repeat(10_000), 200],
  ["a text", "grpc/json", 200],
])("%s in a message is cut", (_, given, most) => {
  expect(() => otlp({ protocol: given as never })).toThrow(new RegExp(`^.{20,${most}}$`));
});

test("a key that is no text is not repeated", () => {
  expect(() => spanwise({ ...base, ...keys, secretKey: 4711 as never })).toThrow(/^(?!.*4711).*must be a string/);
});
