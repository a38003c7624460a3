import { MEDIA_PART_BYTES, type MediaLink } from "../../model/media.ts";
import type { MediaReads } from "../media.ts";
import type { Sync } from "../store.ts";
import type { SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

/** The reading side of the media tables. */
export function createMediaReads(database: Database.Database): Sync<MediaReads> {
  const selectInfo = database.prepare(
    "SELECT id, content_type, content_length, sha256, uploaded_at FROM media WHERE project_id = ? AND id = ?",
  );
  const selectPart = database.prepare(
    // Positions in SQL begin at 1.
    "SELECT substr(bytes, ? + 1, ?) AS bytes FROM media_parts WHERE project_id = ? AND media_id = ? AND part = ?",
  );
  const selectLinks = database.prepare(
    `SELECT media_id, trace_id, observation_id, field FROM media_links
     WHERE project_id = ? AND trace_id = ? ORDER BY observation_id, field, media_id`,
  );
  return {
    getMedia(projectId, id) {
      const row = selectInfo.get([projectId, id]) as Record<string, SqlValue> | undefined;
      if (row === undefined) return null;
      return {
        id,
        contentType: String(row["content_type"]),
        contentLength: Number(row["content_length"]),
        sha256: String(row["sha256"]),
        uploadedAt: Number(row["uploaded_at"]),
      };
    },

    readMedia(projectId, id, offset, maxBytes) {
      const part = Math.floor(offset / MEDIA_PART_BYTES);
      const row = selectPart.get([offset % MEDIA_PART_BYTES, maxBytes, projectId, id, part]);
      const bytes = (row as { bytes: Uint8Array } | undefined)?.bytes;
      // A copy of its own: the answer's buffer is sent whole to the other thread.
      return bytes === undefined || bytes.byteLength === 0 ? null : new Uint8Array(bytes);
    },

    listMediaLinks(projectId, traceId) {
      const rows = selectLinks.all([projectId, traceId]) as Record<string, SqlValue>[];
      return rows.map((row) => ({
        mediaId: String(row["media_id"]),
        traceId: String(row["trace_id"]),
        observationId: row["observation_id"] === "" ? null : String(row["observation_id"]),
        field: row["field"] as MediaLink["field"],
      }));
    },
  };
}
