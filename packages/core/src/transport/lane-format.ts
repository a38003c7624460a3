import type { HttpResponse } from "../platform/platform.ts";
import type { Wrap } from "./batch.ts";
import type { Outcome } from "./outcome.ts";

/** How one kind of record is written and sent: all that differs between lanes. */
export interface LaneFormat<R> {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Gzip before the first attempt: worth its CPU towards a remote host, not on loopback (reference/hot-path.md). */
  readonly compress: boolean;
  /** What is kept of an answer; default `MAX_RESPONSE_BYTES`. */
  readonly maxResponseBytes?: number;
  readonly wrap: Wrap;
  /** `bytes`: what the last batch took. */
  createWriter(bytes: number): BatchWriter<R>;
  /** Reads a success (2xx): which of the records, named by their receipts' ids in order, were refused. */
  readSuccess(response: HttpResponse, recordIds: readonly string[]): Outcome;
}

/** Writes records one after the other into one buffer. */
export interface BatchWriter<R> {
  /** Appends a record and returns the buffer's length after it. When it throws, nothing was appended. */
  append(record: R): number;
  readonly length: number;
  finish(): Uint8Array;
}
