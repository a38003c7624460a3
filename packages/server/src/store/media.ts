import type { MediaInfo, MediaLink } from "../model/media.ts";

export interface MediaReads {
  /** `null` when its bytes are not here. */
  getMedia(projectId: string, id: string): Promise<MediaInfo | null>;
  /**
   * Bytes from `offset` on: at least one, at most `maxBytes` and at most {@link MEDIA_PART_BYTES}, so read on from where they end.
   * `null` when there are none.
   */
  readMedia(projectId: string, id: string, offset: number, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The media that a trace and its observations name, by observation, field and id. */
  listMediaLinks(projectId: string, traceId: string): Promise<MediaLink[]>;
}
