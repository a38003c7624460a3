import type { CapturedFields, OpenObservation } from "../model/record.ts";
import { setField } from "../util/set-field.ts";
import { Attachment } from "./attachment.ts";
import type { MaskMedia } from "./mask.ts";
import { eachAttachment, MEDIA_FIELDS } from "./media.ts";

/** What a mask has been shown of an observation's attachments, by `ref`. */
const shown = new WeakMap<OpenObservation, Map<string, Attachment>>();

let count = 0;

/** Letters only, so that no rule for digits or tokens takes a `ref` for what it looks for; random, so that no payload can name one. */
const prefix = lettersOf(Math.floor(Math.random() * 2 ** 48));

/** The fields with {@link MaskMedia} in place of attachments, in copies: the observation may still be open. */
export function mediaViewOf(observation: OpenObservation): CapturedFields {
  const fields: CapturedFields = { ...observation.fields };
  const attachments = new Map<string, Attachment>();
  for (const field of MEDIA_FIELDS) {
    fields[field] = copyOf(fields[field]) as never;
    eachAttachment(fields, field, (attachment, place) => {
      const view: MaskMedia = {
        mime: attachment.mime,
        bytes: attachment.size,
        ref: `media:${prefix}${lettersOf(++count)}`,
      };
      attachments.set(view.ref, attachment);
      place(view);
    });
  }
  shown.set(observation, attachments);
  return fields;
}

/** Puts the attachments that a mask has left where they were back into what it returned, which is changed. */
export function restoreMedia(observation: OpenObservation, fields: CapturedFields): void {
  const attachments = shown.get(observation);
  if (!attachments || attachments.size === 0) return;
  for (const field of MEDIA_FIELDS) {
    restore(fields[field], (value) => void (fields[field] = value as never), attachments);
  }
}

function restore(value: unknown, place: (value: unknown) => void, attachments: Map<string, Attachment>): void {
  if (typeof value !== "object" || value === null || value instanceof Attachment) return;
  const container = value as Record<string, unknown>;
  const { ref } = container;
  const attachment = typeof ref === "string" ? attachments.get(ref) : undefined;
  if (attachment) {
    place(attachment);
    return;
  }
  for (const key of Object.keys(container)) {
    restore(container[key], (next) => setField(container, key, next), attachments);
  }
}

/** Containers are copied, texts and attachments shared. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Attachment) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) setField(out, key, copyOf(item));
  return out;
}

function lettersOf(number: number): string {
  return number.toString(16).replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
}
