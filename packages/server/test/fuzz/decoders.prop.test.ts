import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeOtlpJson } from "../../src/ingest/otlp-json.ts";
import { decodeOtlpProtobuf } from "../../src/ingest/otlp-protobuf.ts";
import { DecodeError, type DecodedSpans, type OtlpSpan } from "../../src/ingest/otlp-span.ts";
import { mapSpan } from "../../src/mapping/map-span.ts";
import { toProtobuf } from "../otlp-messages.ts";
import { KNOWN_NAMES, attributeValue } from "./attributes.ts";
import { JSON_BODIES, PROTOBUF_BODIES, chaoticJson, mutated } from "./bodies.ts";

const RUNS = { numRuns: 1500 };

/** Whatever a sender wrote: rows that every store takes, or a reason for the sender. */
function expectSound(decode: () => DecodedSpans): void {
  let decoded: DecodedSpans;
  try {
    decoded = decode();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return;
  }
  expect(decoded.rejected === 0).toBe(decoded.reason === null);
  for (const span of decoded.spans) expectSoundRow(span);
}

function expectSoundRow(span: OtlpSpan): void {
  const { observation, scores } = mapSpan(span);
  expect(observation.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(observation.id).toMatch(/^[0-9a-f]{16}$/);
  expect(observation.name.length).toBeGreaterThan(0);
  for (const time of [observation.startTime, observation.endTime ?? 0, observation.completionStartTime ?? 0]) {
    expect(Number.isFinite(time)).toBe(true);
  }
  for (const text of Object.values(observation.payload)) if (text !== null) JSON.parse(text);
  for (const count of Object.values(observation.usage ?? {})) expect(count).toBeGreaterThanOrEqual(0);
  for (const part of Object.values(observation.cost ?? {})) expect(Number.isFinite(part)).toBe(true);
  for (const score of scores) expect(score.value === null || Number.isFinite(score.value)).toBe(true);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ minLength: 60, maxLength: 300 }));
const hexId = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: digits, maxLength: digits });
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ intValue: fc.integer({ min: -200, max: 200 }).map(String) }),
    // Whole ones are integers in JSON.
    fc.record({ doubleValue: fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie("value"), { maxLength: 4 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: tie("attributes") }) }),
  ),
  attributes: fc.array(fc.record({ key: text, value: tie("value") }), { maxLength: 4 }),
}));
const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 6 });
const event = fc.record({ timeUnixNano: nanos, name: text, attributes, droppedAttributesCount: uint32 });
const link = fc.record({ traceId: hexId(32), spanId: hexId(16), traceState: text, flags: uint32, attributes });
const anySpan = fc.record(
  {
    traceId: hexId(32),
    spanId: hexId(16),
    parentSpanId: hexId(16),
    name: text,
    kind: fc.nat({ max: 5 }),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(event, { maxLength: 3 }),
    droppedEventsCount: uint32,
    links: fc.array(link, { maxLength: 3 }),
    traceState: text,
    flags: uint32,
    status: fc.record({ code: fc.nat({ max: 2 }), message: text }),
  },
  { requiredKeys: ["traceId", "spanId", "name", "startTimeUnixNano", "endTimeUnixNano"] },
);
const anyExport = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: text, version: text, attributes }),
          spans: fc.array(anySpan, { maxLength: 4 }),
          schemaUrl: text,
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

it("reads what another implementation of protobuf wrote as it reads the same in JSON", () => {
  fc.assert(
    fc.property(anyExport, (sent) => {
      expect(decodeOtlpProtobuf(toProtobuf(sent))).toEqual(decodeOtlpJson(Buffer.from(JSON.stringify(sent))));
    }),
    { numRuns: 300 },
  );
});

describe("decoders under hostile input", { timeout: 60_000 }, () => {
  it("read protobuf with changed bytes as rows, or say why not", () => {
    fc.assert(
      fc.property(mutated(PROTOBUF_BODIES), (body) => expectSound(() => decodeOtlpProtobuf(body))),
      RUNS,
    );
  });

  it("read any bytes as protobuf, or say why not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => expectSound(() => decodeOtlpProtobuf(body))),
      RUNS,
    );
  });

  it("read JSON with changed bytes as rows, or say why not", () => {
    const bodies = JSON_BODIES.map((body) => Buffer.from(JSON.stringify(body)));
    fc.assert(
      fc.property(mutated(bodies), (body) => expectSound(() => decodeOtlpJson(body))),
      RUNS,
    );
  });

  it("read JSON with values of any type anywhere as rows, or say why not", () => {
    fc.assert(
      fc.property(chaoticJson, (body) => expectSound(() => decodeOtlpJson(Buffer.from(JSON.stringify(body))))),
      RUNS,
    );
  });
});

const span: fc.Arbitrary<OtlpSpan> = fc
  .record({
    attributes: fc.array(fc.tuple(fc.constantFrom(...KNOWN_NAMES), attributeValue), { maxLength: 25 }),
    resource: fc.array(fc.tuple(fc.constantFrom(...KNOWN_NAMES), attributeValue), { maxLength: 5 }),
    name: fc.string(),
    hasParent: fc.boolean(),
    start: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    end: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    eventName: fc.constantFrom("exception", "gen_ai.choice", "gen_ai.evaluation.result", "gen_ai.user.message", "x"),
    statusCode: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  })
  .map(({ attributes, resource, name, hasParent, start, end, eventName, statusCode }) => ({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "00f067aa0ba902b7",
    parentSpanId: hasParent ? "b7ad6b7169203331" : null,
    name,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: new Map(attributes),
    droppedAttributesCount: 0,
    events: [{ name: eventName, timeUnixNano: end, attributes: new Map(attributes), droppedAttributesCount: 0 }],
    droppedEventsCount: 0,
    cutEvents: 0,
    links: [],
    droppedLinksCount: 0,
    cutLinks: 0,
    kind: 1,
    traceState: "",
    flags: 257,
    statusCode,
    statusMessage: "",
    resource: new Map(resource),
    scopeName: "x",
    scopeVersion: "",
    scopeAttributes: new Map(),
    scopeSchemaUrl: "",
  }));

it("attributes of every known name with values of every type make a sound row", { timeout: 60_000 }, () => {
  fc.assert(fc.property(span, expectSoundRow), { numRuns: 3000 });
});
