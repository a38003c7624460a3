import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { decodeOtlp } from "@spanwise/testing";
import { describe, expect, test } from "vitest";
import { resourceAttributes, spanwiseConvention } from "../../src/exporters/conventions/langfuse.ts";
import { otlpLane, type OtlpProtocol } from "../../src/exporters/otlp/lane.ts";
import type { ObservationRecord, TraceFields } from "../../src/model/record.ts";
import { BufferPool } from "../../src/transport/buffer-pool.ts";
import type { ResourceInfo } from "../../src/pipeline/destination.ts";

const folder = new URL("../../../testing/fixtures/wire/", import.meta.url);
const update = process.env.UPDATE_FIXTURES === "1";

interface Fixture {
  resource: ResourceInfo;
  records: (Omit<ObservationRecord, "trace"> & { trace: TraceFields })[];
  stored: unknown;
  json: unknown;
  protobuf: string;
}

function encode({ resource, records }: Fixture, protocol: OtlpProtocol): Buffer {
  const lane = otlpLane({
    url: "http://unused",
    headers: {},
    protocol,
    compress: false,
    convention: spanwiseConvention(resource),
    resource: resourceAttributes(resource),
  });
  const writer = lane.createWriter(0, new BufferPool());
  for (const record of records) writer.append({ ...record, trace: { current: () => record.trace } });
  const { head, records: spans, tail } = lane.wrap(writer.finish().bytes);
  return Buffer.concat([head, spans, tail]);
}

describe.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("wire fixture %s", (file) => {
  const url = new URL(file, folder);
  const fixture = JSON.parse(readFileSync(url, "utf8")) as Fixture;
  const protobuf = encode(fixture, "http/protobuf");
  const json = encode(fixture, "http/json");
  if (update) {
    const written = { ...fixture, json: JSON.parse(json.toString()) as unknown, protobuf: protobuf.toString("base64") };
    writeFileSync(url, `${JSON.stringify(written, null, 2)}\n`);
    Object.assign(fixture, written);
  }

  test("protobuf is byte for byte what it was", () => {
    expect(protobuf.toString("base64")).toBe(fixture.protobuf);
  });

  test("JSON says what it said", () => {
    expect(JSON.parse(json.toString())).toEqual(fixture.json);
  });

  test("an independent decoder reads the same from both", () => {
    const fromProtobuf = decodeOtlp(protobuf);
    expect(fromProtobuf).toEqual(decodeOtlp(json, "json"));
    expect(fromProtobuf.spans.map(({ spanId }) => spanId)).toEqual(fixture.records.map(({ id }) => id));
    for (const span of fromProtobuf.spans) expect(span.duplicateKeys).toEqual([]);
  });
});
