import type { ObservationRecord, TraceFields } from "../../model/record.ts";
import type { UsageDetails } from "../../model/types.ts";
import type { ResourceInfo } from "../../pipeline/destination.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import type { Attribute } from "../otlp/span.ts";

/**
 * Attribute names that Langfuse's OTLP endpoint reads (its `packages/shared/src/server/otel/attributes.ts`), and Spanwise's
 * after them. The server's mapping table (`packages/server/src/mapping`) is the other side of this one; the fixtures in
 * `packages/testing/fixtures/wire` hold both to one contract.
 */
export const LANGFUSE = {
  traceName: "langfuse.trace.name",
  traceTags: "langfuse.trace.tags",
  traceMetadata: "langfuse.trace.metadata",
  tracePublic: "langfuse.trace.public",
  userId: "user.id",
  sessionId: "session.id",
  environment: "langfuse.environment",
  release: "langfuse.release",
  version: "langfuse.version",
  isAppRoot: "langfuse.internal.is_app_root",
  type: "langfuse.observation.type",
  input: "langfuse.observation.input",
  output: "langfuse.observation.output",
  metadata: "langfuse.observation.metadata",
  level: "langfuse.observation.level",
  statusMessage: "langfuse.observation.status_message",
  completionStartTime: "langfuse.observation.completion_start_time",
  modelParameters: "langfuse.observation.model.parameters",
  usageDetails: "langfuse.observation.usage_details",
  costDetails: "langfuse.observation.cost_details",
  promptName: "langfuse.observation.prompt.name",
  promptVersion: "langfuse.observation.prompt.version",
} as const;

/** Shared with the GenAI conventions, so that any OpenTelemetry backend can read the model and the tokens. */
export const GEN_AI = {
  provider: "gen_ai.provider.name",
  responseModel: "gen_ai.response.model",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
} as const;

export const SPANWISE = {
  record: "spanwise.record",
  status: "spanwise.observation.status",
  provider: "spanwise.provider",
  truncated: "spanwise.truncated",
  linkTraceId: "spanwise.link.trace_id",
  linkObservationId: "spanwise.link.observation_id",
  linkKind: "spanwise.link.kind",
  instanceId: "spanwise.instance.id",
} as const;

/** Langfuse reads a payload that is text as it stands and everything else as JSON, as its own SDKs send it. */
export function langfuseConvention(resource: ResourceInfo): Convention<ObservationRecord> {
  return convention(resource, plainText);
}

function plainText(json: string | undefined): string | undefined {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : json;
}

type PayloadText = (json: string | undefined) => string | undefined;

function convention(resource: ResourceInfo, payload: PayloadText): Convention<ObservationRecord> {
  const trace = (fields: TraceFields, write: AttributeWriter): void => writeTrace(fields, resource, write);
  const writeRecord = (record: ObservationRecord, write: AttributeWriter): void => {
    const version = record.version ?? record.trace.current().version;
    if (version !== resource.version) write.text(LANGFUSE.version, version);
    write.text(LANGFUSE.type, record.type);
    // A level of DEFAULT is what a reader takes when there is none.
    if (record.level !== "DEFAULT") write.text(LANGFUSE.level, record.level);
    write.text(LANGFUSE.statusMessage, record.statusMessage);
    write.text(LANGFUSE.input, payload(record.input));
    write.text(LANGFUSE.output, payload(record.output));
    write.text(LANGFUSE.metadata, record.metadata);
    write.text(GEN_AI.provider, record.provider);
    write.text(GEN_AI.responseModel, record.model);
    write.text(LANGFUSE.modelParameters, record.modelParameters);
    writeUsage(record.usageDetails, write);
    write.text(LANGFUSE.costDetails, record.costDetails && JSON.stringify(record.costDetails));
    if (record.completionStartTime !== undefined) {
      write.text(LANGFUSE.completionStartTime, new Date(record.completionStartTime).toISOString());
    }
    write.text(LANGFUSE.promptName, record.prompt?.name);
    write.number(LANGFUSE.promptVersion, record.prompt?.version);
    if (record.isAppRoot) write.flag(LANGFUSE.isAppRoot, true);
  };
  return { trace, record: writeRecord };
}

/**
 * Langfuse's attributes and what only our own server reads. Payloads are JSON always: the text `42` and the number 42 stay
 * two things.
 */
export function spanwiseConvention(resource: ResourceInfo): Convention<ObservationRecord> {
  const langfuse = convention(resource, (json) => json);
  const writeRecord = (record: ObservationRecord, write: AttributeWriter): void => {
    langfuse.record(record, write);
    if (record.phase === "start") write.text(SPANWISE.record, "start");
    write.text(SPANWISE.status, record.status);
    if (record.truncated.length > 0) write.texts(SPANWISE.truncated, record.truncated);
    if (!record.link) return;
    write.text(SPANWISE.linkTraceId, record.link.traceId);
    write.text(SPANWISE.linkObservationId, record.link.observationId);
    write.text(SPANWISE.linkKind, record.link.kind);
  };
  return { trace: langfuse.trace, record: writeRecord };
}

/** What is the same on every span stands once, on the Resource. */
export function resourceAttributes(resource: ResourceInfo): Attribute[] {
  return [
    ["service.name", resource.serviceName],
    ["service.version", resource.version],
    ["deployment.environment.name", resource.environment],
    [LANGFUSE.release, resource.release],
    ["telemetry.sdk.name", "spanwise"],
    ["telemetry.sdk.language", "nodejs"],
    [SPANWISE.instanceId, resource.instanceId],
  ];
}

function writeTrace(trace: TraceFields, resource: ResourceInfo, write: AttributeWriter): void {
  write.text(LANGFUSE.traceName, trace.name);
  write.text(LANGFUSE.userId, trace.userId);
  write.text(LANGFUSE.sessionId, trace.sessionId);
  write.texts(LANGFUSE.traceTags, trace.tags);
  write.text(LANGFUSE.traceMetadata, trace.metadata);
  write.flag(LANGFUSE.tracePublic, trace.public);
  if (trace.environment !== resource.environment) write.text(LANGFUSE.environment, trace.environment);
  if (trace.release !== resource.release) write.text(LANGFUSE.release, trace.release);
}

/** Our buckets as they are, and the totals as the GenAI conventions count them: details included in their parent. */
function writeUsage(usage: UsageDetails | undefined, write: AttributeWriter): void {
  if (!usage) return;
  write.text(LANGFUSE.usageDetails, JSON.stringify(usage));
  write.number(GEN_AI.inputTokens, inclusive(usage, "input"));
  write.number(GEN_AI.outputTokens, inclusive(usage, "output"));
}

function inclusive(usage: UsageDetails, side: "input" | "output"): number | undefined {
  let sum: number | undefined;
  for (const bucket of Object.keys(usage)) {
    if (bucket === side || bucket.startsWith(`${side}_`)) sum = (sum ?? 0) + usage[bucket]!;
  }
  return sum;
}
