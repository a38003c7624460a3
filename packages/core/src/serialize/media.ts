import { warnRarely } from "../log.ts";
import type { CapturedFields } from "../model/record.ts";
import { setField } from "../util/set-field.ts";
import { Attachment, MAX_MEDIA_BYTES } from "./attachment.ts";
import { base64TypeAt, declaredType, readDataUri } from "./media-shapes.ts";

/** A `Uint8Array` of its own memory, which TypeScript has a type for since 5.7. */
type Bytes = ReturnType<Uint8Array["slice"]>;

/** A part of a payload that travels apart from it, named by its content. */
export interface Media {
  /** First 22 characters of the hash in URL-safe base64: Langfuse's rule (reference/langfuse.md 5d). */
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Bytes;
  /** Base64. */
  readonly sha256: string;
}

/** Where a media was found. */
export interface MediaContext {
  readonly traceId: string;
  readonly observationId: string;
  readonly field: MediaField;
}

export const MEDIA_FIELDS = ["input", "output", "metadata"] as const;
export type MediaField = (typeof MEDIA_FIELDS)[number];

type Place = (value: unknown) => void;

/**
 * Takes attachments out of captured fields, which it changes, and leaves Langfuse's reference token in their place. What cannot
 * be read stays as it is. `undefined` when there are none; otherwise resolves, and never rejects, when the fields can be
 * serialised. `isMasked`: text that turns out not to be base64 was never seen by the mask and is left out.
 */
export function takeMedia(
  fields: CapturedFields,
  isMasked: boolean,
  onMedia: (media: Media, field: MediaField) => void,
): Promise<void> | undefined {
  const found: (() => Promise<void>)[] = [];
  for (const field of MEDIA_FIELDS) {
    eachAttachment(fields, field, (attachment, place) => {
      if (attachment.size <= MAX_MEDIA_BYTES) {
        found.push(() => take(attachment, place, isMasked, (media) => onMedia(media, field)));
      } else {
        place(`[${attachment.mime} of ${attachment.size} bytes left out: the limit is ${MAX_MEDIA_BYTES}]`);
      }
    });
  }
  if (found.length === 0) return undefined;
  return inTurn(async () => {
    for (const next of found) await next();
  });
}

/** Where attachments are switched off: text stays in the payload, for bytes there is a marker. */
export function leaveMedia(fields: CapturedFields): void {
  for (const field of MEDIA_FIELDS) {
    eachAttachment(fields, field, (attachment, place) => place(attachment.original));
  }
}

/** Calls back for each attachment, and for each text that is one. */
export function eachAttachment(
  fields: CapturedFields,
  field: MediaField,
  found: (attachment: Attachment, place: Place) => void,
): void {
  const value = fields[field];
  if (value !== undefined) visit(value, "", (next) => void (fields[field] = next as never), found);
}

/** Decoded bytes count towards the bound only once they are with an uploader: one observation at a time has them before. */
let last: Promise<void> = Promise.resolve();

function inTurn(work: () => Promise<void>): Promise<void> {
  last = last.then(work);
  return last;
}

/** Never rejects. */
async function take(
  attachment: Attachment,
  place: Place,
  isMasked: boolean,
  onMedia: (media: Media) => void,
): Promise<void> {
  try {
    const bytes = await attachment.read();
    if (!bytes || bytes.byteLength === 0) {
      place(isMasked ? attachment.marker : attachment.original);
      return;
    }
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = btoa(String.fromCharCode(...hash));
    const id = sha256.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
    const { mime, source } = attachment;
    place(`@@@langfuseMedia:type=${mime}|id=${id}|source=${source}@@@`);
    onMedia({ id, contentType: mime, bytes, sha256 });
  } catch (error) {
    // No hash (a page without TLS has no `crypto.subtle`) or no memory: the observation goes without its attachment.
    warnRarely("media", `an attachment was left out: ${String(error)}`);
    place(attachment.marker);
  }
}

function visit(
  value: unknown,
  parentKey: string,
  place: Place,
  found: (attachment: Attachment, place: Place) => void,
): void {
  if (typeof value === "string") {
    const attachment = readDataUri(value);
    if (attachment) found(attachment, place);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Attachment) {
    found(value, place);
    return;
  }
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const item = container[key];
    if (item instanceof Attachment) {
      const type = declaredType(container);
      if (type) item.suggest(type);
    } else if (typeof item === "string") {
      const attachment = readDataUri(item) ?? base64At(container, key, item, parentKey);
      if (attachment) found(attachment, (next) => setField(container, key, next));
      continue;
    }
    if (typeof item === "object") visit(item, key, (next) => setField(container, key, next), found);
  }
}

function base64At(
  container: Readonly<Record<string, unknown>>,
  key: string,
  text: string,
  parentKey: string,
): Attachment | undefined {
  const type = base64TypeAt(container, key, text, parentKey);
  return type ? new Attachment({ text, from: 0 }, type) : undefined;
}
