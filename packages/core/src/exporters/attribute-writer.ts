import type { TraceFields } from "../model/record.ts";

/** What a convention writes attributes to, whatever the encoding. `undefined` is left out. */
export interface AttributeWriter {
  text(key: string, value: string | undefined): void;
  /** An int64 when the value is a safe integer, else a double. */
  number(key: string, value: number | undefined): void;
  /** Always a double: backends keep one type a name, and a temperature of 1 is no integer. */
  double(key: string, value: number | undefined): void;
  flag(key: string, value: boolean | undefined): void;
  texts(key: string, values: readonly string[] | undefined): void;
}

/** Names the attributes of one record: the table that makes one destination's spans differ from another's. */
export interface Convention<R> {
  /** What the records of one trace have in common: written once for those that follow each other. */
  readonly trace: (fields: TraceFields, write: AttributeWriter) => void;
  /** The record's own attributes; at least one. */
  readonly record: (record: R, write: AttributeWriter) => void;
}
