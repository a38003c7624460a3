import { type AttachmentContent, mimeOf, MAX_MEDIA_BYTES } from "./serialize/attachment.ts";
import { copyOf, GIVEN, type GivenMedia } from "./serialize/binary.ts";
import { readDataUri } from "./serialize/media-shapes.ts";

export { BLOB_TIMEOUT_MS, MAX_MEDIA_BYTES } from "./serialize/attachment.ts";
export { MAX_COPIED_BYTES } from "./serialize/binary.ts";
export type { MediaStats } from "./tracer/api.ts";

/** One of the sources. */
export interface MediaOptions {
  /** Copied at once, so that what happens to them later does not show: about 0.3 ms a MiB. At most {@link MAX_MEDIA_BYTES}. */
  bytes?: Uint8Array | ArrayBuffer | undefined;
  /** Base64 without a head. Not copied. */
  base64?: string | undefined;
  /** `data:<type>;base64,...`. Not copied. */
  dataUri?: string | undefined;
  /** Read after the call. Not copied. */
  blob?: Blob | undefined;
  /** Left out: what a data URI or a Blob declares, else what the first bytes tell, else `application/octet-stream`. */
  mimeType?: string | undefined;
}

/**
 * An attachment given explicitly: it may stand anywhere in input, output or metadata and is recorded as a reference to what is
 * uploaded apart. For what Spanwise does not recognise by itself: base64 in a shape of your own, bytes beyond
 * {@link MAX_COPIED_BYTES}, a type that the bytes do not tell. Never throws; without a source that can be used it records a
 * text that says so.
 *
 * @example
 * observation.update({ output: { speech: new Media({ bytes, mimeType: "audio/wav" }) } });
 */
export class Media {
  /** What `JSON.stringify` shows of it. */
  readonly #label: string;

  constructor({ bytes, base64, dataUri, blob, mimeType }: MediaOptions) {
    const mime = mimeOf(mimeType);
    const content = contentOf(bytes, base64, dataUri, blob);
    this.#label = content ? `[media ${mime ?? ""}]`.replace(" ]", "]") : noContent(bytes);
    if (!content) return;
    const given: GivenMedia = { content, mime: mime ?? declaredBy(dataUri, blob) };
    // Not enumerable: whoever prints or clones the object sees no megabytes.
    Object.defineProperty(this, GIVEN, { value: given });
  }

  toJSON(): string {
    return this.#label;
  }
}

/** A reference as it stands in a recorded payload. */
export interface MediaReference {
  /** 22 characters: names the content, and is the id in `GET /api/public/media/{id}`. */
  id: string;
  mimeType: string;
  /** `base64_data_uri` or `bytes`; other SDKs write other words. */
  source: string;
}

const REFERENCE = /^@@@langfuseMedia:type=([^|@]{1,161})\|id=([\w-]{1,100})\|source=(\w{1,32})@@@$/;

/** Reads a text that is a reference as a whole; `undefined` for any other value. */
export function parseMediaReference(text: unknown): MediaReference | undefined {
  const match = typeof text === "string" ? REFERENCE.exec(text) : null;
  return match ? { id: match[2]!, mimeType: match[1]!, source: match[3]! } : undefined;
}

function contentOf(
  bytes: MediaOptions["bytes"],
  base64: unknown,
  dataUri: unknown,
  blob: unknown,
): AttachmentContent | undefined {
  if (ArrayBuffer.isView(bytes) || bytes instanceof ArrayBuffer) return copyOf(bytes);
  if (typeof base64 === "string" && base64 !== "") return { text: base64, from: 0 };
  if (typeof dataUri === "string" && readDataUri(dataUri)) return { text: dataUri, from: dataUri.indexOf(",") + 1 };
  return typeof Blob !== "undefined" && blob instanceof Blob ? blob : undefined;
}

function declaredBy(dataUri: string | undefined, blob: Blob | undefined): string | undefined {
  return mimeOf(blob?.type) ?? (typeof dataUri === "string" ? readDataUri(dataUri)?.mime : undefined);
}

function noContent(bytes: MediaOptions["bytes"]): string {
  const size = bytes?.byteLength ?? 0;
  return size > MAX_MEDIA_BYTES
    ? `[media of ${size} bytes left out: the limit is ${MAX_MEDIA_BYTES}]`
    : "[media without content: give bytes, base64, dataUri or blob]";
}
