import type { TraceFields, TraceView } from "./record.ts";
import { mergeTraceAttributes } from "./trace-attributes.ts";
import { toText } from "../util/text.ts";
import type { TraceAttributes } from "./types.ts";
import { isRecord } from "../util/is-record.ts";

const NONE: TraceFields = {};

/** Captured or masked trace attributes, checked and ready for the wire. */
export function toTraceFields(attributes: TraceAttributes | undefined): TraceFields {
  if (!attributes) return NONE;
  const { tags, metadata } = attributes;
  return {
    name: text(attributes.traceName),
    userId: text(attributes.userId),
    sessionId: text(attributes.sessionId),
    tags: Array.isArray(tags) && tags.length > 0 ? tags.map((tag) => toText(tag) ?? "") : undefined,
    metadata: isRecord(metadata) ? JSON.stringify(metadata) : undefined,
    release: text(attributes.release),
    environment: text(attributes.environment),
    version: text(attributes.version),
    public: typeof attributes.public === "boolean" ? attributes.public : undefined,
  };
}

function text(value: unknown): string | undefined {
  return value === "" ? undefined : toText(value);
}

/** What `updateTrace` said of one trace so far, masked; shared by all records of the trace. */
export class TraceUpdates {
  attributes: TraceAttributes | undefined;
  /** What was given so far, estimated, or less where some of it was replaced. */
  bytes = 0;
  /** Of that, what is not in `attributes` yet. */
  queuedBytes = 0;
  /** The last update whose mask still runs. */
  pending: Promise<unknown> | undefined;
  /** The fields for one base, kept while neither changes: the records of a trace mostly share their base. */
  #cached: { base: TraceAttributes | undefined; updates: TraceAttributes | undefined; fields: TraceFields } | undefined;

  fieldsOver(base: TraceAttributes | undefined): TraceFields {
    const updates = this.attributes;
    if (!this.#cached || this.#cached.base !== base || this.#cached.updates !== updates) {
      this.#cached = { base, updates, fields: toTraceFields(mergeTraceAttributes(base, updates)) };
    }
    return this.#cached.fields;
  }
}

/** A record's own trace attributes under what was updated since. The same object as long as nothing changes. */
export class RecordTrace implements TraceView {
  readonly #own: TraceAttributes | undefined;
  readonly #updates: TraceUpdates;
  #fields: TraceFields | undefined;
  /** The updates that are in `#fields`. */
  #updated: TraceAttributes | undefined;

  constructor(own: TraceAttributes | undefined, updates: TraceUpdates) {
    this.#own = own;
    this.#updates = updates;
  }

  current(): TraceFields {
    const { attributes } = this.#updates;
    if (!this.#fields || this.#updated !== attributes) {
      this.#fields = this.#updates.fieldsOver(this.#own);
      this.#updated = attributes;
    }
    return this.#fields;
  }
}
