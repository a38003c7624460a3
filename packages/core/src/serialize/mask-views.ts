import { createTraceIdRandom, isObservationId, isTraceId } from "../model/ids.ts";
import type { CapturedFields, OpenObservation, ScoreRecord } from "../model/record.ts";
import type { TraceAttributes } from "../model/types.ts";
import { capture } from "./capture.ts";
import { mediaViewOf, restoreMedia } from "./mask-media.ts";
import { numbersOf } from "../util/numbers.ts";
import { toText } from "../util/text.ts";
import { MASK_FAILED, type MaskRecord } from "./mask.ts";
import { isRecord } from "../util/is-record.ts";

/** Between the records and what a mask sees of them, both ways. */

const traceView = (trace: TraceAttributes | undefined): Partial<MaskRecord> =>
  trace
    ? {
        traceName: trace.traceName,
        userId: trace.userId,
        sessionId: trace.sessionId,
        tags: trace.tags && [...trace.tags],
        traceMetadata: trace.metadata && { ...trace.metadata },
        environment: trace.environment,
        release: trace.release,
        traceVersion: trace.version,
      }
    : {};

export const maskViews = {
  observation: (observation: OpenObservation): MaskRecord => {
    const shown = observation.mayHaveMedia ? mediaViewOf(observation) : observation.fields;
    const { prompt, usageDetails, costDetails, ...fields } = shown;
    const { input, output, metadata, statusMessage, model, modelParameters, provider, version } = fields;
    return {
      kind: "observation",
      id: observation.id,
      traceId: observation.traceId,
      type: observation.type,
      name: observation.name,
      input,
      output,
      metadata,
      statusMessage,
      model,
      modelParameters,
      provider,
      version,
      promptName: prompt?.name,
      usageDetails: usageDetails && { ...usageDetails },
      costDetails: costDetails && { ...costDetails },
      ...traceView(observation.traceAttributes),
    };
  },
  start: ({ observation }: { observation: OpenObservation }): MaskRecord => ({
    kind: "observation",
    id: observation.id,
    traceId: observation.traceId,
    type: observation.type,
    name: observation.name,
    model: observation.fields.model,
    provider: observation.fields.provider,
    version: observation.fields.version,
    ...traceView(observation.traceAttributes),
  }),
  score: (score: ScoreRecord): MaskRecord => ({
    kind: "score",
    id: score.id,
    traceId: score.traceId,
    observationId: score.observationId,
    name: score.name,
    value: score.value,
    comment: score.comment,
    configId: score.configId,
    metadata: score.metadata === undefined ? undefined : (JSON.parse(score.metadata) as Record<string, unknown>),
    sessionId: score.sessionId,
  }),
  trace: ({ observation, attributes }: { observation: OpenObservation; attributes: TraceAttributes }): MaskRecord => ({
    kind: "trace",
    traceId: observation.traceId,
    ...traceView(attributes),
  }),
};

export interface MaskedObservation {
  name: string;
  fields: CapturedFields;
  trace: TraceAttributes | undefined;
  mayHaveMedia: boolean;
}

/** What {@link maskViews} showed, with what a mask has made of it. */
export const maskReads = {
  observation: maskedObservation,
  start: ({ observation }: { observation: OpenObservation }, masked: MaskRecord) =>
    maskedObservation(observation, masked),
  score: maskedScore,
  trace: ({ attributes }: { attributes: TraceAttributes }, masked: MaskRecord) => maskedTrace(attributes, masked),
};

const TEXTS = ["statusMessage", "model", "provider", "version"] as const;
const NUMBERS = ["usageDetails", "costDetails"] as const;

/** A mask may put anything into a field: what it returned is captured like any user's value. */
function maskedObservation(observation: OpenObservation, masked: MaskRecord): MaskedObservation {
  const fields: CapturedFields = { ...observation.fields };
  const input = capture(masked.input);
  const output = capture(masked.output);
  replace(fields, "input", input.value);
  replace(fields, "output", output.value);
  replace(fields, "metadata", objectOf(masked.metadata));
  if (observation.mayHaveMedia) restoreMedia(observation, fields);
  replace(fields, "modelParameters", objectOf(masked.modelParameters));
  for (const key of TEXTS) replace(fields, key, toText(masked[key]));
  for (const key of NUMBERS) replace(fields, key, masked[key] && numbersOf(masked[key]));
  const promptName = toText(masked.promptName);
  const prompt = observation.fields.prompt;
  replace(fields, "prompt", prompt && promptName !== undefined ? { ...prompt, name: promptName } : undefined);
  const trace = observation.traceAttributes && maskedTrace(observation.traceAttributes, masked);
  const mayHaveMedia = observation.mayHaveMedia || input.mayHaveMedia || output.mayHaveMedia;
  return { name: toText(masked.name) ?? observation.type, fields, trace, mayHaveMedia };
}

function maskedTrace(trace: TraceAttributes, masked: MaskRecord): TraceAttributes {
  const { tags } = masked;
  return {
    ...trace,
    traceName: toText(masked.traceName),
    userId: toText(masked.userId),
    sessionId: toText(masked.sessionId),
    tags: Array.isArray(tags) ? tags.map((tag) => toText(tag) ?? "") : undefined,
    metadata: objectOf(masked.traceMetadata),
    environment: toText(masked.environment),
    release: toText(masked.release),
    version: toText(masked.traceVersion),
  };
}

export function maskedScore(score: ScoreRecord, masked: MaskRecord): ScoreRecord {
  const { value } = masked;
  const metadata = objectOf(masked.metadata);
  // A mask that failed has not said which part of the id may leave.
  const id = masked.id === undefined || masked.id === MASK_FAILED ? createTraceIdRandom() : (toText(masked.id) ?? "");
  return {
    ...score,
    id,
    eventId: `${id}-${score.timestamp}`,
    name: toText(masked.name) ?? "score",
    value: typeof value === "number" && typeof score.value === "number" ? value : (toText(value) ?? ""),
    dataType: typeof value === "string" && typeof score.value === "number" ? "CATEGORICAL" : score.dataType,
    comment: toText(masked.comment),
    configId: toText(masked.configId),
    metadata: metadata && JSON.stringify(metadata),
    sessionId: toText(masked.sessionId),
    // Ids of ours tell nothing; a text of the user's in their place may.
    traceId: isTraceId(score.traceId) ? score.traceId : score.traceId && toText(masked.traceId),
    observationId: isObservationId(score.observationId)
      ? score.observationId
      : score.observationId && toText(masked.observationId),
  };
}

function replace<K extends keyof CapturedFields>(
  fields: CapturedFields,
  key: K,
  value: CapturedFields[K] | undefined,
): void {
  if (value === undefined) delete fields[key];
  else fields[key] = value;
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  const { value: copy } = capture(value);
  return isRecord(copy) ? copy : undefined;
}
