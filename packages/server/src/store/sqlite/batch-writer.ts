import type { StoredObservation } from "../../model/observation.ts";
import {
  OBSERVATION_COLUMNS,
  PAYLOAD_COLUMNS,
  SCORE_COLUMNS,
  encodeObservation,
  encodePayload,
  encodeScore,
} from "./columns.ts";
import type { BatchWrites, WriteBatch } from "../batch.ts";
import type { Sync } from "../store.ts";
import type { Database } from "./database.ts";
import { MediaWriter } from "./media-writer.ts";

export function createBatchWrites(database: Database.Database): Sync<BatchWrites> {
  const writer = new BatchWriter(database);
  return { writeBatch: (projectId, batch) => writer.write(projectId, batch) };
}

class BatchWriter {
  readonly #upsertObservation;
  readonly #upsertPayload;
  readonly #touchTrace;
  readonly #upsertScore;
  readonly #media;

  constructor(database: Database.Database) {
    this.#media = new MediaWriter(database);
    const key = ["project_id", "trace_id", "id"];
    // `WHERE excluded.rank >= rank` keeps a late start record from overwriting what ended; see RECORD_RANK.
    this.#upsertObservation = database.prepare(
      `${insertInto("observations", ["project_id", ...OBSERVATION_COLUMNS])}
       ON CONFLICT (project_id, trace_id, id) DO UPDATE SET ${assignments(OBSERVATION_COLUMNS)}
       WHERE excluded.rank >= observations.rank`,
    );
    this.#upsertPayload = database.prepare(
      `${insertInto("payloads", [...key, ...PAYLOAD_COLUMNS])}
       ON CONFLICT (project_id, trace_id, id) DO UPDATE SET ${assignments(PAYLOAD_COLUMNS)}`,
    );
    this.#touchTrace = database.prepare(
      `INSERT INTO traces (project_id, trace_id, start_time, rev) VALUES (?, ?, ?, 1)
       ON CONFLICT (project_id, trace_id) DO UPDATE
       SET start_time = min(start_time, excluded.start_time), rev = rev + 1`,
    );
    this.#upsertScore = database.prepare(
      `${insertInto("scores", ["project_id", ...SCORE_COLUMNS])}
       ON CONFLICT (project_id, id) DO UPDATE SET ${assignments(SCORE_COLUMNS.filter((column) => column !== "created_at"))},
       created_at = coalesce(scores.created_at, excluded.created_at)`,
    );
  }

  write(projectId: string, batch: WriteBatch): void {
    const starts = new Map<string, number>();
    for (const observation of batch.observations) {
      this.#writeObservation(projectId, observation);
      const start = starts.get(observation.traceId);
      if (start === undefined || observation.startTime < start) starts.set(observation.traceId, observation.startTime);
    }
    for (const [traceId, start] of starts) this.#touchTrace.run([projectId, traceId, start]);
    for (const score of batch.scores) this.#upsertScore.run([projectId, ...encodeScore(score)]);
    for (const media of batch.media ?? []) this.#media.write(projectId, media);
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
