import type { ObservationRecord } from "../../model/record.ts";
import type { BufferPool } from "../../transport/buffer-pool.ts";
import type { BatchWriter, Wrap, WrittenRecords } from "../../transport/lane-format.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import { ByteWriter, MAX_BYTES_PER_UNIT } from "./byte-writer.ts";
import { SCOPE, SPAN_KIND, STATUS_ERROR, spanFlags, spanKindOf, type Attribute, type SpanName } from "./span.ts";
import { TraceRanges } from "./trace-ranges.ts";
import { utf8 } from "../../util/utf8.ts";

/**
 * `ExportTraceServiceRequest` written field by field: a record costs one pass over its text.
 * Field numbers: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */

/** A field's number and wire type as its tag byte; all fields used here fit one byte but `Span.flags` (16). */
const tag = (field: number, wireType: 0 | 1 | 2 | 5): number => (field << 3) | wireType;

const SPAN = {
  traceId: tag(1, 2),
  spanId: tag(2, 2),
  parentSpanId: tag(4, 2),
  name: tag(5, 2),
  kind: tag(6, 0),
  startTime: tag(7, 1),
  endTime: tag(8, 1),
  attributes: tag(9, 2),
  status: tag(15, 2),
} as const;
const SPAN_FLAGS = [0x85, 0x01] as const;
const KEY_VALUE = { key: tag(1, 2), value: tag(2, 2) } as const;
const ANY_VALUE = { text: tag(1, 2), flag: tag(2, 0), int: tag(3, 0), double: tag(4, 1), array: tag(5, 2) } as const;

/** Attribute names come from tables: each is encoded once, as the first field of its `KeyValue`. */
const keys = new Map<string, Uint8Array>();

function encodedKey(key: string): Uint8Array {
  let bytes = keys.get(key);
  if (!bytes) {
    const text = utf8(key);
    // A name of the environment's (`OTEL_RESOURCE_ATTRIBUTES`) may be of any length.
    bytes = message((out) => {
      out.byte(KEY_VALUE.key);
      out.varint(text.byteLength);
      out.raw(text);
    });
    keys.set(key, bytes);
  }
  return bytes;
}

/** The tags and one-byte lengths of a `KeyValue` around its key and a short value. */
const PAIR_BYTES = 6;
/** The same with four-byte lengths. */
const LONG_PAIR_BYTES = 16;
/** A number takes ten bytes at most. */
const NUMBER_PAIR_BYTES = PAIR_BYTES + 10;

/** Writes `KeyValue { key, value: AnyValue }`: most are short, and written with one-byte lengths. */
export class ProtobufAttributes implements AttributeWriter {
  readonly #out: ByteWriter;
  /** The tag of the repeated field that the attributes are in. */
  readonly #tag: number;
  /** Where the attribute begins that is being written. */
  #start = 0;

  constructor(out: ByteWriter, fieldTag: number) {
    this.#out = out;
    this.#tag = fieldTag;
  }

  text(key: string, value: string | undefined): void {
    if (value === undefined) return;
    const out = this.#out;
    const keyBytes = encodedKey(key);
    const { length } = value;
    out.reserve(keyBytes.byteLength + LONG_PAIR_BYTES + length * MAX_BYTES_PER_UNIT);
    const pairBytes = keyBytes.byteLength + 4 + length;
    if (pairBytes < 0x80 && out.ascii(value, out.length + keyBytes.byteLength + PAIR_BYTES)) {
      const at = this.#head(keyBytes, pairBytes, 2 + length);
      out.buffer[at] = ANY_VALUE.text;
      out.buffer[at + 1] = length;
      out.length = at + 2 + length;
      return;
    }
    out.byte(this.#tag);
    const pair = out.lengthSlot();
    out.raw(keyBytes);
    out.byte(KEY_VALUE.value);
    const any = out.lengthSlot();
    out.byte(ANY_VALUE.text);
    const text = out.lengthSlot();
    out.utf8(value);
    out.fillLength(text);
    out.fillLength(any);
    out.fillLength(pair);
  }

  number(key: string, value: number | undefined): void {
    if (!Number.isSafeInteger(value)) {
      this.double(key, value);
      return;
    }
    const keyBytes = this.#begin(key);
    this.#out.byte(ANY_VALUE.int);
    this.#out.int64(value!);
    this.#end(keyBytes);
  }

  double(key: string, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return;
    const keyBytes = this.#begin(key);
    this.#out.byte(ANY_VALUE.double);
    this.#out.double(value);
    this.#end(keyBytes);
  }

  flag(key: string, value: boolean | undefined): void {
    if (value === undefined) return;
    const keyBytes = this.#begin(key);
    this.#out.byte(ANY_VALUE.flag);
    this.#out.byte(value ? 1 : 0);
    this.#end(keyBytes);
  }

  texts(key: string, values: readonly string[] | undefined): void {
    if (!values || values.length === 0) return;
    const out = this.#out;
    out.byte(this.#tag);
    const pair = out.lengthSlot();
    out.raw(encodedKey(key));
    out.byte(KEY_VALUE.value);
    const any = out.lengthSlot();
    out.byte(ANY_VALUE.array);
    const array = out.lengthSlot();
    for (const value of values) {
      out.byte(ANY_VALUE.text);
      const item = out.lengthSlot();
      out.byte(ANY_VALUE.text);
      out.text(value);
      out.fillLength(item);
    }
    out.fillLength(array);
    out.fillLength(any);
    out.fillLength(pair);
  }

  /** Leaves room for what stands before a short value, which is written next; then {@link #end}. */
  #begin(key: string): Uint8Array {
    const keyBytes = encodedKey(key);
    this.#out.reserve(keyBytes.byteLength + NUMBER_PAIR_BYTES);
    this.#start = this.#out.length;
    this.#out.length += keyBytes.byteLength + 4;
    return keyBytes;
  }

  #end(keyBytes: Uint8Array): void {
    const out = this.#out;
    const end = out.length;
    out.length = this.#start;
    const valueBytes = end - this.#start - keyBytes.byteLength - 4;
    this.#head(keyBytes, keyBytes.byteLength + 2 + valueBytes, valueBytes);
    out.length = end;
  }

  /** Writes all before the value, in room that was made for it; returns where the value begins. */
  #head(keyBytes: Uint8Array, pairBytes: number, anyBytes: number): number {
    const { buffer, length: start } = this.#out;
    buffer[start] = this.#tag;
    buffer[start + 1] = pairBytes;
    const { length } = keyBytes;
    for (let i = 0; i < length; i++) buffer[start + 2 + i] = keyBytes[i]!;
    buffer[start + 2 + length] = KEY_VALUE.value;
    buffer[start + 3 + length] = anyBytes;
    return start + 4 + length;
  }
}

export class ProtobufSpanWriter implements BatchWriter<ObservationRecord> {
  readonly #out: ByteWriter;
  readonly #attributes: ProtobufAttributes;
  readonly #convention: Convention<ObservationRecord>;
  readonly #nameOf: SpanName;
  readonly #ends: number[] = [];
  readonly #traces = new TraceRanges();

  constructor(convention: Convention<ObservationRecord>, bytes: number, nameOf: SpanName, pool?: BufferPool) {
    this.#nameOf = nameOf;
    this.#out = new ByteWriter(bytes, pool);
    this.#attributes = new ProtobufAttributes(this.#out, SPAN.attributes);
    this.#convention = convention;
  }

  get length(): number {
    return this.#out.length;
  }

  append(record: ObservationRecord): void {
    const out = this.#out;
    const before = out.length;
    try {
      out.byte(SCOPE_SPANS.spans);
      const span = out.lengthSlot();
      this.#span(record);
      const fields = record.trace.current();
      const from = out.length;
      const known = this.#traces.last;
      if (known?.fields === fields) out.repeat(known.from, known.to);
      else this.#convention.trace(fields, this.#attributes);
      out.fillLength(span);
      this.#traces.add({ view: record.trace, fields, from, to: out.length });
      this.#ends.push(out.length);
    } catch (error) {
      out.length = before;
      throw error;
    }
  }

  finish(): WrittenRecords {
    const written = { bytes: this.#out.bytes(), ends: this.#ends };
    return this.#traces.isStale() ? this.#renew(written) : written;
  }

  /** The same records with the trace attributes of now; they are the last fields of each span. */
  #renew({ bytes, ends }: WrittenRecords): WrittenRecords {
    const out = new ByteWriter(bytes.byteLength);
    const attributes = new ProtobufAttributes(out, SPAN.attributes);
    const renewed = this.#traces.all.map(({ view, from }, i) => {
      const start = out.length + 1;
      out.raw(bytes.subarray(i === 0 ? 0 : ends[i - 1], from));
      this.#convention.trace(view.current(), attributes);
      out.fillLength(start);
      return out.length;
    });
    return { bytes: out.bytes(), ends: renewed };
  }

  #span(record: ObservationRecord): void {
    const out = this.#out;
    out.byte(SPAN.traceId);
    out.hex(record.traceId);
    out.byte(SPAN.spanId);
    out.hex(record.id);
    if (record.parentId !== undefined) {
      out.byte(SPAN.parentSpanId);
      out.hex(record.parentId);
    }
    out.byte(SPAN.name);
    out.text(this.#nameOf(record));
    out.byte(SPAN.kind);
    out.varint(SPAN_KIND[spanKindOf(record)]);
    out.byte(SPAN.startTime);
    out.nanos(record.startTime);
    if (record.endTime !== undefined) {
      out.byte(SPAN.endTime);
      out.nanos(record.endTime);
    }
    this.#convention.record(record, this.#attributes);
    if (record.level === "ERROR") this.#errorStatus(record.statusMessage);
    out.byte(SPAN_FLAGS[0]);
    out.byte(SPAN_FLAGS[1]);
    out.fixed32(spanFlags(record));
  }

  #errorStatus(message: string | undefined): void {
    const out = this.#out;
    out.byte(SPAN.status);
    const status = out.lengthSlot();
    if (message !== undefined) {
      out.byte(tag(2, 2));
      out.text(message);
    }
    out.byte(tag(3, 0));
    out.varint(STATUS_ERROR);
    out.fillLength(status);
  }
}

const SCOPE_SPANS = { scope: tag(1, 2), spans: tag(2, 2) } as const;
const RESOURCE_SPANS = { resource: tag(1, 2), scopeSpans: tag(2, 2) } as const;
const REQUEST = { resourceSpans: tag(1, 2) } as const;

/** The request around a run of spans: one resource, one scope. */
export function protobufWrap(resource: readonly Attribute[]): Wrap {
  const scope = message((out) => {
    out.byte(tag(1, 2));
    out.text(SCOPE.name);
    out.byte(tag(2, 2));
    out.text(SCOPE.version);
  });
  const resourceBytes = message((out) => {
    const attributes = new ProtobufAttributes(out, tag(1, 2));
    for (const [key, value] of resource) attributes.text(key, value);
  });
  const empty = new Uint8Array(0);
  return (records) => {
    const scopeHead = message((out) => {
      out.byte(SCOPE_SPANS.scope);
      out.varint(scope.byteLength);
      out.raw(scope);
    });
    const scopeSpansBytes = scopeHead.byteLength + records.byteLength;
    const resourceHead = message((out) => {
      out.byte(RESOURCE_SPANS.resource);
      out.varint(resourceBytes.byteLength);
      out.raw(resourceBytes);
      out.byte(RESOURCE_SPANS.scopeSpans);
      out.varint(scopeSpansBytes);
      out.raw(scopeHead);
    });
    const head = message((out) => {
      out.byte(REQUEST.resourceSpans);
      out.varint(resourceHead.byteLength + records.byteLength);
      out.raw(resourceHead);
    });
    return { head, records, tail: empty };
  };
}

function message(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(512);
  write(out);
  return out.bytes();
}
