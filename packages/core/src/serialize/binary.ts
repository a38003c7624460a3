/** Binary values of the application: bytes, Blobs, and what was made with `new Media()`. */

import { tagOf } from "../util/tag-of.ts";
import { Attachment, type AttachmentContent, MAX_MEDIA_BYTES, mimeOf } from "./attachment.ts";

/**
 * Bytes of typed arrays copied for one value, on the caller's stack: about 0.3 ms a MiB. What is beyond is left out; a Blob is not
 * copied, since nobody can change it, and neither is base64.
 */
export const MAX_COPIED_BYTES = 8 * 1024 * 1024;

/** Under this an explicit attachment (`new Media()`) says what it is, to any copy of this package. */
export const GIVEN: unique symbol = Symbol.for("spanwise.media") as never;

/** What {@link GIVEN} leads to: content that nobody else can change. */
export interface GivenMedia {
  readonly content: AttachmentContent;
  readonly mime: string | undefined;
}

/** `copied`: bytes copied for the same value before. `undefined` for a value that is not media, or too large to be copied. */
export function attachmentIn(value: object, copied: number): Attachment | undefined {
  // Not `value[GIVEN]`: that would ask a proxy of the application's.
  const given = Object.getOwnPropertyDescriptor(value, GIVEN)?.value as GivenMedia | undefined;
  if (given) return new Attachment(given.content, given.mime);
  if (typeof Blob !== "undefined" && value instanceof Blob) {
    const { type, size } = value;
    return size === 0 ? undefined : new Attachment(value, mimeOf(type), blobMarker(value));
  }
  const tag = tagOf(value);
  const isBuffer = tag === "ArrayBuffer" && value instanceof ArrayBuffer;
  if (!isBuffer && !(tag === "Uint8Array" && ArrayBuffer.isView(value))) return undefined;
  const { byteLength } = value;
  if (byteLength === 0 || copied + byteLength > MAX_COPIED_BYTES) return undefined;
  const bytes = new Uint8Array(isBuffer ? value.slice(0) : (value as Uint8Array));
  const name = isBuffer ? tag : value.constructor.name;
  return new Attachment(bytes, undefined, `[${name} of ${byteLength} bytes]`);
}

/** A copy of bytes that somebody hands over to be an attachment. `undefined` for none, and for more than an attachment may have. */
export function copyOf(bytes: ArrayBufferView | ArrayBuffer): Uint8Array<ArrayBuffer> | undefined {
  const { byteLength } = bytes;
  if (byteLength === 0 || byteLength > MAX_MEDIA_BYTES) return undefined;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes.slice(0));
  return new Uint8Array(new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength));
}

/** A `Blob` of this or another realm. */
export function blobMarker(blob: Blob): string {
  return `[${tagOf(blob)} ${blob.type || "of unknown type"}, ${blob.size} bytes]`;
}
