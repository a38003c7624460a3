import type { ObservationRecord } from "../../model/record.ts";
import type { Wrap } from "../../transport/batch.ts";
import type { BatchWriter } from "../../transport/lane-format.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import { ByteWriter, varintBytes, type TextPrefix } from "./byte-writer.ts";
import { SCOPE, SPAN_KIND, STATUS_ERROR, spanFlags, spanKindOf, type Attribute } from "./span.ts";

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

const encoder = new TextEncoder();
/** Attribute names come from tables: each is encoded once. */
const keys = new Map<string, Uint8Array>();

function encodedKey(key: string): Uint8Array {
  let bytes = keys.get(key);
  if (!bytes) {
    const text = encoder.encode(key);
    const writer = new ByteWriter(text.byteLength + 8);
    writer.byte(KEY_VALUE.key);
    writer.varint(text.byteLength);
    writer.raw(text);
    bytes = writer.bytes();
    keys.set(key, bytes);
  }
  return bytes;
}

/** An attribute whose value is text: `KeyValue { key, value: AnyValue { text } }`, the three lengths told from the text's. */
class TextAttributePrefix implements TextPrefix {
  readonly maxBytes = 128;
  #key: Uint8Array = new Uint8Array();

  for(key: Uint8Array): this {
    this.#key = key;
    return this;
  }

  bytes(textBytes: number): number {
    const any = 1 + varintBytes(textBytes) + textBytes;
    const pair = this.#key.byteLength + 1 + varintBytes(any) + any;
    return varintBytes(pair) + this.#key.byteLength + 1 + varintBytes(any) + 1;
  }

  write(writer: ByteWriter, textBytes: number): void {
    const any = 1 + varintBytes(textBytes) + textBytes;
    writer.varint(this.#key.byteLength + 1 + varintBytes(any) + any);
    writer.raw(this.#key);
    writer.byte(KEY_VALUE.value);
    writer.varint(any);
    writer.byte(ANY_VALUE.text);
  }
}

export class ProtobufAttributes implements AttributeWriter {
  readonly #out: ByteWriter;
  /** The tag of the repeated field that the attributes are in. */
  readonly #tag: number;
  readonly #textPrefix = new TextAttributePrefix();
  #shared: { subject: object; from: number; to: number } | undefined;

  constructor(out: ByteWriter, fieldTag: number) {
    this.#out = out;
    this.#tag = fieldTag;
  }

  text(key: string, value: string | undefined): void {
    if (value === undefined) return;
    this.#out.byte(this.#tag);
    this.#out.textWithin(value, this.#textPrefix.for(encodedKey(key)));
  }

  number(key: string, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return;
    this.#small(key, () => {
      if (Number.isSafeInteger(value)) {
        this.#out.byte(ANY_VALUE.int);
        this.#out.int64(value);
      } else {
        this.#out.byte(ANY_VALUE.double);
        this.#out.double(value);
      }
    });
  }

  flag(key: string, value: boolean | undefined): void {
    if (value === undefined) return;
    this.#small(key, () => {
      this.#out.byte(ANY_VALUE.flag);
      this.#out.byte(value ? 1 : 0);
    });
  }

  texts(key: string, values: readonly string[] | undefined): void {
    if (!values || values.length === 0) return;
    this.#small(key, () => {
      this.#out.byte(ANY_VALUE.array);
      const array = this.#out.lengthSlot();
      for (const value of values) {
        this.#out.byte(ANY_VALUE.text);
        const item = this.#out.lengthSlot();
        this.#out.byte(ANY_VALUE.text);
        this.#out.text(value);
        this.#out.fillLength(item);
      }
      this.#out.fillLength(array);
    });
  }

  shared<S extends object>(subject: S, write: (subject: S) => void): void {
    const from = this.#out.length;
    if (this.#shared?.subject === subject) {
      this.#out.repeat(this.#shared.from, this.#shared.to);
      return;
    }
    write(subject);
    this.#shared = { subject, from, to: this.#out.length };
  }

  /** What was written may be overwritten. */
  forget(): void {
    this.#shared = undefined;
  }

  #small(key: string, writeValue: () => void): void {
    const out = this.#out;
    out.byte(this.#tag);
    const pair = out.lengthSlot();
    out.raw(encodedKey(key));
    out.byte(KEY_VALUE.value);
    const any = out.lengthSlot();
    writeValue();
    out.fillLength(any);
    out.fillLength(pair);
  }
}

export class ProtobufSpanWriter implements BatchWriter<ObservationRecord> {
  readonly #out: ByteWriter;
  readonly #attributes: ProtobufAttributes;
  readonly #convention: Convention<ObservationRecord>;

  constructor(convention: Convention<ObservationRecord>, bytes: number) {
    this.#out = new ByteWriter(bytes);
    this.#attributes = new ProtobufAttributes(this.#out, SPAN.attributes);
    this.#convention = convention;
  }

  get length(): number {
    return this.#out.length;
  }

  append(record: ObservationRecord): number {
    const before = this.#out.length;
    try {
      this.#span(record);
    } catch (error) {
      this.#out.rewind(before);
      this.#attributes.forget();
      throw error;
    }
    return this.#out.length;
  }

  finish(): Uint8Array {
    return this.#out.bytes();
  }

  #span(record: ObservationRecord): void {
    const out = this.#out;
    out.byte(SCOPE_SPANS.spans);
    const span = out.lengthSlot();
    out.byte(SPAN.traceId);
    out.hex(record.traceId);
    out.byte(SPAN.spanId);
    out.hex(record.id);
    if (record.parentId !== undefined) {
      out.byte(SPAN.parentSpanId);
      out.hex(record.parentId);
    }
    out.byte(SPAN.name);
    out.text(record.name);
    out.byte(SPAN.kind);
    out.varint(SPAN_KIND[spanKindOf(record)]);
    out.byte(SPAN.startTime);
    out.nanos(record.startTime);
    if (record.endTime !== undefined) {
      out.byte(SPAN.endTime);
      out.nanos(record.endTime);
    }
    this.#convention(record, this.#attributes);
    if (record.level === "ERROR") this.#errorStatus(record.statusMessage);
    out.byte(SPAN_FLAGS[0]);
    out.byte(SPAN_FLAGS[1]);
    out.fixed32(spanFlags(record));
    out.fillLength(span);
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
