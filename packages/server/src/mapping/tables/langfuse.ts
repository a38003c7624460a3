import type { ObservationType } from "../../api/types.ts";
import type { AliasTable } from "../table.ts";

const TYPES = [
  "span",
  "generation",
  "event",
  "embedding",
  "agent",
  "tool",
  "chain",
  "retriever",
  "evaluator",
  "guardrail",
] as const satisfies readonly ObservationType[];

export const TYPE_WORDS: Readonly<Record<string, ObservationType>> = Object.fromEntries(
  TYPES.map((type) => [type, type]),
);

/** Severity words of loggers are accepted as Langfuse's server does. */
export const LEVEL_WORDS = {
  debug: "DEBUG",
  trace: "DEBUG",
  default: "DEFAULT",
  info: "DEFAULT",
  notice: "DEFAULT",
  warning: "WARNING",
  warn: "WARNING",
  error: "ERROR",
  fatal: "ERROR",
  critical: "ERROR",
} as const;

/** https://langfuse.com/integrations/native/opentelemetry#property-mapping */
export const LANGFUSE_TABLE: AliasTable = {
  convention: "langfuse",
  edition: "4.16",
  fields: {
    type: [{ key: "langfuse.observation.type", on: "span", words: TYPE_WORDS }],
    level: [{ key: "langfuse.observation.level", on: "span", words: LEVEL_WORDS }],
    statusMessage: [{ key: "langfuse.observation.status_message", on: "span" }],
    input: [{ key: "langfuse.observation.input", on: "span" }],
    output: [{ key: "langfuse.observation.output", on: "span" }],
    metadata: [{ key: "langfuse.observation.metadata", on: "span" }],
    model: [{ key: "langfuse.observation.model.name", on: "span" }],
    modelParameters: [{ key: "langfuse.observation.model.parameters", on: "span" }],
    usage: [{ key: "langfuse.observation.usage_details", on: "span" }],
    cost: [{ key: "langfuse.observation.cost_details", on: "span" }],
    completionStartTime: [{ key: "langfuse.observation.completion_start_time", on: "span" }],
    promptName: [
      { key: "langfuse.observation.prompt.name", on: "span" },
      { key: "langfuse.prompt.name", on: "span" },
    ],
    promptVersion: [
      { key: "langfuse.observation.prompt.version", on: "span" },
      { key: "langfuse.prompt.version", on: "span" },
    ],
    traceName: [{ key: "langfuse.trace.name" }],
    userId: [{ key: "langfuse.user.id" }],
    sessionId: [{ key: "langfuse.session.id" }],
    tags: [{ key: "langfuse.trace.tags" }, { key: "langfuse.tags" }],
    public: [{ key: "langfuse.trace.public" }, { key: "langfuse.public" }],
    traceMetadata: [{ key: "langfuse.trace.metadata" }, { key: "langfuse.metadata" }],
    traceInput: [{ key: "langfuse.trace.input", on: "span" }],
    traceOutput: [{ key: "langfuse.trace.output", on: "span" }],
    environment: [{ key: "langfuse.environment" }],
    release: [{ key: "langfuse.release" }],
    version: [{ key: "langfuse.version" }, { key: "langfuse.observation.version", on: "span" }],
    asRoot: [
      { key: "langfuse.internal.as_root", on: "span" },
      { key: "langfuse.internal.is_app_root", on: "span" },
    ],
  },
  groups: {
    metadata: ["langfuse.observation.metadata."],
    traceMetadata: ["langfuse.trace.metadata.", "langfuse.metadata."],
  },
};
