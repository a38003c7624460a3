import type { ObservationRecord } from "../../model/record.ts";
import { VERSION } from "../../version.ts";

/** Facts of a span that both encodings write. */

export const SCOPE = { name: "@spanwise/core", version: VERSION } as const;

export type Attribute = readonly [key: string, value: string | undefined];

export const SPAN_KIND = { internal: 1, client: 3 } as const;

export const STATUS_ERROR = 2;

/** Calls to a model or a search index are CLIENT spans, as the GenAI conventions ask. */
export function spanKindOf({ type }: ObservationRecord): keyof typeof SPAN_KIND {
  return type === "generation" || type === "embedding" || type === "retriever" ? "client" : "internal";
}

/** The name of a record's span, where a convention asks for another than the observation's. */
export type SpanName = (record: ObservationRecord) => string;

export const ownName: SpanName = ({ name }) => name;

const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** `Span.flags`: W3C trace flags in the low byte, then whether the parent is remote. */
export function spanFlags(record: ObservationRecord): number {
  if (record.parentId === undefined) return SAMPLED;
  return SAMPLED | HAS_IS_REMOTE | (record.isAppRoot ? IS_REMOTE : 0);
}
