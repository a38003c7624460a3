/** What a convention writes attributes to, whatever the encoding. `undefined` is left out. */
export interface AttributeWriter {
  text(key: string, value: string | undefined): void;
  /** An int64 when the value is a safe integer, else a double. */
  number(key: string, value: number | undefined): void;
  flag(key: string, value: boolean | undefined): void;
  texts(key: string, values: readonly string[] | undefined): void;
  /** What `write` writes for `subject`, which may be taken over from the record before when that had the same subject. */
  shared<S extends object>(subject: S, write: (subject: S) => void): void;
}

/** Names the attributes of one record: the table that makes one destination's spans differ from another's. */
export type Convention<R> = (record: R, write: AttributeWriter) => void;
