import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeOtlpJson } from "../../src/ingest/otlp-json.ts";
import { decodeOtlpProtobuf } from "../../src/ingest/otlp-protobuf.ts";
import type { OtlpSpan } from "../../src/ingest/otlp-span.ts";
import { mapSpan } from "../../src/mapping/map-span.ts";
import type { StoredObservation } from "../../src/model/observation.ts";
import { toOtlpLine } from "../../src/query/export/otlp.ts";
import { exportOf, span, toProtobuf, type JsonExport } from "../otlp-messages.ts";
import { KNOWN_NAMES, attributeOf, attributeValue } from "./attributes.ts";

const text = fc.string({ maxLength: 5 });
const int = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const double = fc.oneof(
  fc.constantFrom<number | string>(0, 1, 2.5, 1e300, 2 ** 60, "NaN", "Infinity", "-Infinity"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant({}),
    fc.record({ stringValue: fc.oneof(text, fc.constantFrom("NaN", "9007199254740993", "AAEC/w==")) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int.map(String) }),
    fc.record({ doubleValue: double }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString("base64")) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie("value"), { maxLength: 4 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.uniqueArray(fc.record({ key: text, value: tie("value") }), {
          selector: ({ key }) => key,
          maxLength: 3,
        }),
      }),
    }),
  ),
}));

function mapOne(body: string | Uint8Array): StoredObservation {
  const { spans } = typeof body === "string" ? decodeOtlpJson(Buffer.from(body)) : decodeOtlpProtobuf(body);
  return mapSpan(spans[0] as OtlpSpan).observation;
}

function exportedValue(row: StoredObservation): unknown {
  const { resourceSpans } = JSON.parse(toOtlpLine(row)) as JsonExport;
  const attributes = resourceSpans[0]?.scopeSpans[0]?.spans[0]?.attributes ?? [];
  return attributes.find(({ key }) => key === "mine")?.value;
}

/** Objects of JavaScript put members that are numbers first. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) =>
    Array.isArray(member) && member.every((entry) => typeof (entry as { key?: unknown } | null)?.key === "string")
      ? member.toSorted((a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1))
      : member,
  );
}

it("every value an attribute may have is exported as it came", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anyValue, fc.boolean(), (value, isJson) => {
      const message = exportOf([span(1, {}, { attributes: [{ key: "mine", value }] })]);
      const row = mapOne(isJson ? JSON.stringify(message) : toProtobuf(message));
      expect(sorted(exportedValue(row))).toEqual(sorted(value));
    }),
    { numRuns: 2000 },
  );
});

/**
 * Without attributes that say in other words what went in or came out: an object that loses to the same as text stays, and is the same
 * as what won when it comes with that again.
 */
function exported(row: StoredObservation): unknown {
  const { input, output } = row.payload;
  const attributes = JSON.parse(row.payload.attributes ?? "{}") as Record<string, unknown>;
  const others = Object.entries(attributes).filter(([, value]) => {
    const json = JSON.stringify(value);
    return ![value, json].some((text) => text === input || text === output);
  });
  const payload = { ...row.payload, attributes: JSON.stringify(Object.fromEntries(others)) };
  return sorted(JSON.parse(toOtlpLine({ ...row, payload })));
}

/** Vectors are kept by number and size alone, and whether a span without a parent is a root nobody needs to be told: a second one of either is not. */
const NAMES = KNOWN_NAMES.filter((name) => !/embedding|^langfuse\.internal\./.test(name));

const contradictory = fc
  .record({
    attributes: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), attributeValue), {
      maxLength: 25,
      selector: ([name]) => name,
    }),
    resource: fc.array(fc.tuple(fc.constantFrom(...NAMES), attributeValue), { maxLength: 5 }),
    name: text,
    hasParent: fc.boolean(),
    eventName: fc.constantFrom("exception", "gen_ai.choice", "gen_ai.user.message", "x"),
    code: fc.nat({ max: 2 }),
    message: text,
  })
  .map(({ attributes, resource, name, hasParent, eventName, code, message }) => {
    const list = attributes.map(([key, value]) => attributeOf(key, value));
    const sent = exportOf([
      span(
        1,
        {},
        {
          name,
          attributes: list,
          ...(hasParent && { parentSpanId: span(2).spanId }),
          events: [{ name: eventName, timeUnixNano: "1795829957090000007", attributes: list.slice(0, 3) }],
          status: { code, message },
        },
      ),
    ]);
    Object.assign(sent.resourceSpans[0]?.resource ?? {}, {
      attributes: resource.map(([key, value]) => attributeOf(key, value)),
    });
    return sent;
  });

it(
  "spans of contradictory conventions are the same when they are exported and read in again",
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(contradictory, (sent) => {
        const row = mapOne(JSON.stringify(sent));
        const again = mapOne(toOtlpLine(row));
        expect(exported(again)).toEqual(exported(row));
      }),
      { numRuns: 2000 },
    );
  },
);
