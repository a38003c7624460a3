import { MEDIA_PART_BYTES, type MediaInfo, type MediaLink, type MediaWrite } from "../../model/media.ts";
import type { Database } from "./database.ts";

/** The writing side of the media tables, inside the writer's transaction. */
export class MediaWriter {
  readonly #upsertInfo;
  readonly #insertPart;
  readonly #insertLink;

  constructor(database: Database.Database) {
    this.#upsertInfo = database.prepare(
      `INSERT INTO media (project_id, id, content_type, content_length, sha256, uploaded_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (project_id, id) DO UPDATE SET content_type = excluded.content_type`,
    );
    // The id names the content: parts that are there already are the same.
    this.#insertPart = database.prepare(
      `INSERT INTO media_parts (project_id, media_id, part, bytes) VALUES (?, ?, ?, ?)
       ON CONFLICT (project_id, media_id, part) DO NOTHING`,
    );
    this.#insertLink = database.prepare(
      `INSERT INTO media_links (project_id, trace_id, observation_id, field, media_id) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    );
  }

  write(projectId: string, { link, content }: MediaWrite): void {
    if (content !== null) this.#writeContent(projectId, content.info, content.bytes);
    this.#writeLink(projectId, link);
  }

  #writeContent(projectId: string, info: MediaInfo, bytes: Uint8Array): void {
    const { id, contentType, contentLength, sha256, uploadedAt } = info;
    this.#upsertInfo.run([projectId, id, contentType, contentLength, sha256, uploadedAt]);
    for (let part = 0; part * MEDIA_PART_BYTES < bytes.byteLength; part++) {
      const start = part * MEDIA_PART_BYTES;
      this.#insertPart.run([projectId, id, part, bytes.subarray(start, start + MEDIA_PART_BYTES)]);
    }
  }

  #writeLink(projectId: string, { traceId, observationId, field, mediaId }: MediaLink): void {
    this.#insertLink.run([projectId, traceId, observationId ?? "", field, mediaId]);
  }
}
