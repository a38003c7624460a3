import type { StoredObservation } from "../../model/observation.ts";
import { parseOrNull } from "../../http/json-body.ts";
import { isTraceNode, traceNodeId } from "../../ingest/langfuse/patch.ts";
import { countTokens } from "../../query/totals.ts";
import { iso, isoOrNull } from "../page.ts";

/** Groups of fields that `/api/public/v2/observations` answers, beside the core. */
export const OBSERVATION_GROUPS = [
  "core",
  "basic",
  "time",
  "io",
  "metadata",
  "model",
  "usage",
  "prompt",
  "metrics",
  "trace_context",
] as const;
export type ObservationGroup = (typeof OBSERVATION_GROUPS)[number];

/** What an observation takes from its trace. */
export interface TraceContext {
  traceName: string | null;
  userId: string | null;
  sessionId: string | null;
  tags: readonly string[];
  environment: string;
}

/** Longer values of the metadata are cut there, except those of keys that are asked for. */
const MAX_METADATA_CHARS = 200;

/** As the newer route tells it. Payloads are text: text to the letter, everything else as JSON. */
export function newerObservation(
  projectId: string,
  row: StoredObservation,
  trace: TraceContext,
  groups: ReadonlySet<ObservationGroup>,
  expanded: readonly string[],
): object {
  return {
    id: row.id,
    traceId: row.traceId,
    startTime: iso(row.startTime),
    endTime: isoOrNull(row.endTime),
    projectId,
    parentObservationId: row.parentId,
    type: row.type.toUpperCase(),
    ...(groups.has("basic") && {
      name: row.name,
      level: row.level,
      statusMessage: row.statusMessage,
      version: row.version,
      environment: trace.environment,
      bookmarked: false,
      public: row.public ?? false,
      userId: trace.userId,
      sessionId: trace.sessionId,
      isRootObservation: row.isRoot,
    }),
    ...(groups.has("time") && { completionStartTime: isoOrNull(row.completionStartTime) }),
    ...(groups.has("io") && { input: rawText(row.payload.input), output: rawText(row.payload.output) }),
    ...(groups.has("metadata") && { metadata: cutMetadata(metadataOf(row), expanded) }),
    ...(groups.has("model") && {
      providedModelName: row.model,
      model: row.model,
      internalModelId: null,
      modelId: null,
      modelParameters: parseOrNull(row.payload.modelParameters),
      inputPrice: null,
      outputPrice: null,
      totalPrice: null,
    }),
    ...(groups.has("usage") && {
      usageDetails: row.usage ?? {},
      costDetails: row.cost ?? {},
      totalCost: row.cost?.["total"] ?? null,
      usagePricingTierName: null,
    }),
    ...(groups.has("prompt") && { promptId: null, promptName: row.promptName, promptVersion: row.promptVersion }),
    ...(groups.has("metrics") && metricsOf(row)),
    ...(groups.has("trace_context") && { tags: trace.tags, release: row.release, traceName: trace.traceName }),
  };
}

/** As the older routes tell it: payloads as values, the model as `model`. A trace of a batch is no observation there. */
export function olderObservation(row: StoredObservation, environment: string): object {
  const { usage, cost, payload } = row;
  const tokens = usage === null ? { input: 0, output: 0, total: 0 } : countTokens(usage);
  const isTopLevel = row.parentId === traceNodeId(row.traceId);
  return {
    id: row.id,
    traceId: row.traceId,
    type: row.type.toUpperCase(),
    name: row.name === "" ? null : row.name,
    startTime: iso(row.startTime),
    endTime: isoOrNull(row.endTime),
    completionStartTime: isoOrNull(row.completionStartTime),
    model: row.model,
    modelId: null,
    modelParameters: parseOrNull(payload.modelParameters),
    input: parseOrNull(payload.input),
    output: parseOrNull(payload.output),
    metadata: parseOrNull(payload.metadata),
    version: row.version,
    level: row.level,
    statusMessage: row.statusMessage,
    parentObservationId: isTopLevel ? null : row.parentId,
    environment: row.environment ?? environment,
    promptId: null,
    promptName: row.promptName,
    promptVersion: row.promptVersion,
    usage: { ...tokens, unit: "TOKENS" },
    usageDetails: usage ?? {},
    costDetails: cost ?? {},
    inputPrice: null,
    outputPrice: null,
    totalPrice: null,
    calculatedInputCost: cost?.["input"] ?? null,
    calculatedOutputCost: cost?.["output"] ?? null,
    calculatedTotalCost: cost?.["total"] ?? null,
    ...metricsOf(row),
  };
}

function metricsOf({ startTime, endTime, completionStartTime }: StoredObservation): object {
  return {
    latency: endTime === null ? null : (endTime - startTime) / 1000,
    timeToFirstToken: completionStartTime === null ? null : (completionStartTime - startTime) / 1000,
  };
}

/** The row that stands for a trace of a batch has the trace's. */
function metadataOf(row: StoredObservation): unknown {
  return parseOrNull(isTraceNode(row) ? row.payload.traceMetadata : row.payload.metadata);
}

function rawText(json: string | null): string | null {
  return json?.startsWith('"') === true ? (JSON.parse(json) as string) : json;
}

function cutMetadata(metadata: unknown, expanded: readonly string[]): unknown {
  if (typeof metadata !== "object" || metadata === null) return metadata;
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => {
      if (expanded.includes(key)) return [key, value];
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [key, text.length > MAX_METADATA_CHARS ? text.slice(0, MAX_METADATA_CHARS) : value];
    }),
  );
}
