import type { StoredObservation } from "../../model/observation.ts";
import {
  OBSERVATION_COLUMNS,
  PAYLOAD_COLUMNS,
  SCORE_COLUMNS,
  encodeObservation,
  encodePayload,
  encodeScore,
} from "./columns.ts";
import { openForWriting } from "./database.ts";
import { MediaWriter } from "./media-writer.ts";
import type { WriteRequest, WriteResponse } from "./protocol.ts";

type Batch = WriteRequest["batches"][number];

/** The one connection that writes. Runs in its worker. */
export class Writer {
  readonly #database: ReturnType<typeof openForWriting>;
  readonly #upsertObservation;
  readonly #upsertPayload;
  readonly #touchTrace;
  readonly #upsertScore;
  readonly #media;

  constructor(path: string) {
    this.#database = openForWriting(path);
    this.#media = new MediaWriter(this.#database);
    const key = ["project_id", "trace_id", "id"];
    // `WHERE excluded.rank >= rank` keeps a late start record from overwriting what ended; see RECORD_RANK.
    this.#upsertObservation = this.#database.prepare(
      `${insertInto("observations", ["project_id", ...OBSERVATION_COLUMNS])}
       ON CONFLICT (project_id, trace_id, id) DO UPDATE SET ${assignments(OBSERVATION_COLUMNS)}
       WHERE excluded.rank >= observations.rank`,
    );
    this.#upsertPayload = this.#database.prepare(
      `${insertInto("payloads", [...key, ...PAYLOAD_COLUMNS])}
       ON CONFLICT (project_id, trace_id, id) DO UPDATE SET ${assignments(PAYLOAD_COLUMNS)}`,
    );
    this.#touchTrace = this.#database.prepare(
      `INSERT INTO traces (project_id, trace_id, start_time, rev) VALUES (?, ?, ?, 1)
       ON CONFLICT (project_id, trace_id) DO UPDATE
       SET start_time = min(start_time, excluded.start_time), rev = rev + 1`,
    );
    this.#upsertScore = this.#database.prepare(
      `${insertInto("scores", ["project_id", ...SCORE_COLUMNS])}
       ON CONFLICT (project_id, id) DO UPDATE SET ${assignments(SCORE_COLUMNS)}`,
    );
  }

  write(request: WriteRequest): WriteResponse {
    const failures: (string | null)[] = [];
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const batch of request.batches) failures.push(this.#writeBatch(batch));
      this.#database.exec("COMMIT");
    } catch (error) {
      // A full disk can already have rolled back: a second ROLLBACK then fails and says nothing new.
      try {
        this.#database.exec("ROLLBACK");
      } catch {}
      const message = messageOf(error);
      return { failures: request.batches.map(() => message) };
    }
    return { failures };
  }

  close(): void {
    // Leaves one file behind instead of three, where nobody else has it open.
    this.#database.pragma("wal_checkpoint(TRUNCATE)");
    this.#database.close();
  }

  #writeBatch(batch: Batch): string | null {
    this.#database.exec("SAVEPOINT batch");
    try {
      const starts = new Map<string, number>();
      for (const observation of batch.observations) {
        this.#writeObservation(batch.projectId, observation);
        const start = starts.get(observation.traceId);
        if (start === undefined || observation.startTime < start)
          starts.set(observation.traceId, observation.startTime);
      }
      for (const [traceId, start] of starts) this.#touchTrace.run([batch.projectId, traceId, start]);
      for (const score of batch.scores) this.#upsertScore.run([batch.projectId, ...encodeScore(score)]);
      for (const media of batch.media ?? []) this.#media.write(batch.projectId, media);
      this.#database.exec("RELEASE batch");
      return null;
    } catch (error) {
      this.#database.exec("ROLLBACK TO batch; RELEASE batch");
      return messageOf(error);
    }
  }

  #writeObservation(projectId: string, observation: StoredObservation): void {
    const { changes } = this.#upsertObservation.run([projectId, ...encodeObservation(observation)]);
    if (changes === 0) return;
    this.#upsertPayload.run([projectId, observation.traceId, observation.id, ...encodePayload(observation.payload)]);
  }
}

function insertInto(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
}

function assignments(columns: readonly string[]): string {
  return columns.map((column) => `${column} = excluded.${column}`).join(", ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
