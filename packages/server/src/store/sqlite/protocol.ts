import type { CarriedError } from "../errors.ts";

/** What a worker is started with. */
export interface WorkerSetup {
  path: string;
  /** Of the writer: pages that the file may have. */
  maxPages?: number | undefined;
  /** One number, 0 until the file may be opened: meanwhile the worker loads its code. Left out: at once. */
  gate?: Int32Array | undefined;
}

/** The first message of a worker, once: the methods it answers, so that no list of them has to be kept on this side. */
export type ReadyMessage = { ready: true; methods: string[] } | { ready: false; error: CarriedError };

/** A method of the store by name, with its arguments. */
export interface Call {
  method: string;
  args: unknown[];
}

export type CallResult = { ok: true; value: unknown } | { ok: false; error: CarriedError };

export type ReadRequest = Call & { id: number };
export type ReadResponse = CallResult & { id: number };

/** One group commit: all calls in one transaction; see `commitGroup` for what becomes of one that fails. */
export interface WriteRequest {
  calls: Call[];
}

/** One result a call, in order. */
export interface WriteResponse {
  results: CallResult[];
}

/** Asks a worker to close its database and end. */
export const CLOSE = "close";
