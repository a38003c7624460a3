import { isRecord } from "../util/is-record.ts";
import { isThenable } from "../util/is-thenable.ts";
import { within } from "../util/timers.ts";

/**
 * What `mask` sees: a private copy of every field that a user can fill, of one observation, one score, or one change of
 * trace attributes. It may be changed in place or replaced; fields that are left out are not sent. `id` and `traceId` keep the
 * tree together: a mask cannot change them, but for those of a score that the user has chosen: its `id`, and a target that is
 * not named by an id of ours.
 *
 * An attachment inside input, output or metadata shows as {@link MaskMedia}.
 */
export interface MaskRecord {
  readonly kind: "observation" | "score" | "trace";
  id?: string | undefined;
  traceId?: string | undefined;
  /** What a score is about. */
  observationId?: string | undefined;
  /** Observation type, for an observation. */
  readonly type?: string | undefined;
  name?: string | undefined;
  input?: unknown;
  output?: unknown;
  metadata?: Record<string, unknown> | undefined;
  statusMessage?: string | undefined;
  model?: string | undefined;
  modelParameters?: Record<string, unknown> | undefined;
  provider?: string | undefined;
  version?: string | undefined;
  promptName?: string | undefined;
  usageDetails?: Record<string, number> | undefined;
  costDetails?: Record<string, number> | undefined;
  /** A score's value and comment. */
  value?: unknown;
  comment?: string | undefined;
  configId?: string | undefined;
  traceName?: string | undefined;
  userId?: string | undefined;
  sessionId?: string | undefined;
  tags?: readonly string[] | undefined;
  traceMetadata?: Record<string, unknown> | undefined;
  environment?: string | undefined;
  release?: string | undefined;
  traceVersion?: string | undefined;
}

/** A picture, a recording or a file. Where a mask puts something else in its place, or changes `ref`, it is not sent. */
export interface MaskMedia {
  readonly mime: string;
  /** How many. What is in them no mask sees. */
  readonly bytes: number;
  /** Ties it to the attachment, through `JSON.stringify` and back too. */
  readonly ref: string;
}

export type Mask = (record: MaskRecord) => MaskRecord | Promise<MaskRecord>;

/** Stands for every user-supplied field of a record whose mask threw, timed out or answered with something else. */
export const MASK_FAILED = "[masking failed]";

/** A mask that takes longer has failed: records must not wait for it without bound. */
export const MASK_TIMEOUT_MS = 5_000;

const FIELDS = [
  "input",
  "output",
  "value",
  "name",
  "statusMessage",
  "model",
  "provider",
  "version",
  "promptName",
  "comment",
  "configId",
  "traceName",
  "userId",
  "sessionId",
  "environment",
  "release",
  "traceVersion",
] as const;
const OBJECT_FIELDS = ["metadata", "modelParameters", "traceMetadata"] as const;

/** The record with a placeholder wherever it had something. */
export function placeholderFor(record: MaskRecord): MaskRecord {
  const out: MaskRecord = { kind: record.kind, id: record.id, traceId: record.traceId, type: record.type };
  for (const key of FIELDS) if (record[key] !== undefined) out[key] = MASK_FAILED;
  for (const key of OBJECT_FIELDS) if (record[key]) out[key] = { masked: MASK_FAILED };
  if (record.kind === "score") out.id = out.traceId = out.observationId = MASK_FAILED;
  if (record.tags) out.tags = record.tags.map(() => MASK_FAILED);
  return out;
}

/**
 * What `read` makes of the mask's answer, or of the placeholder where the mask fails or its answer throws when it is read. `view` makes
 * what the mask sees, anew for the placeholder: what it was given it may have changed. `onFail` counts.
 */
export function applyMask<T>(
  mask: Mask,
  view: () => MaskRecord,
  read: (masked: MaskRecord) => T,
  onFail: (error: unknown) => void,
): T | Promise<T> {
  const failed = (error: unknown): T => {
    onFail(error);
    return read(placeholderFor(view()));
  };
  const checked = (result: unknown): T => {
    if (isRecord(result)) return read(result as unknown as MaskRecord);
    throw new TypeError("mask must return the record");
  };
  try {
    const result: unknown = mask(view());
    return isThenable(result)
      ? within(MASK_TIMEOUT_MS, Promise.resolve(result)).then(checked).catch(failed)
      : checked(result);
  } catch (error) {
    return failed(error);
  }
}
