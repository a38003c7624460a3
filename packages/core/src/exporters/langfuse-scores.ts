import type { ScoreRecord } from "../model/record.ts";
import type { HttpResponse } from "../platform/platform.ts";
import type { BufferPool } from "../transport/buffer-pool.ts";
import type { BatchWriter, LaneFormat, WrittenRecords } from "../transport/lane-format.ts";
import type { Outcome } from "../transport/outcome.ts";
import { ByteWriter } from "./otlp/byte-writer.ts";
import { readEventErrors, scoreEvent } from "./score-event.ts";
import { utf8 } from "../util/utf8.ts";

/** An answer names every score: 512 of them with Zod's messages take some 200 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Scores as `score-create` events of Langfuse's ingestion API, the one event type that every server version takes. The
 * answer is 207 with a status for each event (reference: its `fern/apis/server/definition/ingestion.yml`).
 */
export function scoreLane(url: string, headers: Record<string, string>, compress: boolean): LaneFormat<ScoreRecord> {
  const [head, tail] = [utf8('{"batch":['), utf8("]}")];
  return {
    url,
    headers: { ...headers, "content-type": "application/json" },
    compress,
    maxResponseBytes: MAX_ANSWER_BYTES,
    // Each event is written with a comma behind it; the last one goes.
    wrap: (records) => ({ head, records: records.subarray(0, -1), tail }),
    createWriter: (bytes, pool) => new ScoreWriter(bytes, pool),
    readSuccess,
  };
}

class ScoreWriter implements BatchWriter<ScoreRecord> {
  readonly #out: ByteWriter;
  readonly #ends: number[] = [];

  constructor(bytes: number, pool: BufferPool) {
    this.#out = new ByteWriter(bytes, pool);
  }

  get length(): number {
    return this.#out.length;
  }

  append(score: ScoreRecord): void {
    this.#out.utf8(`${scoreEvent(score)},`);
    this.#ends.push(this.#out.length);
  }

  finish(): WrittenRecords {
    return { bytes: this.#out.bytes(), ends: this.#ends };
  }
}

function readSuccess(response: HttpResponse, recordIds: readonly string[]): Outcome {
  const refused: number[] = [];
  const again: number[] = [];
  let message: string | undefined;
  const errors = response.status === 207 ? readEventErrors(response.body) : [];
  // Sent again: scores are idempotent by id, and nobody knows which of them were refused.
  if (!errors) return { kind: "retry", afterMs: undefined, message: "HTTP 207 with an answer that cannot be read" };
  for (const { id, status, text } of errors) {
    const position = recordIds.indexOf(id);
    if (position < 0) continue;
    (status === 429 || status >= 500 ? again : refused).push(position);
    message ??= `a score was refused: HTTP ${status} ${text}`;
  }
  return { kind: "delivered", refused, again, message };
}
