import { describe, expect, it } from "vitest";
import { decodeOtlpJson } from "../src/ingest/otlp-json.ts";
import { decodeOtlpProtobuf } from "../src/ingest/otlp-protobuf.ts";
import { NOW_NANOS, encode, exportOf, span, toProtobuf } from "./otlp-messages.ts";

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const rich = exportOf(
  [
    span(
      1,
      { s: "ü", t: true, i: 42, d: 0.5, neg: -7, list: ["a", 1, [true]], map: { k: { deep: "v" }, __proto__x: "y" } },
      {
        parentSpanId: "00f067aa0ba902b7",
        status: { code: 2, message: "boom" },
        events: [
          {
            name: "exception",
            timeUnixNano: String(NOW_NANOS),
            attributes: [{ key: "exception.message", value: { stringValue: "x" } }],
          },
        ],
      },
    ),
    span(2),
  ],
  { "service.name": "svc" },
);

describe("OTLP decoding", () => {
  it.each(["base64", "base64url"] as const)(
    "takes ids in %s, as the JSON mapping of protobuf writes them",
    (encoding) => {
      const inBase64 = (id: string): string => Buffer.from(id, "hex").toString(encoding);
      const plain = span(1, {}, { parentSpanId: "fff067aa0ba902b7" });
      const link = { traceId: "fffffffffffffffffffffffffffffff0", spanId: "fffffffffffffff0" };
      const ids = (sent: typeof plain, linked: typeof link): unknown => {
        const { spans } = decodeOtlpJson(json(exportOf([{ ...sent, links: [linked] }])));
        return spans.map(({ traceId, spanId, parentSpanId, links }) => [traceId, spanId, parentSpanId, links]);
      };
      const encoded = {
        ...plain,
        traceId: inBase64(plain.traceId),
        spanId: inBase64(plain.spanId),
        parentSpanId: inBase64("fff067aa0ba902b7"),
      };
      expect(ids(encoded, { traceId: inBase64(link.traceId), spanId: inBase64(link.spanId) })).toEqual(
        ids(plain, link),
      );
    },
  );

  it("reads JSON and protobuf as the same spans", () => {
    const fromJson = decodeOtlpJson(json(rich));
    expect(decodeOtlpProtobuf(toProtobuf(rich))).toEqual(fromJson);
    expect(fromJson.rejected).toBe(0);
    expect(fromJson.spans[0]).toMatchObject({
      parentSpanId: "00f067aa0ba902b7",
      statusCode: 2,
      statusMessage: "boom",
      scopeName: "test",
    });
    expect(Object.fromEntries(fromJson.spans[0]?.attributes ?? [])).toEqual({
      s: "ü",
      t: true,
      i: 42,
      d: 0.5,
      neg: -7,
      list: ["a", 1, [true]],
      map: { k: { deep: "v" }, __proto__x: "y" },
    });
  });

  it("keeps 64-bit times and integers exact", () => {
    const exact = exportOf([
      {
        ...span(1),
        attributes: [
          { key: "big", value: { intValue: "9007199254740993" } },
          { key: "min", value: { intValue: "-9223372036854775808" } },
        ],
      },
    ]);
    for (const decoded of [decodeOtlpJson(json(exact)), decodeOtlpProtobuf(toProtobuf(exact))]) {
      expect(decoded.spans[0]?.startTimeUnixNano).toBe(NOW_NANOS);
      expect(decoded.spans[0]?.attributes.get("big")).toBe("9007199254740993");
      expect(decoded.spans[0]?.attributes.get("min")).toBe("-9223372036854775808");
    }
  });

  it("skips fields it does not know", () => {
    const future = exportOf([
      {
        ...span(1),
        fromTheFuture: "x",
        droppedEventsCount: 3,
        flags: 257,
        kind: 3,
        links: [{ traceState: "a" }],
      } as never,
    ]);
    expect(decodeOtlpProtobuf(toProtobuf(future)).spans).toHaveLength(1);
    expect(decodeOtlpJson(json(future)).spans).toHaveLength(1);
  });

  it("reads snake_case, numbers for integers and upper-case ids in JSON", () => {
    const body = {
      resource_spans: [
        {
          scope_spans: [
            {
              spans: [
                {
                  trace_id: "0AF7651916CD43DD8448EB211C80319C",
                  span_id: "B7AD6B7169203331",
                  name: "n",
                  start_time_unix_nano: 5000,
                  end_time_unix_nano: 6000,
                  attributes: [{ key: "i", value: { int_value: 3 } }],
                },
              ],
            },
          ],
        },
      ],
    };
    const [decoded] = decodeOtlpJson(json(body)).spans;
    expect(decoded).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      startTimeUnixNano: 5000n,
    });
    expect(decoded?.attributes.get("i")).toBe(3);
  });

  it("throws at any cut of a protobuf body, or reads only whole spans", () => {
    const whole = toProtobuf(exportOf([span(1, { a: "b" }), span(2)]));
    let thrown = 0;
    for (let length = 1; length < whole.length; length++) {
      try {
        decodeOtlpProtobuf(whole.subarray(0, length));
      } catch (error) {
        expect((error as Error).name).toBe("DecodeError");
        thrown += 1;
      }
    }
    expect(thrown).toBe(whole.length - 1);
  });

  it("rejects what is no span alone", () => {
    const body = exportOf([span(1), 7 as never, null as never, span(2), [] as never]);
    expect(decodeOtlpJson(json(body))).toMatchObject({
      spans: [{}, {}],
      rejected: 3,
      reason: "a span is not an object",
    });
  });

  it("rejects a span with bad ids alone", () => {
    const mixed = exportOf([span(1), span(2, {}, { traceId: "0".repeat(32) }), span(3, {}, { spanId: "abcd" })]);
    for (const decoded of [decodeOtlpJson(json(mixed)), decodeOtlpProtobuf(toProtobuf(mixed))]) {
      expect(decoded.spans).toHaveLength(1);
      expect(decoded).toMatchObject({ rejected: 2, reason: 'span "span 2": traceId is not 16 non-zero bytes' });
    }
  });

  it("quotes nothing of a body that is no JSON", () => {
    for (const body of ['{"password": hunter2}', '{"a":"x", hunter2', "hunter2", '{"k":"a \'hunter2\' b"']) {
      const decode = (): unknown => decodeOtlpJson(Buffer.from(body));
      expect(decode).toThrow("The body is not JSON");
      expect(decode).not.toThrow("hunter2");
    }
  });

  it("rejects a span whose times are more than 64 bits, as text and as a number", () => {
    const decode = (time: unknown): number =>
      decodeOtlpJson(Buffer.from(JSON.stringify(exportOf([{ ...span(1), startTimeUnixNano: time as string }]))))
        .rejected;
    expect([1e18, "18446744073709551615", 1e30, "18446744073709551616", -1, "x"].map(decode)).toEqual([
      0, 0, 1, 1, 1, 1,
    ]);
  });

  it("tells logs and metrics from traces", () => {
    const logs = encode("LogsRequest", {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: String(NOW_NANOS),
                  observedTimeUnixNano: String(NOW_NANOS),
                  severityNumber: 9,
                  severityText: "INFO",
                  body: { stringValue: "hello" },
                },
              ],
            },
          ],
        },
      ],
    });
    const metrics = encode("MetricsRequest", {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "cpu", description: "d", unit: "1" }] }] }],
    });
    expect(() => decodeOtlpProtobuf(logs)).toThrow(/only traces/);
    expect(() => decodeOtlpProtobuf(metrics)).toThrow(/only traces/);
    expect(() => decodeOtlpJson(json({ resourceLogs: [] }))).toThrow(/logs or metrics/);
  });

  it("takes an export of nothing, as protobuf's empty message is one", () => {
    expect(decodeOtlpJson(Buffer.from("{}"))).toMatchObject({ spans: [], rejected: 0 });
    expect(decodeOtlpProtobuf(new Uint8Array(0))).toMatchObject({ spans: [], rejected: 0 });
  });

  it("answers hostile JSON with a reason and never with a crash", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const bodies = [
      "",
      "null",
      "[]",
      "{",
      '{"spans":[]}',
      '"x"',
      '{"resourceSpans":{}}',
      '{"resourceSpans":[1]}',
      '{"resourceSpans":[{"scopeSpans":7}]}',
      `{"resourceSpans":${deep}}`,
      "\ud800",
    ];
    for (const body of bodies)
      expect(() => decodeOtlpJson(Buffer.from(body)), body.slice(0, 40)).toThrow(
        expect.objectContaining({ name: "DecodeError" }),
      );
    const faults = [
      { attributes: "x" },
      { attributes: [null] },
      { attributes: [{ key: 1 }] },
      { startTimeUnixNano: "-1" },
      { startTimeUnixNano: "99999999999999999999" },
      { endTimeUnixNano: {} },
      { events: 3 },
      { traceId: 7 },
    ];
    for (const fault of faults) {
      const decoded = decodeOtlpJson(json(exportOf([{ ...span(1), ...fault } as never, span(2)])));
      expect([decoded.spans.length, decoded.rejected], JSON.stringify(fault)).toEqual([1, 1]);
    }
  });

  it("cuts values nested beyond the bound, in both encodings at the same place", () => {
    let value: object = { stringValue: "core" };
    for (let depth = 0; depth < 500; depth++) {
      value =
        depth % 2 === 0 ? { arrayValue: { values: [value] } } : { kvlistValue: { values: [{ key: "k", value }] } };
    }
    const nested = exportOf([{ ...span(1), attributes: [{ key: "deep", value }] }, span(2)]);
    const decoded = decodeOtlpJson(json(nested));
    expect(decoded.spans).toHaveLength(2);

    // By hand: an encoder refuses to nest as deep as a hostile sender can.
    let bytes: Uint8Array = lengthDelimited(1, Buffer.from("core"));
    for (let depth = 0; depth < 500; depth++) {
      bytes =
        depth % 2 === 0
          ? lengthDelimited(5, lengthDelimited(1, bytes))
          : lengthDelimited(
              6,
              lengthDelimited(1, Buffer.concat([lengthDelimited(1, Buffer.from("k")), lengthDelimited(2, bytes)])),
            );
    }
    const ids = Buffer.concat([
      lengthDelimited(1, Buffer.from(span(1).traceId, "hex")),
      lengthDelimited(2, Buffer.from(span(1).spanId, "hex")),
    ]);
    const attribute = lengthDelimited(
      9,
      Buffer.concat([lengthDelimited(1, Buffer.from("deep")), lengthDelimited(2, bytes)]),
    );
    const body = lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, Buffer.concat([ids, attribute]))));
    expect(decodeOtlpProtobuf(body).spans[0]?.attributes).toEqual(decoded.spans[0]?.attributes);
  });

  it("takes an attribute whose empty name was left out", () => {
    const decoded = decodeOtlpJson(
      json(exportOf([span(1, {}, { attributes: [{ value: { intValue: 1 } }] as never })])),
    );
    expect(decoded).toMatchObject({ rejected: 0, spans: [{ attributes: new Map([["", 1]]) }] });
  });
});

describe("OTLP in protobuf, written by hand", () => {
  const traceId = lengthDelimited(1, Buffer.from("0af7651916cd43dd8448eb211c80319c", "hex"));
  const spanId = lengthDelimited(2, Buffer.from("00f067aa0ba902b7", "hex"));
  const name = (text: string | Uint8Array): Uint8Array => lengthDelimited(5, Buffer.from(text));
  const scope = lengthDelimited(1, lengthDelimited(1, Buffer.from("late")));
  const attribute = (key: string | Uint8Array): Uint8Array => lengthDelimited(9, lengthDelimited(1, Buffer.from(key)));
  const bodyOf = (...fields: Uint8Array[]): Uint8Array => {
    const span = lengthDelimited(2, Buffer.concat([traceId, spanId, ...fields]));
    const resource = lengthDelimited(1, lengthDelimited(1, lengthDelimited(1, Buffer.from("host"))));
    // Whoever writes may put fields in any order.
    return lengthDelimited(1, Buffer.concat([lengthDelimited(2, Buffer.concat([span, scope])), resource]));
  };

  it("has its scope and resource behind its spans", () => {
    const [span] = decodeOtlpProtobuf(bodyOf(name("a"))).spans;
    expect(span).toMatchObject({ name: "a", scopeName: "late", resource: new Map([["host", null]]) });
  });

  it("holds groups and fields of other types than ours, which are skipped", () => {
    const group = Buffer.from([(5 << 3) | 3, 1 << 3, 7, (2 << 3) | 3, (2 << 3) | 4, (5 << 3) | 4]);
    expect(decodeOtlpProtobuf(bodyOf(group, name("b"), Buffer.from([(6 << 3) | 5, 1, 2, 3, 4]))).spans).toMatchObject([
      { name: "b", kind: 0 },
    ]);
  });

  it.each<[what: string, ...fields: Uint8Array[]]>([
    ["a group without an end", Buffer.from([(5 << 3) | 3, 1 << 3, 1])],
    ["the end of another group", Buffer.from([(5 << 3) | 4])],
    ["the field number 0", Buffer.from([2, 0])],
    ["a wire type that there is not", Buffer.from([(5 << 3) | 7])],
    ["a number of more than ten bytes", Buffer.from([6 << 3, ...Array.from({ length: 10 }, () => 0xff), 1])],
    ["a length of more than 32 bits", Buffer.from([(5 << 3) | 2, 0x81, 0x80, 0x80, 0x80, 0x10, 0x61])],
    ["a length of more than five bytes", Buffer.from([(5 << 3) | 2, 0x81, 0x80, 0x80, 0x80, 0x80, 0x01, 0x61])],
    ["a length beyond its span", Buffer.from([(5 << 3) | 2, 100])],
    ["groups within groups without end", Buffer.from(Array.from({ length: 5000 }, () => (5 << 3) | 3))],
  ])("is refused for %s", (_, ...fields) => {
    expect(() => decodeOtlpProtobuf(bodyOf(...fields))).toThrow(expect.objectContaining({ name: "DecodeError" }));
  });

  it("has texts that were cut through a character, which cost them that character", () => {
    const body = bodyOf(name(Uint8Array.of(0x61, 0xe2, 0x82)), attribute(Uint8Array.of(0xc3, 0x28)));
    expect(decodeOtlpProtobuf(body)).toMatchObject({
      spans: [{ name: "a\uFFFD", attributes: new Map([["\uFFFD(", null]]) }],
      rejected: 0,
    });
    const json = Buffer.from(JSON.stringify(exportOf([span(1, { cut: "abc" })])));
    json[json.indexOf("abc") + 2] = 0xe2;
    expect(decodeOtlpJson(json).spans[0]?.attributes.get("cut")).toBe("ab\uFFFD");
  });

  it("keeps a replacement character that was sent, and names that differ in one byte apart", () => {
    const body = bodyOf(name("\uFFFD"), ...["key.a", "key.b", "key.a", ""].map(attribute));
    const [span] = decodeOtlpProtobuf(body).spans;
    expect(span?.name).toBe("\uFFFD");
    expect([...(span?.attributes.keys() ?? [])]).toEqual(["key.a", "key.b", ""]);
  });
});

function lengthDelimited(field: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), content]);
}
