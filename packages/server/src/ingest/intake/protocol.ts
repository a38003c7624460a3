import type { EncodedBatch } from "../../store/sqlite/prepare/encode-batch.ts";
import type { Stored } from "../store-batch.ts";
import type { SpanOutcome } from "./read-spans.ts";

/** A request's rows, ready for the writer. */
export interface IntakeResult extends SpanOutcome {
  encoded: EncodedBatch;
  stored: Stored;
}

/** The first message: the code is loaded. */
export type IntakeReady = "ready";

/** One for each request, in their order. */
export type IntakeReply = { ok: true; result: IntakeResult } | { ok: false; error: { name: string; message: string } };
