import type Database from "libsql";
import type { WriteBatch } from "../../batch.ts";
import { decodeBatch, isEncoded, type EncodedBatch } from "../prepare/encode-batch.ts";
import { prepareBatch } from "../prepare/prepare-batch.ts";
import { SCORE_COLUMNS, encodeScore } from "../columns.ts";
import { MediaWriter } from "../media-writer.ts";
import type { ObservationWriter } from "./observation-writer.ts";

/** What one request brought. */
export class BatchWriter {
  readonly #observations: ObservationWriter;
  readonly #upsertScore;
  readonly #media;

  constructor(database: Database.Database, observations: ObservationWriter) {
    this.#observations = observations;
    this.#media = new MediaWriter(database);
    const columns = ["project_id", ...SCORE_COLUMNS];
    const assignments = SCORE_COLUMNS.filter((name) => name !== "created_at")
      .map((name) => `${name} = excluded.${name}`)
      .join(", ");
    this.#upsertScore = database.prepare(
      `INSERT INTO scores (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
       ON CONFLICT (project_id, id) DO UPDATE SET ${assignments}, created_at = coalesce(scores.created_at, excluded.created_at)`,
    );
  }

  /** @param given encoded where it came from another thread. */
  write(projectId: string, given: WriteBatch | EncodedBatch): void {
    const batch = decodeBatch(isEncoded(given) ? given : prepareBatch(projectId, given));
    this.#observations.write(projectId, batch);
    for (const score of batch.scores) this.#upsertScore.run([projectId, ...encodeScore(score)]);
    for (const media of batch.media ?? []) this.#media.write(projectId, media);
  }
}
