/**
 * A picture, a recording or a file inside captured data: what travels apart from the payload. It stands in the captured tree
 * where the value was, has no fields of its own that a walk could find, and shows as {@link Attachment.original} in JSON.
 */

import { platform } from "#platform";
import { within } from "../util/timers.ts";

/** Larger attachments are left out and say so. */
export const MAX_MEDIA_BYTES = 32 * 1024 * 1024;
/** Base64 characters decoded before the event loop turns: below a millisecond on Node. A multiple of four. */
const DECODE_SLICE_CHARS = 1024 * 1024;
/** A Blob that has not given its bytes by then is left out: the observation must not wait for a disk or a network. */
export const BLOB_TIMEOUT_MS = 5_000;
/** What {@link sniff} looks at. */
const SNIFF_BYTES = 12;
const SNIFF_CHARS = 16;

/** Of a file of which neither its surroundings nor its bytes say of which kind it is. */
export const UNKNOWN_TYPE = "application/octet-stream";
const MIME = /^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,95}$/;

/** How files begin, as Latin-1 text. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8/, "image/gif"],
  [/^RIFF[^]{4}WEBP/, "image/webp"],
  [/^[^]{4}ftypavif/, "image/avif"],
  [/^[^]{4}ftyphei/, "image/heic"],
  [/^%PDF/, "application/pdf"],
  [/^RIFF[^]{4}WAVE/, "audio/wav"],
  [/^(ID3|\xff[\xfb\xf3\xf2])/, "audio/mpeg"],
  [/^OggS/, "audio/ogg"],
  [/^fLaC/, "audio/flac"],
  [/^[^]{4}ftypM4A/, "audio/mp4"],
  [/^[^]{4}ftyp/, "video/mp4"],
  [/^[^]E\xdf\xa3/, "video/webm"],
];

/** A MIME type without its parameters, in lower case; `undefined` for what is none. */
export function mimeOf(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const type = text.split(";", 1)[0]!.trim().toLowerCase();
  return MIME.test(type) ? type : undefined;
}

/** The type that a file's first bytes tell. */
export function sniff(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, SNIFF_BYTES));
  return SIGNATURES.find(([signature]) => signature.test(head))?.[1];
}

export function sniffBase64(text: string): string | undefined {
  const bytes = platform.fromBase64(text.slice(0, SNIFF_CHARS));
  return bytes && sniff(bytes);
}

/** Base64 in a text, after a head such as `data:image/png;base64,`. */
export interface Base64Text {
  readonly text: string;
  readonly from: number;
}

export type AttachmentContent = Uint8Array<ArrayBuffer> | Blob | Base64Text;

export class Attachment {
  readonly #content: AttachmentContent;
  readonly #marker: string | undefined;
  #mime: string | undefined;

  /** `mime`: as somebody declared it. `marker`: what stands for it where it is not sent; text stands for itself. */
  constructor(content: AttachmentContent, mime: string | undefined, marker?: string) {
    this.#content = content;
    this.#mime = mime;
    this.#marker = marker;
  }

  get mime(): string {
    const content = this.#content;
    if (this.#mime === undefined && content instanceof Uint8Array) this.#mime = sniff(content);
    if (this.#mime === undefined && "from" in content) {
      this.#mime = sniffBase64(content.text.slice(content.from, content.from + SNIFF_CHARS));
    }
    return this.#mime ?? UNKNOWN_TYPE;
  }

  /** The type that its surroundings declare, where its own is not declared. */
  suggest(mime: string): void {
    this.#mime ??= mime;
  }

  /** Bytes; of base64 in lines a few more, for the ends of the lines. */
  get size(): number {
    const content = this.#content;
    if (content instanceof Uint8Array) return content.byteLength;
    if (!("from" in content)) return content.size;
    const { text, from } = content;
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    return Math.floor(((text.length - from - padding) * 3) / 4);
  }

  /** Langfuse's word for where it comes from. */
  get source(): "base64_data_uri" | "bytes" {
    return "from" in this.#content ? "base64_data_uri" : "bytes";
  }

  get marker(): string {
    return this.#marker ?? `[${this.mime} of ${this.size} bytes]`;
  }

  /** What stands in the payload where attachments are not taken out. */
  get original(): string {
    return "from" in this.#content ? this.#content.text : this.marker;
  }

  toJSON(): string {
    return this.original;
  }

  /** `undefined` when they cannot be had: what looked like base64 is not, or a Blob failed. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const content = this.#content;
    if (content instanceof Uint8Array) return content;
    if ("from" in content) return decodeBase64(content, this.size);
    try {
      const bytes = new Uint8Array(await within(BLOB_TIMEOUT_MS, content.arrayBuffer()));
      this.#mime ??= sniff(bytes);
      return bytes;
    } catch {
      // Its file is gone or changed, or it takes too long.
      return undefined;
    }
  }
}

/** Decodes in slices, so that a large picture does not hold the event loop. Ends of lines are passed over, as MIME has them. */
async function decodeBase64({ text, from }: Base64Text, size: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(size);
  let written = 0;
  let rest = "";
  for (let at = from; at < text.length; at += DECODE_SLICE_CHARS) {
    if (at > from) await new Promise<void>((resolve) => platform.defer(resolve));
    const slice =
      rest +
      text
        .slice(at, at + DECODE_SLICE_CHARS)
        .replaceAll("\n", "")
        .replaceAll("\r", "");
    // Three bytes are four characters.
    const left = at + DECODE_SLICE_CHARS < text.length ? slice.length % 4 : 0;
    rest = slice.slice(slice.length - left);
    const part = platform.fromBase64(slice.slice(0, slice.length - left));
    // Padding within it, or more than there can be.
    if (!part || written % 3 > 0 || written + part.byteLength > size) return undefined;
    bytes.set(part, written);
    written += part.byteLength;
  }
  return bytes.subarray(0, written);
}
