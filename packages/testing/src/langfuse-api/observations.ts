import { asObject, asObjects, asString, parseJson, type JsonObject } from "../json.ts";
import type { OtlpSpan } from "../sink/otlp-types.ts";
import { PAGE_FIELDS, PROJECT_ID, byCursor, newestFirst, nowText, numbered, readQuery, type Route } from "./context.ts";
import { olderScore } from "./scores.ts";
import { ApiRefusal, maybe, notFound, oneOf, text, time, whole } from "./shape.ts";
import type { LangfuseApiData } from "./types.ts";

/** The fields of each group of the newer route, beside `core`. */
const GROUPS: Record<string, readonly string[]> = {
  core: [],
  basic: [
    "name",
    "level",
    "statusMessage",
    "version",
    "environment",
    "public",
    "userId",
    "sessionId",
    "isRootObservation",
  ],
  time: ["completionStartTime", "createdAt", "updatedAt"],
  io: ["input", "output"],
  metadata: ["metadata"],
  model: ["providedModelName", "internalModelId", "modelParameters"],
  usage: ["usageDetails", "costDetails", "totalCost"],
  prompt: ["promptId", "promptName", "promptVersion"],
  metrics: ["latency", "timeToFirstToken"],
  trace_context: ["tags", "release", "traceName"],
};
const CORE = ["id", "traceId", "startTime", "endTime", "projectId", "parentObservationId", "type"];
/** Longer values of the metadata are cut unless `expandMetadata` names their key. */
const MAX_METADATA_CHARS = 200;

/** Keeps a span as Langfuse maps our exporter's attributes; a short form of `reference/langfuse.md` 5b. */
export function keepSpan(
  data: LangfuseApiData,
  { traceId, spanId, parentSpanId, name, attributes, ...span }: OtlpSpan,
): void {
  const attribute = (key: string): string | null => (typeof attributes[key] === "string" ? attributes[key] : null);
  const json = (key: string): unknown => (attribute(key) === null ? null : parseJson(attribute(key)!));
  const [startMs, endMs] = [span.startTimeUnixNano, span.endTimeUnixNano].map((nano) => Number(nano) / 1e6) as [
    number,
    number,
  ];
  data.observations.set(spanId, {
    id: spanId,
    traceId,
    projectId: PROJECT_ID,
    parentObservationId: parentSpanId ?? null,
    isRootObservation: parentSpanId === undefined,
    type: (attribute("langfuse.observation.type") ?? "span").toUpperCase(),
    name,
    startTime: new Date(startMs).toISOString(),
    endTime: new Date(endMs).toISOString(),
    level: attribute("langfuse.observation.level") ?? "DEFAULT",
    statusMessage: attribute("langfuse.observation.status_message"),
    version: attribute("langfuse.version"),
    environment: attribute("langfuse.environment") ?? "default",
    input: attribute("langfuse.observation.input"),
    output: attribute("langfuse.observation.output"),
    metadata: json("langfuse.observation.metadata"),
    providedModelName: attribute("gen_ai.response.model"),
    usageDetails: json("langfuse.observation.usage_details") ?? {},
    costDetails: json("langfuse.observation.cost_details") ?? {},
    latency: (endMs - startMs) / 1000,
    userId: attribute("user.id"),
    sessionId: attribute("session.id"),
    traceName: attribute("langfuse.trace.name"),
    tags: attributes["langfuse.trace.tags"] ?? [],
    createdAt: nowText(),
    updatedAt: nowText(),
  });
}

function cutMetadata(metadata: unknown, expanded: readonly string[]): unknown {
  const entries = Object.entries(asObject(metadata));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      typeof value === "string" && !expanded.includes(key) ? value.slice(0, MAX_METADATA_CHARS) : value,
    ]),
  );
}

function selectFields(observation: JsonObject, fields: string, expanded: readonly string[]): JsonObject {
  const keys = [...CORE, ...fields.split(",").flatMap((group) => GROUPS[group] ?? [])];
  const selected: JsonObject = Object.fromEntries(keys.map((key) => [key, observation[key] ?? null]));
  if ("metadata" in selected) selected["metadata"] = cutMetadata(selected["metadata"], expanded);
  return selected;
}

const FILTERS = ["traceId", "name", "type", "level", "userId", "parentObservationId", "environment", "version"];
const FILTER_FIELDS = {
  ...Object.fromEntries(FILTERS.map((key) => [key, maybe(text)])),
  fromStartTime: maybe(time),
  toStartTime: maybe(time),
};

function byQuery(data: LangfuseApiData, query: JsonObject): JsonObject[] {
  const from = Date.parse(asString(query["fromStartTime"]));
  const to = Date.parse(asString(query["toStartTime"]));
  return [...data.observations.values()].filter((observation) => {
    const at = Date.parse(asString(observation["startTime"]));
    if (at < from || at >= to) return false;
    return FILTERS.every((key) => query[key] === undefined || observation[key] === query[key]);
  });
}

const COLUMNS = [
  "isRootObservation",
  "traceName",
  "userId",
  "sessionId",
  "environment",
  "version",
  "tags",
  "startTime",
  "traceId",
];

/** The conditions of `filter`; those this fake does not know are refused, not ignored. */
function byFilter(data: LangfuseApiData, filter: string): JsonObject[] {
  const conditions = asObjects(parseJson(filter));
  const unknown = conditions.find(({ column }) => !COLUMNS.includes(asString(column)));
  if (unknown !== undefined) throw new ApiRefusal(400, `Invalid filter column: ${asString(unknown["column"])}`);
  return [...data.observations.values()].filter((observation) =>
    conditions.every(({ type, column, operator, value }) => {
      const actual = observation[asString(column)];
      switch (`${asString(type)} ${asString(operator)}`) {
        case "boolean =":
        case "string =":
          return actual === value;
        case "arrayOptions all of":
          return (value as string[]).every((tag) => (actual as string[]).includes(tag));
        case "datetime >=":
          return asString(actual) >= asString(value);
        case "datetime <":
          return asString(actual) < asString(value);
        default:
          throw new ApiRefusal(400, `Invalid filter: ${asString(type)} ${asString(operator)}`);
      }
    }),
  );
}

/** What belongs to the trace is told by the trace there. */
const NEWER_ONLY: ReadonlySet<string> = new Set(["userId", "sessionId", "traceName", "tags", "isRootObservation"]);

/** Payloads parsed, and the model under its older name. */
function olderObservation(observation: JsonObject): JsonObject {
  const { providedModelName, ...rest } = observation;
  const older = { ...rest, model: providedModelName, input: parsed(rest["input"]), output: parsed(rest["output"]) };
  return Object.fromEntries(Object.entries(older).filter(([key]) => !NEWER_ONLY.has(key)));
}

function parsed(value: unknown): unknown {
  try {
    return parseJson(asString(value));
  } catch {
    return value;
  }
}

function traceOf(data: LangfuseApiData, traceId: string): JsonObject {
  const all = [...data.observations.values()].filter((observation) => observation["traceId"] === traceId);
  const root = all.find((observation) => observation["isRootObservation"] === true) ?? all[0];
  if (root === undefined) throw notFound("Trace not found within authorized project");
  return {
    id: traceId,
    timestamp: root["startTime"],
    name: root["traceName"] ?? root["name"],
    userId: root["userId"],
    sessionId: root["sessionId"],
    tags: root["tags"],
    metadata: root["metadata"],
    version: root["version"],
    environment: root["environment"],
    input: parsed(root["input"]),
    output: parsed(root["output"]),
    latency: root["latency"],
    totalCost: 0,
    htmlPath: `/project/${PROJECT_ID}/traces/${traceId}`,
  };
}

export const observationRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/api\/public\/v2\/observations$/,
    version: 4,
    answer({ request, data }) {
      const query = readQuery(request, {
        ...FILTER_FIELDS,
        limit: maybe(whole(1, 1000)),
        cursor: maybe(text),
        fields: maybe(text),
        filter: maybe(text),
        expandMetadata: maybe(text),
      });
      const fields = asString(query["fields"], "core,basic");
      for (const group of fields.split(",")) {
        if (GROUPS[group] === undefined) throw new ApiRefusal(400, "Invalid request data", [`fields: ${group}`]);
      }
      const all = query["filter"] === undefined ? byQuery(data, query) : byFilter(data, asString(query["filter"]));
      const { data: page, cursor } = byCursor(newestFirst(all, "startTime"), query);
      const expanded = asString(query["expandMetadata"]).split(",");
      const meta = cursor === undefined ? {} : { cursor };
      return { status: 200, body: { data: page.map((item) => selectFields(item, fields, expanded)), meta } };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/observations$/,
    version: 3,
    answer({ request, data }) {
      const types = [
        "SPAN",
        "GENERATION",
        "EVENT",
        "AGENT",
        "TOOL",
        "CHAIN",
        "RETRIEVER",
        "EMBEDDING",
        "EVALUATOR",
        "GUARDRAIL",
      ];
      const query = readQuery(request, { ...PAGE_FIELDS, ...FILTER_FIELDS, type: maybe(oneOf(...types)) });
      return numbered(newestFirst(byQuery(data, query), "startTime").map(olderObservation), query);
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/traces$/,
    version: 3,
    answer({ request, data }) {
      const filters = { name: maybe(text), userId: maybe(text), sessionId: maybe(text), tags: maybe(text) };
      const query = readQuery(request, {
        ...PAGE_FIELDS,
        ...filters,
        fromTimestamp: maybe(time),
        toTimestamp: maybe(time),
      });
      const ids = new Set([...data.observations.values()].map((observation) => asString(observation["traceId"])));
      const traces = [...ids]
        .map((id) => traceOf(data, id))
        .filter((trace) => {
          const tags = request.query.getAll("tags");
          if (!tags.every((tag) => (trace["tags"] as string[]).includes(tag))) return false;
          return ["name", "userId", "sessionId"].every((key) => query[key] === undefined || trace[key] === query[key]);
        });
      const lists = { observations: [], scores: [] };
      return numbered(
        newestFirst(traces, "timestamp").map((trace) => ({ ...trace, ...lists })),
        query,
      );
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/traces\/([^/]+)$/,
    version: 3,
    answer({ data, parts }) {
      const trace = traceOf(data, parts[0]!);
      const observations = [...data.observations.values()]
        .filter((item) => item["traceId"] === parts[0])
        .map(olderObservation);
      const scores = [...data.scores.values()].filter((score) => score["traceId"] === parts[0]).map(olderScore);
      return { status: 200, body: { ...trace, observations, scores } };
    },
  },
];
