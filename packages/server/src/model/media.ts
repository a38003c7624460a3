/** A picture, a recording or a file that payloads name by a reference token. Its content gives it its name, so it is stored once. */
export interface MediaInfo {
  /** See {@link mediaIdOf}. */
  id: string;
  /** MIME type as the sender announced it, in lower case: not to be trusted. */
  contentType: string;
  /** In bytes. */
  contentLength: number;
  /** Base64. */
  sha256: string;
  /** Epoch milliseconds. */
  uploadedAt: number;
}

export const MEDIA_FIELDS = ["input", "output", "metadata", "expectedOutput"] as const;

/** Where a media was found. */
export interface MediaLink {
  mediaId: string;
  /** Empty where an item of a dataset names it: that stays when traces go. */
  traceId: string;
  /** `null`: in the trace's own field. Of a dataset's item: the item's id. */
  observationId: string | null;
  field: (typeof MEDIA_FIELDS)[number];
}

export interface MediaWrite {
  link: MediaLink;
  /** `null` when the bytes are stored already and only the link is new. */
  content: { info: MediaInfo; bytes: Uint8Array } | null;
}

/** Stores give bytes out in parts of at most this size, so that a long recording is never in memory as a whole. */
export const MEDIA_PART_BYTES = 1024 * 1024;

/** The first 22 characters of the hash in URL-safe base64. Langfuse's SDKs compute it too and refuse to upload where it differs. */
export function mediaIdOf(sha256Base64: string): string {
  return sha256Base64.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
}
