import type { ObservationRecord, ScoreRecord, TraceFields } from "../model/record.ts";
import type {
  CostDetails,
  EpochMs,
  ObservationLevel,
  ObservationStatus,
  ObservationType,
  ObservationLink,
  PromptReference,
  UsageDetails,
} from "../model/types.ts";

/** An observation as tests look at it: payloads parsed, with its children in order of their start. */
export interface Observed {
  id: string;
  traceId: string;
  parentId: string | undefined;
  type: ObservationType;
  name: string;
  level: ObservationLevel;
  status: ObservationStatus;
  statusMessage: string | undefined;
  startTime: EpochMs;
  endTime: EpochMs | undefined;
  completionStartTime: EpochMs | undefined;
  version: string | undefined;
  model: string | undefined;
  provider: string | undefined;
  modelParameters: unknown;
  usageDetails: UsageDetails | undefined;
  costDetails: CostDetails | undefined;
  prompt: PromptReference | undefined;
  link: ObservationLink | undefined;
  input: unknown;
  output: unknown;
  metadata: unknown;
  trace: Omit<TraceFields, "metadata"> & { metadata?: unknown };
  children: Observed[];
}

export interface ObservedTrace {
  traceId: string;
  /** Observations without a recorded parent. One, unless a parent is in another process or was not recorded. */
  roots: Observed[];
}

/** What `memory()` keeps. */
export interface Recorded {
  readonly observations: readonly ObservationRecord[];
  readonly scores?: readonly ScoreRecord[] | undefined;
}

/** The traces in order of their first start. An observation sent twice (`incomplete`, then ended) counts as its last record. */
export function readTraces({ observations }: Recorded): ObservedTrace[] {
  const byId = new Map<string, Observed>();
  for (const record of observations) if (record.phase === "end") byId.set(record.id, observe(record));
  const all = [...byId.values()].sort((a, b) => a.startTime - b.startTime);
  const traces = new Map<string, ObservedTrace>();
  for (const observed of all) {
    const parent = observed.parentId === undefined ? undefined : byId.get(observed.parentId);
    if (parent !== undefined && parent !== observed) {
      parent.children.push(observed);
      continue;
    }
    const trace = traces.get(observed.traceId);
    if (trace === undefined) traces.set(observed.traceId, { traceId: observed.traceId, roots: [observed] });
    else trace.roots.push(observed);
  }
  return [...traces.values()];
}

/** The observations and all below them, each before its children. */
export function flatten(observations: readonly Observed[]): Observed[] {
  return observations.flatMap((observed) => [observed, ...flatten(observed.children)]);
}

function observe(record: ObservationRecord): Observed {
  const trace = record.trace.current();
  return {
    id: record.id,
    traceId: record.traceId,
    parentId: record.parentId,
    type: record.type,
    name: record.name,
    level: record.level,
    status: record.status,
    statusMessage: record.statusMessage,
    startTime: record.startTime,
    endTime: record.endTime,
    completionStartTime: record.completionStartTime,
    version: record.version,
    model: record.model,
    provider: record.provider,
    usageDetails: record.usageDetails,
    costDetails: record.costDetails,
    prompt: record.prompt,
    link: record.link,
    modelParameters: parse(record.modelParameters),
    input: parse(record.input),
    output: parse(record.output),
    metadata: parse(record.metadata),
    trace: { ...trace, metadata: parse(trace.metadata) },
    children: [],
  };
}

function parse(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
