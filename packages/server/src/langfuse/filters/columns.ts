import type { QueryTarget } from "../../query/language/ast.ts";
import type { FieldName } from "../../query/language/fields.ts";

/** What a column of Langfuse's filters is here. */
export interface Column {
  field: FieldName;
  /** `seconds`: Langfuse's unit of what is kept in milliseconds. */
  kind: "text" | "seconds" | "number" | "time" | "flag" | "tags" | "metadata";
  /** How a word of Langfuse's is kept: types are in upper case there. */
  lower?: boolean | undefined;
}

const text = (field: FieldName): Column => ({ field, kind: "text" });
const count = (field: FieldName): Column => ({ field, kind: "number" });

const BOTH: Readonly<Record<string, Column>> = {
  userId: text("user"),
  sessionId: text("session"),
  environment: text("environment"),
  version: text("version"),
  release: text("release"),
  tags: { field: "tag", kind: "tags" },
  traceTags: { field: "tag", kind: "tags" },
  latency: { field: "latency", kind: "seconds" },
  totalCost: count("cost"),
  totalTokens: count("tokens"),
  tokens: count("tokens"),
  inputTokens: count("inputTokens"),
  outputTokens: count("outputTokens"),
  metadata: { field: "metadata", kind: "metadata" },
};

const COLUMNS: Record<QueryTarget, Readonly<Record<string, Column>>> = {
  observations: {
    ...BOTH,
    id: text("id"),
    traceId: text("trace"),
    parentObservationId: text("parent"),
    type: { field: "type", kind: "text", lower: true },
    name: text("name"),
    level: text("level"),
    statusMessage: text("statusMessage"),
    traceName: text("traceName"),
    traceEnvironment: text("environment"),
    traceRelease: text("release"),
    traceVersion: text("version"),
    model: text("model"),
    providedModelName: text("model"),
    promptName: text("prompt"),
    startTime: { field: "start", kind: "time" },
    endTime: { field: "end", kind: "time" },
    timeToFirstToken: { field: "firstToken", kind: "seconds" },
    isRootObservation: { field: "root", kind: "flag" },
  },
  traces: {
    ...BOTH,
    id: text("id"),
    name: text("name"),
    traceName: text("name"),
    timestamp: { field: "start", kind: "time" },
    errorCount: count("errors"),
    level: text("level"),
  },
};

/** Langfuse's columns that have no counterpart here: a filter by one is refused with that reason. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "tokensPerSecond",
  "inputCost",
  "outputCost",
  "promptVersion",
  "input",
  "output",
  "bookmarked",
  "public",
  "hasParentObservation",
  "score_categories",
  "scores_avg",
  "warningCount",
  "defaultCount",
  "debugCount",
  "toolNames",
  "comments",
]);

export function findColumn(target: QueryTarget, name: string): Column | "unsupported" | undefined {
  const columns = COLUMNS[target];
  if (Object.hasOwn(columns, name)) return columns[name];
  return UNSUPPORTED.has(name) ? "unsupported" : undefined;
}

export function columnNames(target: QueryTarget): string[] {
  return Object.keys(COLUMNS[target]);
}
