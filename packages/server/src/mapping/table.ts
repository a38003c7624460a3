/** What an attribute can be read as. `mapSpan` turns each into columns. */
export const FIELDS = [
  "record",
  "status",
  "level",
  "statusMessage",
  /** Why the model stopped; "error" is a failure that no status tells of. */
  "finishReason",
  /** What kind of error it was; told where there is no better word. */
  "errorType",
  "type",
  "toolName",
  /** What a person is shown instead of the span's name where that is the template, or the same on each span. */
  "displayName",
  "nameTemplate",
  "model",
  "provider",
  "modelParameters",
  "usage",
  /** A model's own object of counts, which include their details, under any of the names of `GEN_AI_USAGE_NAMES`. */
  "countsObject",
  "usageAggregate",
  "providerMetadata",
  "cost",
  "totalCost",
  "completionStartTime",
  "secondsToFirstToken",
  "millisecondsToFirstToken",
  "input",
  "output",
  "systemInstructions",
  /** A value and its MIME type, as OpenInference sends them. */
  "inputValue",
  "inputMime",
  "outputValue",
  "outputMime",
  /** The parts of an answer, as the AI SDK sends them. */
  "answerText",
  "answerReasoning",
  "answerToolCalls",
  "answerObject",
  /** What was embedded: a list of JSON texts. */
  "embeddedValues",
  /** Replaced by their number and size. */
  "vectors",
  "rerankQuery",
  /** A list of GenAI events in one attribute, as Logfire sends them. */
  "eventList",
  "metadata",
  "prompt",
  "promptName",
  "promptVersion",
  "traceName",
  "userId",
  "sessionId",
  "tags",
  "traceMetadata",
  "traceInput",
  "traceOutput",
  "public",
  "environment",
  "release",
  "version",
  "instanceId",
  "asRoot",
] as const;

export type Field = (typeof FIELDS)[number];

/** Fields gathered key by key from attributes with a common prefix: `langfuse.trace.metadata.<key>`. */
export type GroupField = "metadata" | "traceMetadata" | "modelParameters" | "cost";

/** Lists that arrive flattened, an attribute for each leaf: `llm.input_messages.0.message.role`. */
export type ListField =
  | "prompts"
  | "completions"
  | "inputMessages"
  | "outputMessages"
  | "documents"
  | "rerankInput"
  | "rerankOutput"
  | "embeddings"
  | "evaluations"
  | "annotations"
  | "traceEvaluations"
  | "traceAnnotations"
  | "sessionEvaluations"
  | "sessionAnnotations";

export interface Source {
  key: string;
  /** Where to look. Default `both`: the span's attribute first, then the resource's. */
  on?: "span" | "both" | undefined;
  /** Reads the attribute's words as ours (compared in lower case); a word that is not listed is no value. */
  words?: Readonly<Record<string, string>> | undefined;
  /** Reads any value as this word: that the attribute is there says it. */
  as?: string | undefined;
  /** The value is an object, or JSON of one: names of members and positions in lists on the way to what is read. */
  path?: readonly string[] | undefined;
  /** The part of the text that is read: its first group. Text that does not match is no value. */
  match?: RegExp | undefined;
  /** Only the text before this is read. */
  cutAt?: string | undefined;
  /** The text is JSON of any kind, so that `"\"done\""` is the word done. */
  json?: boolean | undefined;
  /** It is read, and kept among the attributes too: what it says is not all that is stored of it. */
  keep?: boolean | undefined;
  /** This stands for no value. */
  unless?: string | number | undefined;
  /** A lower tier wins over a higher one, whatever their tables. Default 0. */
  tier?: number | undefined;
}

export interface UsageName {
  bucket: string;
  /** The count that includes this one; absent for the sums themselves. */
  within?: "input" | "output" | undefined;
}

/** One convention's attribute names as data. A new convention is a new table, not new code. */
export interface AliasTable {
  convention: string;
  /** Which edition of the convention the names were taken from. */
  edition: string;
  /** In order: the first attribute present with a usable value wins. */
  fields: Readonly<Partial<Record<Field, readonly Source[]>>>;
  groups?: Readonly<Partial<Record<GroupField, readonly string[]>>> | undefined;
  /** Token counts: a prefix, and what may follow it, with `.` written as `_`. */
  usage?: { prefix: string; names: Readonly<Record<string, UsageName>> } | undefined;
  lists?: readonly FlatList[] | undefined;
}

export interface FlatList {
  list: ListField;
  /** Up to the index: `llm.input_messages.`. */
  prefix: string;
  /** Segments of the name that say nothing and are left out: `message` in `0.message.role`. */
  wrappers?: readonly string[] | undefined;
  /** Segments that have another name in the messages we store. */
  renames?: Readonly<Record<string, string>> | undefined;
}
