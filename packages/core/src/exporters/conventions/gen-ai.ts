import type { ObservationRecord, TraceFields } from "../../model/record.ts";
import type { ObservationType } from "../../model/types.ts";
import { toText } from "../../util/text.ts";
import type { AttributeWriter, Convention } from "../attribute-writer.ts";
import { readInput, readOutput } from "./gen-ai-messages.ts";
import { liftMetadata, type LiftedMetadata } from "./gen-ai-metadata.ts";
import { writeModelParameters } from "./gen-ai-request.ts";
import { writeCost, writeUsage } from "./gen-ai-usage.ts";
import { plainText } from "./json-values.ts";
import { isRecord } from "../../util/is-record.ts";

/**
 * OpenTelemetry's semantic conventions for generative AI, as of 1.41, the last edition that was released:
 * https://github.com/open-telemetry/semantic-conventions-genai. The edition after it renames `cache_creation` to `cache_write`;
 * readers of today know the name below. Values of type `any` are written as JSON text, which the conventions allow on spans.
 */
export const GEN_AI_SPAN = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  responseId: "gen_ai.response.id",
  finishReasons: "gen_ai.response.finish_reasons",
  /** Seconds. */
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  systemInstructions: "gen_ai.system_instructions",
  toolDefinitions: "gen_ai.tool.definitions",
  conversationId: "gen_ai.conversation.id",
  agentName: "gen_ai.agent.name",
  toolName: "gen_ai.tool.name",
  toolCallId: "gen_ai.tool.call.id",
  toolArguments: "gen_ai.tool.call.arguments",
  toolResult: "gen_ai.tool.call.result",
  retrievalQuery: "gen_ai.retrieval.query.text",
  retrievalDocuments: "gen_ai.retrieval.documents",
  promptName: "gen_ai.prompt.name",
  promptVersion: "gen_ai.prompt.version",
} as const;

/** OpenTelemetry's general attributes. */
export const GENERAL = {
  userId: "user.id",
  errorType: "error.type",
  environment: "deployment.environment.name",
  serviceVersion: "service.version",
} as const;

/**
 * What the conventions have no word for. Where OpenInference has one (`input.value`, `metadata`, `tag.tags`) it is used,
 * since most LLM backends read it; the rest is named plainly. `docs/exporters.md` lists them.
 */
export const PLAIN = {
  input: "input.value",
  inputType: "input.mime_type",
  output: "output.value",
  outputType: "output.mime_type",
  kind: "openinference.span.kind",
  metadata: "metadata",
  tags: "tag.tags",
  traceName: "trace.name",
  traceMetadata: "trace.metadata",
  tracePublic: "trace.public",
  release: "trace.release",
  type: "observation.type",
  name: "observation.name",
  version: "observation.version",
  level: "observation.level",
  status: "observation.status",
  statusMessage: "observation.status_message",
  truncated: "observation.truncated",
} as const;

/** `gen_ai.operation.name` by type; the others are no GenAI operation. */
const OPERATIONS: Partial<Record<ObservationType, string>> = {
  generation: "chat",
  embedding: "embeddings",
  agent: "invoke_agent",
  tool: "execute_tool",
  retriever: "retrieval",
};

/** Kinds that OpenInference knows and the GenAI conventions do not. */
const KINDS: Partial<Record<ObservationType, string>> = {
  chain: "CHAIN",
  evaluator: "EVALUATOR",
  guardrail: "GUARDRAIL",
};

/** Our names of providers, where the conventions have a well-known value of another spelling. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: "azure.ai.openai",
  xai: "x_ai",
  mistral: "mistral_ai",
  moonshot: "moonshot_ai",
  google: "gcp.gen_ai",
  gemini: "gcp.gemini",
  vertex: "gcp.vertex_ai",
  aws: "aws.bedrock",
  bedrock: "aws.bedrock",
};

const ERROR_CLASS = /^([A-Za-z_$][\w$.]{0,99}(?:Error|Exception))\b/;

/** What stands on the Resource and is therefore not repeated on spans that say the same. */
export interface ResourceDefaults {
  environment: string | undefined;
  release: string | undefined;
  version: string | undefined;
}

/** The name the conventions ask for: the operation and what it is about. */
export function spanName(record: ObservationRecord): string {
  const operation = OPERATIONS[record.type];
  if (operation === undefined) return record.name;
  const isModelCall = record.type === "generation" || record.type === "embedding";
  const about = isModelCall ? record.model : bareName(record, operation);
  return about ? `${operation} ${about}` : operation;
}

export function genAiConvention(resource: ResourceDefaults): Convention<ObservationRecord> {
  const trace = (fields: TraceFields, write: AttributeWriter): void => writeTrace(fields, resource, write);
  const writeRecord = (record: ObservationRecord, write: AttributeWriter): void => {
    const operation = OPERATIONS[record.type];
    const isModelCall = record.type === "generation" || record.type === "embedding";
    const lifted = liftMetadata(record);
    write.text(GEN_AI_SPAN.operation, operation);
    write.text(PLAIN.kind, KINDS[record.type]);
    if (record.type === "span" || record.type === "event") write.text(PLAIN.type, record.type);
    if (isModelCall && record.name !== spanName(record)) write.text(PLAIN.name, record.name);
    if (record.type === "agent") write.text(GEN_AI_SPAN.agentName, bareName(record, operation!));
    if (record.type === "tool") write.text(GEN_AI_SPAN.toolName, bareName(record, operation!));
    write.text(GEN_AI_SPAN.provider, record.provider && (PROVIDERS[record.provider] ?? record.provider));
    // One name is known: that of the model that answered, or of the one asked for where none has.
    write.text(hasAnswer(record) ? GEN_AI_SPAN.responseModel : GEN_AI_SPAN.requestModel, record.model);
    const parameters = writePayloads(record, lifted, write);
    writeModelParameters(record, parameters, lifted.stream, write);
    writeUsage(record.usageDetails, write);
    writeCost(record.costDetails, write);
    if (record.completionStartTime !== undefined) {
      const seconds = (record.completionStartTime - record.startTime) / 1000;
      write.double(GEN_AI_SPAN.timeToFirstChunk, Math.max(0, seconds));
    }
    write.text(GEN_AI_SPAN.promptName, record.prompt?.name);
    write.text(GEN_AI_SPAN.promptVersion, toText(record.prompt?.version));
    writeOutcome(record, lifted, write);
    write.text(PLAIN.metadata, lifted.rest);
    const version = record.version ?? record.trace.current().version;
    if (version !== resource.version) write.text(PLAIN.version, version);
    write.texts(PLAIN.truncated, record.truncated);
  };
  return { trace, record: writeRecord };
}

function writeTrace(trace: TraceFields, resource: ResourceDefaults, write: AttributeWriter): void {
  write.text(PLAIN.traceName, trace.name);
  write.text(GENERAL.userId, trace.userId);
  write.text(GEN_AI_SPAN.conversationId, trace.sessionId);
  write.texts(PLAIN.tags, trace.tags);
  write.text(PLAIN.traceMetadata, trace.metadata);
  write.flag(PLAIN.tracePublic, trace.public);
  if (trace.environment !== resource.environment) write.text(GENERAL.environment, trace.environment);
  if (trace.release !== resource.release) write.text(PLAIN.release, trace.release);
}

function writeOutcome(record: ObservationRecord, lifted: LiftedMetadata, write: AttributeWriter): void {
  const { level, status, statusMessage } = record;
  write.text(GEN_AI_SPAN.responseId, lifted.responseId);
  write.texts(GEN_AI_SPAN.finishReasons, lifted.finishReasons);
  write.text(GEN_AI_SPAN.toolCallId, lifted.toolCallId);
  if (level === "ERROR") {
    // The message stands in the span's status.
    write.text(GENERAL.errorType, lifted.errorType ?? ERROR_CLASS.exec(statusMessage ?? "")?.[1] ?? "_OTHER");
    return;
  }
  if (level !== "DEFAULT") write.text(PLAIN.level, level);
  if (status !== "ok") write.text(PLAIN.status, status);
  write.text(PLAIN.statusMessage, statusMessage);
}

/** Writes input and output under the name of their kind, each once. Returns what was among the input and is a setting of the call. */
function writePayloads(
  record: ObservationRecord,
  lifted: LiftedMetadata,
  write: AttributeWriter,
): Record<string, unknown> | undefined {
  const { type, input, output } = record;
  switch (type) {
    case "generation":
    case "agent": {
      const read = readInput(input);
      write.text(GEN_AI_SPAN.inputMessages, read?.messages);
      write.text(GEN_AI_SPAN.systemInstructions, read?.system);
      write.text(GEN_AI_SPAN.toolDefinitions, read?.tools);
      if (!read) writePlain("input", input, write);
      const answer = readOutput(output, lifted.finishReasons);
      write.text(GEN_AI_SPAN.outputMessages, answer?.messages);
      if (!answer) writePlain("output", output, write);
      return read?.rest;
    }
    case "tool":
      write.text(GEN_AI_SPAN.toolArguments, plainText(input));
      write.text(GEN_AI_SPAN.toolResult, plainText(output));
      return undefined;
    case "retriever":
      if (input?.startsWith('"')) write.text(GEN_AI_SPAN.retrievalQuery, plainText(input));
      else writePlain("input", input, write);
      if (isDocuments(output)) write.text(GEN_AI_SPAN.retrievalDocuments, output);
      else writePlain("output", output, write);
      return undefined;
    default:
      writePlain("input", input, write);
      writePlain("output", output, write);
      return undefined;
  }
}

/** Text as it is, anything else as JSON, and which of the two it is: the text `42` and the number 42 stay two things. */
function writePlain(side: "input" | "output", json: string | undefined, write: AttributeWriter): void {
  if (json === undefined) return;
  write.text(PLAIN[side], plainText(json));
  write.text(PLAIN[`${side}Type`], json.startsWith('"') ? "text/plain" : "application/json");
}

/** The conventions want an id and a score of each document. */
function isDocuments(json: string | undefined): boolean {
  if (!json?.startsWith("[{")) return false;
  const documents: unknown = JSON.parse(json);
  return (
    Array.isArray(documents) &&
    documents.every((one) => isRecord(one) && typeof one["id"] === "string" && typeof one["score"] === "number")
  );
}

function hasAnswer({ output, usageDetails, completionStartTime }: ObservationRecord): boolean {
  return output !== undefined || usageDetails !== undefined || completionStartTime !== undefined;
}

/** A name that says the operation already, as another instrumentation's may, does not say it twice. */
function bareName({ name }: ObservationRecord, operation: string): string {
  return name.startsWith(`${operation} `) ? name.slice(operation.length + 1) : name;
}
