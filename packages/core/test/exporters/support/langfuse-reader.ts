import { attributesOf, type OfficialRequest, type OfficialSpan } from "./official-otlp.ts";

/**
 * What Langfuse 4 makes of an OTLP export, by its published mapping (reference/langfuse.md 5b; Langfuse's
 * `OtelIngestionProcessor` and `ObservationTypeMapper`), written apart from core's table on purpose.
 */
export interface LangfuseObservation {
  id: string;
  traceId: string;
  parentObservationId: string | undefined;
  isRoot: boolean;
  type: string;
  name: string;
  startTime: string;
  endTime: string | undefined;
  completionStartTime: string | undefined;
  level: string;
  statusMessage: string | undefined;
  input: unknown;
  output: unknown;
  metadata: Record<string, unknown>;
  model: unknown;
  modelParameters: unknown;
  usageDetails: Record<string, number>;
  costDetails: Record<string, number>;
  promptName: unknown;
  promptVersion: unknown;
  environment: string;
  release: unknown;
  version: unknown;
  traceName: unknown;
  userId: unknown;
  sessionId: unknown;
  tags: unknown;
  public: boolean;
  traceMetadata: Record<string, unknown>;
  /** Attributes that no rule reads: Langfuse shows them as `metadata.attributes`. */
  unread: string[];
}

const TYPES = new Set("span generation event embedding agent tool chain retriever evaluator guardrail".split(" "));

const OPERATIONS: Record<string, string> = {
  chat: "GENERATION",
  text_completion: "GENERATION",
  generate_content: "GENERATION",
  embeddings: "EMBEDDING",
  invoke_agent: "AGENT",
  execute_tool: "TOOL",
};

/** The 400 that Langfuse answers, for the whole export, when one span of it is malformed. */
export class RejectedExport extends Error {}

export function readAsLangfuse(request: OfficialRequest): LangfuseObservation[] {
  const observations: LangfuseObservation[] = [];
  for (const { resource, scopeSpans } of request.resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const span of spans) validate(span);
      const resourceAttributes = attributesOf(resource.attributes);
      for (const span of spans) observations.push(read(span, resourceAttributes));
    }
  }
  return observations;
}

function validate(span: OfficialSpan): void {
  const isId = (id: unknown, digits: number): boolean =>
    typeof id === "string" && new RegExp(`^[0-9a-f]{${digits}}$`).test(id) && !/^0+$/.test(id);
  if (!isId(span.traceId, 32) || !isId(span.spanId, 16)) throw new RejectedExport("ids");
  if (span.parentSpanId && !isId(span.parentSpanId, 16)) throw new RejectedExport("parent id");
  if (!Array.isArray(span.attributes)) throw new RejectedExport("attributes");
  for (const pair of span.attributes) {
    if (typeof pair.key !== "string" || pair.key === "" || typeof pair.value !== "object") {
      throw new RejectedExport("an attribute");
    }
  }
}

function read(span: OfficialSpan, resource: Record<string, unknown>): LangfuseObservation {
  const attributes = attributesOf(span.attributes);
  const unread = new Set(Object.keys(attributes));
  const take = (...keys: string[]): unknown => {
    for (const key of keys) unread.delete(key);
    return keys.map((key) => attributes[key]).find((value) => value !== undefined && value !== "");
  };
  const object = (key: string): Record<string, unknown> => {
    const value = take(key);
    const whole = typeof value === "string" ? (JSON.parse(value) as Record<string, unknown>) : {};
    const byKey = Object.entries(attributes).filter(([name]) => name.startsWith(`${key}.`));
    for (const [name, one] of byKey) {
      unread.delete(name);
      whole[name.slice(key.length + 1)] = one;
    }
    return whole;
  };

  const model = take("gen_ai.response.model", "ai.model.id", "gen_ai.request.model", "langfuse.observation.model.name");
  const type = typeOf(take("langfuse.observation.type"), take("gen_ai.operation.name"), model);
  const isGeneration = type === "GENERATION";
  const prompt = [take("langfuse.observation.prompt.name"), take("langfuse.observation.prompt.version")];
  const completion = take("langfuse.observation.completion_start_time");
  const level = take("langfuse.observation.level");
  const message = take("langfuse.observation.status_message");
  take("gen_ai.provider.name");

  const observation = {
    id: span.spanId,
    traceId: span.traceId,
    parentObservationId: span.parentSpanId,
    isRoot: span.parentSpanId === undefined || take("langfuse.internal.is_app_root") === true,
    type,
    // The tool's name overrides the span's.
    name: (take("gen_ai.tool.name") as string | undefined) ?? span.name,
    startTime: timeOf(span.startTimeUnixNano)!,
    endTime: timeOf(span.endTimeUnixNano),
    completionStartTime:
      typeof completion === "string" ? new Date(completion.replaceAll('"', "")).toISOString() : undefined,
    level: typeof level === "string" ? level.toUpperCase() : span.status?.code === 2 ? "ERROR" : "DEFAULT",
    statusMessage: (message as string | undefined) ?? (span.status?.message || undefined),
    input: take("langfuse.observation.input", "gen_ai.input.messages", "input.value"),
    output: take("langfuse.observation.output", "gen_ai.output.messages", "output.value"),
    metadata: object("langfuse.observation.metadata"),
    model,
    modelParameters: object("langfuse.observation.model.parameters"),
    usageDetails: usageOf(attributes, take),
    costDetails: counts(object("langfuse.observation.cost_details"), () => true),
    promptName: isGeneration ? prompt[0] : undefined,
    promptVersion: isGeneration ? prompt[1] : undefined,
    environment: environmentOf(
      take("langfuse.environment", "deployment.environment.name") ?? resource["deployment.environment.name"],
    ),
    release: take("langfuse.release") ?? resource["langfuse.release"],
    version: take("langfuse.version") ?? resource["service.version"],
    traceName: take("langfuse.trace.name"),
    userId: take("user.id", "langfuse.user.id"),
    sessionId: take("session.id", "langfuse.session.id", "gen_ai.conversation.id"),
    tags: take("langfuse.trace.tags"),
    public: take("langfuse.trace.public") === true,
    traceMetadata: object("langfuse.trace.metadata"),
  };
  return { ...observation, unread: [...unread] };
}

function typeOf(given: unknown, operation: unknown, model: unknown): string {
  if (typeof given === "string" && TYPES.has(given.toLowerCase())) return given.toUpperCase();
  if (typeof operation === "string" && OPERATIONS[operation]) return OPERATIONS[operation];
  return model === undefined ? "SPAN" : "GENERATION";
}

/** `usage_details` is taken as it is and wins; `gen_ai.usage.*` counts inclusively and would be taken apart. */
function usageOf(attributes: Record<string, unknown>, take: (key: string) => unknown): Record<string, number> {
  for (const key of Object.keys(attributes)) if (key.startsWith("gen_ai.usage.")) take(key);
  const given = take("langfuse.observation.usage_details");
  if (typeof given !== "string") return {};
  return counts(JSON.parse(given) as Record<string, unknown>, Number.isInteger);
}

function counts(given: Record<string, unknown>, isCount: (value: number) => boolean): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] >= 0 && isCount(entry[1]),
    ),
  );
}

function environmentOf(given: unknown): string {
  const name =
    typeof given === "string"
      ? given
          .toLowerCase()
          .replace(/^langfuse/, "")
          .slice(0, 40)
      : "";
  return name === "" ? "default" : name;
}

function timeOf(nanos: string | undefined): string | undefined {
  return nanos === undefined ? undefined : new Date(Number(BigInt(nanos) / 1_000_000n)).toISOString();
}
