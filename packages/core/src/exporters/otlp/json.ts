import type { ObservationRecord } from "../../model/record.ts";
import type { Wrap } from "../../transport/batch.ts";
import type { BatchWriter } from "../../transport/lane-format.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import { ByteWriter } from "./byte-writer.ts";
import { SCOPE, SPAN_KIND, STATUS_ERROR, spanFlags, spanKindOf, type Attribute } from "./span.ts";

/**
 * OTLP/JSON: hex ids, 64-bit integers as decimal strings, lower camel case names.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

interface KeyValue {
  key: string;
  value: unknown;
}

class JsonAttributes implements AttributeWriter {
  readonly list: KeyValue[] = [];

  text(key: string, value: string | undefined): void {
    if (value !== undefined) this.list.push({ key, value: { stringValue: value } });
  }

  number(key: string, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return;
    this.list.push({ key, value: Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value } });
  }

  flag(key: string, value: boolean | undefined): void {
    if (value !== undefined) this.list.push({ key, value: { boolValue: value } });
  }

  texts(key: string, values: readonly string[] | undefined): void {
    if (!values || values.length === 0) return;
    this.list.push({ key, value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } } });
  }

  shared<S extends object>(subject: S, write: (subject: S) => void): void {
    write(subject);
  }
}

function nanos(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : `${Math.round(epochMs * 1000)}000`;
}

export class JsonSpanWriter implements BatchWriter<ObservationRecord> {
  readonly #out: ByteWriter;
  readonly #convention: Convention<ObservationRecord>;

  constructor(convention: Convention<ObservationRecord>, bytes: number) {
    this.#out = new ByteWriter(bytes);
    this.#convention = convention;
  }

  get length(): number {
    return this.#out.length;
  }

  append(record: ObservationRecord): number {
    const attributes = new JsonAttributes();
    this.#convention(record, attributes);
    const span = {
      traceId: record.traceId,
      spanId: record.id,
      parentSpanId: record.parentId,
      name: record.name,
      kind: SPAN_KIND[spanKindOf(record)],
      startTimeUnixNano: nanos(record.startTime),
      endTimeUnixNano: nanos(record.endTime),
      attributes: attributes.list,
      status: record.level === "ERROR" ? { code: STATUS_ERROR, message: record.statusMessage } : undefined,
      flags: spanFlags(record),
    };
    // The comma after each record is part of it, so that any run of records is well formed but for the last comma.
    this.#out.utf8(`${JSON.stringify(span)},`);
    return this.#out.length;
  }

  finish(): Uint8Array {
    return this.#out.bytes();
  }
}

const encoder = new TextEncoder();

export function jsonWrap(resource: readonly Attribute[]): Wrap {
  const attributes = new JsonAttributes();
  for (const [key, value] of resource) attributes.text(key, value);
  const head = encoder.encode(
    `{"resourceSpans":[{"resource":${JSON.stringify({ attributes: attributes.list })},"scopeSpans":[{"scope":${JSON.stringify(SCOPE)},"spans":[`,
  );
  const tail = encoder.encode("]}]}]}");
  return (records) => ({ head, records: records.subarray(0, -1), tail });
}
