import type { QueryField } from "../../api/lists.ts";
import type { QueryTarget } from "./ast.ts";

export type FieldName =
  | "id"
  | "trace"
  | "name"
  | "observation"
  | "traceName"
  | "type"
  | "level"
  | "status"
  | "statusMessage"
  | "model"
  | "provider"
  | "prompt"
  | "user"
  | "session"
  | "environment"
  | "release"
  | "version"
  | "tag"
  | "root"
  | "parent"
  | "public"
  | "start"
  | "end"
  | "latency"
  | "firstToken"
  | "cost"
  | "tokens"
  | "inputTokens"
  | "outputTokens"
  | "errors"
  | "observations"
  | "metadata"
  | "scores";

export type FieldKind = "text" | "enum" | "boolean" | "time" | "duration" | "money" | "count" | "key";

export interface FieldDefinition {
  name: FieldName;
  aliases: readonly string[];
  kind: FieldKind;
  /** Where it may be asked for. */
  targets: readonly QueryTarget[];
  description: string;
  /** For `enum`: as stored. */
  values?: readonly string[];
  /** Whose value it is on the trace list: the trace's, or that of any of its observations. */
  onTraces: "trace" | "any";
  facet: boolean;
}

const BOTH = ["traces", "observations"] as const;

function field(
  name: FieldName,
  aliases: readonly string[],
  kind: FieldKind,
  onTraces: "trace" | "any",
  description: string,
  more: Partial<Pick<FieldDefinition, "targets" | "values" | "facet">> = {},
): FieldDefinition {
  return { name, aliases, kind, onTraces, description, targets: BOTH, facet: false, ...more };
}

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
];
const LEVELS = ["DEBUG", "DEFAULT", "WARNING", "ERROR"];
const STATUSES = ["running", "ok", "error", "cancelled", "interrupted", "incomplete"];

/** Every field of the query language. `docs/query-language.md` has the same table, and a test that says so. */
export const FIELDS: readonly FieldDefinition[] = [
  field("name", [], "text", "trace", "Name of the trace; on the observation list, of the observation", { facet: true }),
  field("observation", ["observationName"], "text", "any", "Name of an observation", {
    targets: ["traces"],
    facet: true,
  }),
  field("traceName", [], "text", "trace", "Name of the trace", { targets: ["observations"] }),
  field("type", [], "enum", "any", "Type of the observation", { values: TYPES, facet: true }),
  field("level", [], "enum", "any", "Level of the observation", { values: LEVELS, facet: true }),
  field("status", [], "enum", "trace", "Status of the trace, which is its root's, or of the observation", {
    values: STATUSES,
    facet: true,
  }),
  field("statusMessage", ["message"], "text", "any", "Error text"),
  field("model", [], "text", "any", "Model that answered", { facet: true }),
  field("provider", [], "text", "any", "Provider of the model", { facet: true }),
  field("prompt", ["promptName"], "text", "any", "Name of a managed prompt"),
  field("user", ["userId"], "text", "trace", "User of the trace", { facet: true }),
  field("session", ["sessionId"], "text", "trace", "Session of the trace"),
  field("environment", ["env"], "text", "trace", "Environment of the trace", { facet: true }),
  field("release", [], "text", "trace", "Release of the trace", { facet: true }),
  field("version", [], "text", "trace", "Version of the trace"),
  field("tag", ["tags"], "text", "trace", "One of the trace's tags", { facet: true }),
  field("public", [], "boolean", "trace", "Marked as public", { targets: ["traces"] }),
  field("root", ["isRoot"], "boolean", "any", "The root of its trace", { targets: ["observations"] }),
  field("parent", ["parentId"], "text", "any", "Id of the observation above it", { targets: ["observations"] }),
  field("id", [], "text", "trace", "Id of the trace; on the observation list, of the observation"),
  field("trace", ["traceId"], "text", "trace", "Id of the trace", { targets: ["observations"] }),
  field("start", ["startTime", "timestamp", "time"], "time", "trace", "When it began"),
  field("end", ["endTime"], "time", "trace", "When it ended"),
  field("latency", ["duration"], "duration", "trace", "How long it took; seconds unless a unit is given"),
  field("firstToken", ["ttft"], "duration", "trace", "From the start to the first token"),
  field("cost", ["totalCost"], "money", "trace", "US dollars"),
  field("tokens", ["totalTokens"], "count", "trace", "All tokens"),
  field("inputTokens", [], "count", "trace", "Tokens of the input, cached ones too"),
  field("outputTokens", [], "count", "trace", "Tokens of the output, reasoning too"),
  field("errors", ["errorCount"], "count", "trace", "Observations with level ERROR", { targets: ["traces"] }),
  field("observations", ["observationCount"], "count", "trace", "Observations of the trace", { targets: ["traces"] }),
  field("metadata", [], "key", "any", "A key of the metadata: metadata.region:eu"),
  field("scores", ["score"], "key", "any", 'A score: scores."helpful":<0.5'),
];

const BY_NAME = new Map(
  FIELDS.flatMap((definition) =>
    [definition.name, ...definition.aliases].map((name) => [name.toLowerCase(), definition] as const),
  ),
);

/** By name or alias, without case. */
export function findField(name: string, target: QueryTarget): FieldDefinition | undefined {
  const found = BY_NAME.get(name.toLowerCase());
  return found?.targets.includes(target) === true ? found : undefined;
}

export function fieldOf(name: FieldName): FieldDefinition {
  const found = BY_NAME.get(name.toLowerCase());
  if (found === undefined) throw new Error(`There is no field ${name}.`);
  return found;
}

/** All names that a query for the target may use, for suggestions. */
export function namesFor(target: QueryTarget): string[] {
  return FIELDS.filter((definition) => definition.targets.includes(target)).flatMap(({ name, aliases }) => [
    name,
    ...aliases,
  ]);
}

const API_KINDS = {
  text: "text",
  enum: "enum",
  boolean: "boolean",
  time: "time",
  duration: "duration",
  money: "number",
  count: "number",
  key: "key",
} as const;

/** What `GET /api/query/fields` answers. */
export function describeFields(target: QueryTarget): QueryField[] {
  return FIELDS.filter((definition) => definition.targets.includes(target)).map((definition) => ({
    name: definition.kind === "key" ? `${definition.name}.` : definition.name,
    kind: API_KINDS[definition.kind],
    description: definition.description,
    values: [...(definition.values ?? [])],
    facet: definition.facet,
  }));
}
