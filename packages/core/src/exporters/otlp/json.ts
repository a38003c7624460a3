import type { ObservationRecord, TraceFields } from "../../model/record.ts";
import type { BufferPool } from "../../transport/buffer-pool.ts";
import type { BatchWriter, Wrap, WrittenRecords } from "../../transport/lane-format.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import { ByteWriter } from "./byte-writer.ts";
import { SCOPE, SPAN_KIND, STATUS_ERROR, spanFlags, spanKindOf, type Attribute, type SpanName } from "./span.ts";
import { TraceRanges } from "./trace-ranges.ts";
import { utf8 } from "../../util/utf8.ts";

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

  double(key: string, value: number | undefined): void {
    if (value !== undefined && Number.isFinite(value)) this.list.push({ key, value: { doubleValue: value } });
  }

  flag(key: string, value: boolean | undefined): void {
    if (value !== undefined) this.list.push({ key, value: { boolValue: value } });
  }

  texts(key: string, values: readonly string[] | undefined): void {
    if (!values || values.length === 0) return;
    this.list.push({ key, value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } } });
  }
}

function nanos(epochMs: number | undefined): string | undefined {
  if (epochMs === undefined) return undefined;
  const micros = Math.round(epochMs * 1000);
  return String(micros && `${micros}000`);
}

/** Stands after the trace's attributes, which are the last of a span: `updateTrace` may still change them. */
const AFTER_TRACE = "]},";

export class JsonSpanWriter implements BatchWriter<ObservationRecord> {
  readonly #out: ByteWriter;
  readonly #convention: Convention<ObservationRecord>;
  readonly #nameOf: SpanName;
  readonly #ends: number[] = [];
  readonly #traces = new TraceRanges();

  constructor(convention: Convention<ObservationRecord>, bytes: number, nameOf: SpanName, pool?: BufferPool) {
    this.#nameOf = nameOf;
    this.#out = new ByteWriter(bytes, pool);
    this.#convention = convention;
  }

  get length(): number {
    return this.#out.length;
  }

  append(record: ObservationRecord): void {
    const attributes = new JsonAttributes();
    this.#convention.record(record, attributes);
    const span = JSON.stringify({
      traceId: record.traceId,
      spanId: record.id,
      parentSpanId: record.parentId,
      name: this.#nameOf(record),
      kind: SPAN_KIND[spanKindOf(record)],
      startTimeUnixNano: nanos(record.startTime),
      endTimeUnixNano: nanos(record.endTime),
      status: record.level === "ERROR" ? { code: STATUS_ERROR, message: record.statusMessage } : undefined,
      flags: spanFlags(record),
      attributes: attributes.list,
    });
    const fields = record.trace.current();
    const trace = this.#traceOf(fields);
    const out = this.#out;
    out.utf8(span.slice(0, -"]}".length));
    const from = out.length;
    out.utf8(trace);
    const to = out.length;
    // The comma after each record is part of it, so that any run of records is well formed but for the last comma.
    out.utf8(AFTER_TRACE);
    this.#traces.add({ view: record.trace, fields, from, to });
    this.#ends.push(out.length);
  }

  /** Each attribute with a comma before it: those of the record are never none. */
  #traceOf(fields: TraceFields): string {
    const attributes = new JsonAttributes();
    this.#convention.trace(fields, attributes);
    return attributes.list.map((attribute) => `,${JSON.stringify(attribute)}`).join("");
  }

  finish(): WrittenRecords {
    const written = { bytes: this.#out.bytes(), ends: this.#ends };
    return this.#traces.isStale() ? this.#renew(written) : written;
  }

  #renew({ bytes, ends }: WrittenRecords): WrittenRecords {
    const out = new ByteWriter(bytes.byteLength);
    const renewed = this.#traces.all.map(({ view, from }, i) => {
      out.raw(bytes.subarray(i === 0 ? 0 : ends[i - 1], from));
      out.utf8(this.#traceOf(view.current()));
      out.utf8(AFTER_TRACE);
      return out.length;
    });
    return { bytes: out.bytes(), ends: renewed };
  }
}

export function jsonWrap(resource: readonly Attribute[]): Wrap {
  const attributes = new JsonAttributes();
  for (const [key, value] of resource) attributes.text(key, value);
  const head = utf8(
    `{"resourceSpans":[{"resource":${JSON.stringify({ attributes: attributes.list })},"scopeSpans":[{"scope":${JSON.stringify(SCOPE)},"spans":[`,
  );
  const tail = utf8("]}]}]}");
  return (records) => ({ head, records: records.subarray(0, -1), tail });
}
