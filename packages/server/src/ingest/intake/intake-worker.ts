import { parentPort } from "node:worker_threads";
import { prepareBatch } from "../../store/sqlite/prepare/prepare-batch.ts";
import { note } from "../store-batch.ts";
import type { IntakeReady, IntakeReply, IntakeResult } from "./protocol.ts";
import { readSpans, type SpanRequest } from "./read-spans.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

async function read(request: SpanRequest): Promise<IntakeResult> {
  const { batch, ...outcome } = await readSpans(request);
  const { noted, readStored } = note(batch);
  const encoded = prepareBatch(request.projectId, noted);
  return { ...outcome, encoded, stored: readStored() };
}

let previous: Promise<void> = Promise.resolve();

async function answer(request: SpanRequest): Promise<void> {
  const reply = await read(request).then(
    (result): IntakeReply => ({ ok: true, result }),
    (error: unknown): IntakeReply => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, error: { name, message } };
    },
  );
  port?.postMessage(reply, reply.ok ? [reply.result.encoded.data.buffer] : []);
}

// One after the other: replies come in the order of the requests, and the memory of one request is held at a time.
port.on("message", (request: SpanRequest) => {
  previous = previous.then(() => answer(request));
});
port.postMessage("ready" satisfies IntakeReady);
