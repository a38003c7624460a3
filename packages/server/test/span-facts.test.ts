import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { ObservationDetail, SpanwiseServer } from "../src/index.ts";
import { NOW_NANOS, attribute, exportOf, span, toProtobuf } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-span-facts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LINK = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceState: "a=1",
  flags: 769,
  attributes: [attribute("why", "retry"), attribute("tries", 3)],
  droppedAttributesCount: 2,
};

const MICROS = NOW_NANOS - (NOW_NANOS % 1000n);

const FULL = span(
  1,
  { mine: "yes", "langfuse.observation.completion_start_time": "2026-11-23T10:00:00.123456Z" },
  {
    startTimeUnixNano: String(MICROS + 123_001n),
    endTimeUnixNano: String(MICROS + 2_000_456_999n),
    kind: 3,
    traceState: "vendor=x,other=y",
    flags: 257,
    droppedAttributesCount: 4,
    events: [{ name: "note", timeUnixNano: String(MICROS + 500_789n), droppedAttributesCount: 1 }],
    droppedEventsCount: 5,
    links: [LINK, { traceId: LINK.traceId, spanId: LINK.spanId }],
    droppedLinksCount: 6,
  },
);

function message(): ReturnType<typeof exportOf> {
  const whole = exportOf([FULL, span(2, {}, { kind: 1, flags: 257 })], { "service.name": "shop" });
  const [scopeSpans] = whole.resourceSpans[0]?.scopeSpans ?? [];
  Object.assign(scopeSpans?.scope ?? {}, { attributes: [attribute("flavour", "vanilla")] });
  Object.assign(scopeSpans ?? {}, { schemaUrl: "https://opentelemetry.io/schemas/1.37.0" });
  return whole;
}

async function send(server: SpanwiseServer, body: string | Uint8Array): Promise<void> {
  const type = typeof body === "string" ? "application/json" : "application/x-protobuf";
  const init = { method: "POST", headers: { "content-type": type }, body: body as string };
  const answer = await fetch(`${server.url}/v1/traces`, init);
  expect([answer.status, Buffer.from(await answer.arrayBuffer()).toString()]).toEqual([
    200,
    type === "application/json" ? "{}" : "",
  ]);
}

async function read(server: SpanwiseServer, id: string): Promise<ObservationDetail> {
  const answer = await fetch(`${server.url}/api/traces/${FULL.traceId}/observations/${id}`);
  return (await answer.json()) as ObservationDetail;
}

const EXPECTED = {
  kind: "CLIENT",
  flags: 257,
  nanos: [1, 999],
  traceState: "vendor=x,other=y",
  links: [
    { ...LINK, attributes: { why: "retry", tries: 3 } },
    { traceId: LINK.traceId, spanId: LINK.spanId },
  ],
  droppedAttributesCount: 4,
  droppedEventsCount: 5,
  droppedLinksCount: 6,
  scopeAttributes: { flavour: "vanilla" },
  schemaUrl: "https://opentelemetry.io/schemas/1.37.0",
};

it.each([
  ["json", join(folder, "facts.db")],
  ["protobuf", ":memory:"],
])("what a span says of itself in %s is kept, and exported again unchanged", (encoding, db) =>
  withServer({ db }, async (first) => {
    await send(first, encoding === "json" ? JSON.stringify(message()) : toProtobuf(message()));
    const detail = await read(first, FULL.spanId);
    expect(detail.span).toEqual(EXPECTED);
    expect(detail.events).toEqual([expect.objectContaining({ name: "note", droppedAttributesCount: 1, nanos: 789 })]);
    expect((await read(first, span(2).spanId)).span).toMatchObject({ kind: "INTERNAL", flags: 257 });

    const exported = await (await fetch(`${first.url}/api/export?format=otlp`)).text();
    for (const time of [123_001n, 2_000_456_999n, 500_789n]) expect(exported).toContain(`"${MICROS + time}"`);
    expect(exported).toContain('"2026-11-23T10:00:00.123456Z"');
    await withServer({}, async (second) => {
      for (const line of exported.trim().split("\n")) await send(second, line);
      expect(await read(second, FULL.spanId)).toEqual(detail);
      expect(await (await fetch(`${second.url}/api/export?format=otlp`)).text()).toBe(exported);
    });
  }),
);

it("nanoseconds of a plain span, of one without a start and of one that ends too early are exported as they can be", () =>
  withServer({}, async (server) => {
    const plain = span(
      1,
      { numbers: [1, 2.5] },
      { startTimeUnixNano: "1795829957090000007", endTimeUnixNano: "1795829957091000000" },
    );
    const early = span(2, {}, { startTimeUnixNano: "1795829957090000007", endTimeUnixNano: "1795829957080000003" });
    const unstarted = span(3, {}, { startTimeUnixNano: "0", endTimeUnixNano: "1795829957080000003" });
    await send(server, JSON.stringify(exportOf([plain, early, unstarted])));
    const lines = (await (await fetch(`${server.url}/api/export?format=otlp`)).text()).trim().split("\n");
    const spans = lines.map(
      (line) => (JSON.parse(line) as ReturnType<typeof exportOf>).resourceSpans[0]?.scopeSpans[0]?.spans[0],
    );
    const timesOf = (id: string): unknown[] => {
      const found = spans.find((one) => one?.spanId === id);
      return [found?.startTimeUnixNano, found?.endTimeUnixNano];
    };
    expect(timesOf(plain.spanId)).toEqual(["1795829957090000007", "1795829957091000000"]);
    expect(timesOf(early.spanId)).toEqual(["1795829957090000007", "1795829957090000007"]);
    expect(timesOf(unstarted.spanId)).toEqual(["1795829957080000003", "1795829957080000003"]);
    expect(lines.join("")).toContain('{"values":[{"intValue":"1"},{"doubleValue":2.5}]}');
  }));

it("a link or a count that makes no sense costs the span nothing", () =>
  withServer({}, async (server) => {
    const odd = span(1, {}, { kind: "SPAN_KIND_SERVER", flags: -1, droppedLinksCount: "many" });
    odd.links = [{ traceId: "", spanId: "x" }];
    await send(server, JSON.stringify(exportOf([odd])));
    expect((await read(server, odd.spanId)).span).toEqual({ kind: "SERVER", flags: 0, nanos: [789, 789] });
  }));

const TYPED = [
  { key: "whole", value: { doubleValue: 1 } },
  { key: "none", value: { doubleValue: "NaN" } },
  { key: "text", value: { stringValue: "NaN" } },
  { key: "int", value: { intValue: "1" } },
  { key: "big", value: { intValue: "9007199254740993" } },
  { key: "lowest", value: { intValue: "-9223372036854775808" } },
  { key: "digits", value: { stringValue: "9007199254740993" } },
  { key: "bytes", value: { bytesValue: "AAEC/w==" } },
  { key: "wholes", value: { arrayValue: { values: [{ doubleValue: 0 }, { doubleValue: 2 }] } } },
  { key: "mixed", value: { arrayValue: { values: [{ doubleValue: 0.5 }, { doubleValue: "-Infinity" }] } } },
  { key: "bigs", value: { arrayValue: { values: [{ intValue: "1" }, { intValue: "9007199254740993" }] } } },
  {
    key: "object",
    value: {
      kvlistValue: {
        values: [
          { key: "whole", value: { doubleValue: 3 } },
          { key: "int", value: { intValue: "3" } },
          { key: "__proto__", value: { doubleValue: 4 } },
        ],
      },
    },
  },
  {
    key: "objects",
    value: {
      arrayValue: {
        values: [
          { kvlistValue: { values: [{ key: "a", value: { doubleValue: 5 } }] } },
          { kvlistValue: { values: [{ key: "b", value: { bytesValue: "AA==" } }] } },
        ],
      },
    },
  },
  { key: "constructor", value: { intValue: "6" } },
];

it.each(["json", "protobuf"])("attributes in %s have their types when they are exported", (encoding) =>
  withServer({}, async (server) => {
    const typed = span(
      1,
      {},
      {
        attributes: TYPED,
        events: [{ name: "note", timeUnixNano: String(NOW_NANOS), attributes: TYPED }],
        links: [{ ...LINK, attributes: TYPED }],
      },
    );
    const message = exportOf([typed, span(2, { twice: 1 })]);
    // The last one counts.
    message.resourceSpans[0]?.scopeSpans[0]?.spans[1]?.attributes?.unshift({ key: "twice", value: { doubleValue: 1 } });
    Object.assign(message.resourceSpans[0]?.resource ?? {}, { attributes: TYPED });
    Object.assign(message.resourceSpans[0]?.scopeSpans[0]?.scope ?? {}, { attributes: TYPED });
    await send(server, encoding === "json" ? JSON.stringify(message) : toProtobuf(message));
    const lines = (await (await fetch(`${server.url}/api/export?format=otlp`)).text()).trim().split("\n");
    const [first, second] = lines.map((line) => (JSON.parse(line) as typeof message).resourceSpans[0]);
    const { resource, scopeSpans: [sent] = [] } = first ?? {};
    const exported = sent?.spans[0];
    const attributesOf = (owner: object | undefined): unknown => (owner as { attributes?: unknown }).attributes;
    expect(attributesOf(resource)).toEqual(TYPED);
    expect(attributesOf(sent?.scope)).toEqual(TYPED);
    expect(exported?.attributes).toEqual(expect.arrayContaining(TYPED));
    expect(attributesOf(exported?.events?.[0])).toEqual(TYPED);
    expect(exported?.links?.[0]).toEqual({ ...LINK, attributes: TYPED });
    expect(second?.scopeSpans[0]?.spans[0]?.attributes).toContainEqual({ key: "twice", value: { intValue: "1" } });
    // What reads attributes sees plain values.
    const detail = await read(server, typed.spanId);
    expect(detail.attributes).toMatchObject({ whole: 1, big: "9007199254740993", bytes: "AAEC/w==", wholes: [0, 2] });
    await withServer({}, async (other) => {
      for (const line of lines) await send(other, line);
      expect((await (await fetch(`${other.url}/api/export?format=otlp`)).text()).trim().split("\n")).toEqual(lines);
    });
  }),
);
