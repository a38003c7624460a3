import { expect, test } from "vitest";
import { decodeOtlp } from "../../src/index.ts";

// A few wire primitives, so that the field numbers below are checked against literals and not against the proto text.
const bytesField = (field: number, body: Uint8Array | string): Buffer => {
  const data = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
};
const varintField = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const fixed64Field = (field: number, value: bigint): Buffer => {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(value);
  return Buffer.concat([varint((field << 3) | 1), data]);
};
function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
}
const stringAttribute = (key: string, value: string): Buffer =>
  Buffer.concat([bytesField(1, key), bytesField(2, bytesField(1, value))]);

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test("protobuf bytes written by hand come back as a span", () => {
  const span = Buffer.concat([
    bytesField(1, Buffer.from(traceId, "hex")),
    bytesField(2, Buffer.from(spanId, "hex")),
    bytesField(4, Buffer.from("00f067aa0ba902b7", "hex")),
    bytesField(5, "draft"),
    varintField(6, 1),
    fixed64Field(7, 1_700_000_000_000_000_001n),
    fixed64Field(8, 1_700_000_000_500_000_000n),
    bytesField(9, stringAttribute("gen_ai.request.model", "gpt-4o")),
    bytesField(9, Buffer.concat([bytesField(1, "tokens"), bytesField(2, varintField(3, 300))])),
    bytesField(9, Buffer.concat([bytesField(1, "flag"), bytesField(2, varintField(2, 1))])),
    bytesField(
      9,
      Buffer.concat([bytesField(1, "tags"), bytesField(2, bytesField(5, bytesField(1, bytesField(1, "beta"))))]),
    ),
    bytesField(15, Buffer.concat([bytesField(2, "boom"), varintField(3, 2)])),
  ]);
  const scopeSpans = Buffer.concat([bytesField(1, bytesField(1, "spanwise")), bytesField(2, span)]);
  const resource = bytesField(1, stringAttribute("service.name", "shop"));
  const request = bytesField(1, Buffer.concat([bytesField(1, resource), bytesField(2, scopeSpans)]));

  const { spans, resources } = decodeOtlp(request);
  expect(resources).toEqual([{ "service.name": "shop" }]);
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({
    traceId,
    spanId,
    parentSpanId: "00f067aa0ba902b7",
    name: "draft",
    kind: 1,
    startTimeUnixNano: 1_700_000_000_000_000_001n,
    endTimeUnixNano: 1_700_000_000_500_000_000n,
    attributes: { "gen_ai.request.model": "gpt-4o", tokens: 300, flag: true, tags: ["beta"] },
    status: { code: 2, message: "boom" },
    scope: { name: "spanwise" },
    resource: { "service.name": "shop" },
  });
});

test("the JSON encoding gives the same view", () => {
  const body = {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId,
                name: "n",
                startTimeUnixNano: "1700000000000000001",
                attributes: [
                  { key: "big", value: { intValue: "9007199254740993" } },
                  { key: "twice", value: { stringValue: "a" } },
                  { key: "twice", value: { stringValue: "b" } },
                  { key: "map", value: { kvlistValue: { values: [{ key: "k", value: { doubleValue: 1.5 } }] } } },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  const [span] = decodeOtlp(Buffer.from(JSON.stringify(body)), "json").spans;
  expect(span).toMatchObject({
    parentSpanId: undefined,
    startTimeUnixNano: 1_700_000_000_000_000_001n,
    attributes: { big: 9_007_199_254_740_993n, twice: "b", map: { k: 1.5 } },
    duplicateKeys: ["twice"],
  });
});

test("bytes that are not protobuf throw", () => {
  expect(() => decodeOtlp(Buffer.from("<html>"))).toThrow(/./);
});
