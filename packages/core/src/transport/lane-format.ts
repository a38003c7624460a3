import type { HttpResponse } from "../platform/platform.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Outcome } from "./outcome.ts";

/** How the batches of one lane are sent. */
export interface RequestFormat {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Gzip before the first attempt: worth its CPU towards a remote host, not on loopback (reference/hot-path.md). */
  readonly compress: boolean;
  /** What is kept of an answer; default `MAX_RESPONSE_BYTES`. */
  readonly maxResponseBytes?: number;
  /** Reads a success (2xx): which of the records, named by their receipts' ids in order, were refused. */
  readSuccess(response: HttpResponse, recordIds: readonly string[]): Outcome;
}

/** How one kind of record is written and sent: all that differs between lanes. */
export interface LaneFormat<R> extends RequestFormat {
  readonly wrap: Wrap;
  /** What `wrap` was made of, as JSON, and the same made of another's: what an earlier process left goes out in its own envelope. */
  readonly envelope?: { readonly of: unknown; wrap(of: unknown): Wrap } | undefined;
  /** `bytes`: what the last batch took. */
  createWriter(bytes: number, pool: BufferPool): BatchWriter<R>;
}

/** The envelope around a run of written records: what stands before and after them in a body. */
export type Wrap = (records: Uint8Array) => { head: Uint8Array; tail: Uint8Array; records: Uint8Array };

/** Records that were written one after the other. */
export interface WrittenRecords {
  readonly bytes: Uint8Array;
  /** The end of each record within `bytes`; the first starts at 0. */
  readonly ends: readonly number[];
}

/** Writes records one after the other into one buffer. */
export interface BatchWriter<R> {
  /** When it throws, nothing was appended. */
  append(record: R): void;
  readonly length: number;
  finish(): WrittenRecords;
}
