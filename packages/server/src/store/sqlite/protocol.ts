import type { WriteBatch } from "../store.ts";

/** What a worker is started with. */
export interface WorkerSetup {
  path: string;
}

/** The first message of a worker, once. */
export type ReadyMessage = { ready: true } | { ready: false; message: string };

/** One group commit: all batches in one transaction, each in a savepoint of its own. */
export interface WriteRequest {
  batches: ({ projectId: string } & Omit<WriteBatch, "bytes">)[];
}

/** One entry a batch, in order: `null` when committed, else why it was not. */
export type WriteResponse = { failures: (string | null)[] };

export type ReadCall =
  | { method: "listTraces"; args: [projectId: string, limit: number, cursor: string | undefined] }
  | { method: "getTrace"; args: [projectId: string, traceId: string] }
  | { method: "getObservation"; args: [projectId: string, traceId: string, id: string] }
  | { method: "listScores"; args: [projectId: string, traceId: string] }
  | { method: "getMedia"; args: [projectId: string, id: string] }
  | { method: "readMedia"; args: [projectId: string, id: string, offset: number, maxBytes: number] }
  | { method: "listMediaLinks"; args: [projectId: string, traceId: string] };

export interface ReadRequest {
  id: number;
  call: ReadCall;
}

export type ReadResponse =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; errorName: string; message: string };

/** Asks a worker to close its database and end. */
export const CLOSE = "close";
