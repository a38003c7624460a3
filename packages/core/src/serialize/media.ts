import { platform } from "#platform";
import { setField } from "./capture.ts";

/** Larger attachments are left out and say so. */
export const MAX_MEDIA_BYTES = 32 * 1024 * 1024;
/** A data URI's head: type, parameters, `;base64,`. Longer heads are not data URIs that anybody sends. */
const MAX_HEAD_CHARS = 200;
const HEAD = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,/;

/** A part of a payload that travels apart from it, named by its content. */
export interface Media {
  /** First 22 characters of the hash in URL-safe base64: Langfuse's rule (reference/langfuse.md 5d). */
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Base64. */
  readonly sha256: string;
}

/** Where a media was found. */
export interface MediaContext {
  readonly traceId: string;
  readonly observationId: string;
  readonly field: "input" | "output" | "metadata";
}

interface Found {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Puts the reference where the data was. */
  replace: (reference: string) => void;
}

/**
 * Takes base64 data URIs out of captured data, which it changes, and leaves Langfuse's reference token in their place.
 * `undefined` when there are none, the usual case.
 */
export function extractMedia(value: unknown, setRoot: (value: unknown) => void): Promise<Media[]> | undefined {
  const found: Found[] = [];
  visit(value, setRoot, found);
  if (found.length === 0) return undefined;
  return Promise.all(
    found.map(async ({ contentType, bytes, replace }) => {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = btoa(String.fromCharCode(...hash));
      const id = sha256.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
      replace(`@@@langfuseMedia:type=${contentType}|id=${id}|source=base64_data_uri@@@`);
      return { id, contentType, bytes, sha256 };
    }),
  );
}

function visit(value: unknown, set: (value: unknown) => void, found: Found[]): void {
  if (typeof value === "string") {
    const media = readDataUri(value);
    if (media && media.bytes.byteLength > MAX_MEDIA_BYTES) {
      set(`[${media.contentType} of ${media.bytes.byteLength} bytes left out: the limit is ${MAX_MEDIA_BYTES}]`);
    } else if (media) {
      found.push({ ...media, replace: set });
    }
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const container = value as Record<string, unknown>;
    visit(container[key], (next) => setField(container, key, next), found);
  }
}

function readDataUri(text: string): { contentType: string; bytes: Uint8Array<ArrayBuffer> } | undefined {
  if (!text.startsWith("data:")) return undefined;
  const match = HEAD.exec(text.slice(0, MAX_HEAD_CHARS));
  if (!match) return undefined;
  const bytes = platform.fromBase64(text.slice(match[0].length));
  return bytes && { contentType: match[1]!.toLowerCase(), bytes };
}
