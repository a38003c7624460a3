// The mock's share of the API of lists: a small part of the query language over generated rows, facets, density and skeletons.

const DURATION = /^([\d.]+)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const TRACE_FIELDS = {
  status: (row) => [row.status],
  name: (row) => [row.name],
  id: (row) => [row.id ?? row.traceId],
  trace: (row) => [row.traceId],
  user: (row) => [row.userId],
  session: (row) => [row.sessionId],
  tag: (row) => row.tags,
  model: (row) => row.models,
  environment: (row) => [row.environment],
  release: (row) => [row.release],
  cost: (row) => [row.cost],
  tokens: (row) => [row.totalTokens],
  latency: (row) => [row.durationMs],
  errors: (row) => [row.errorCount],
};

const OBSERVATION_FIELDS = {
  ...TRACE_FIELDS,
  type: (row) => [row.type],
  model: (row) => [row.model],
  cost: (row) => [row.totalCost],
  level: (row) => [row.level],
};

export const QUERY_FIELDS = [
  {
    name: "status",
    kind: "enum",
    description: "running, ok, error, …",
    values: ["running", "ok", "error", "cancelled", "interrupted", "incomplete"],
    facet: true,
  },
  { name: "name", kind: "text", description: "The name", values: [], facet: true },
  { name: "model", kind: "text", description: "A model that was used", values: [], facet: true },
  { name: "environment", kind: "text", description: "The environment", values: [], facet: true },
  { name: "user", kind: "text", description: "Whose it was", values: [], facet: true },
  { name: "session", kind: "text", description: "The session", values: [], facet: false },
  { name: "tag", kind: "text", description: "A tag", values: [], facet: true },
  { name: "release", kind: "text", description: "The release", values: [], facet: false },
  { name: "cost", kind: "number", description: "US dollars: cost:>0.01", values: [], facet: false },
  { name: "tokens", kind: "number", description: "All tokens", values: [], facet: false },
  { name: "latency", kind: "duration", description: "latency:>2", values: [], facet: false },
  { name: "errors", kind: "number", description: "Failed observations", values: [], facet: false },
  { name: "id", kind: "text", description: "The trace's id", values: [], facet: false },
  { name: "metadata.", kind: "key", description: "A key of the metadata", values: [], facet: false },
  { name: "scores.", kind: "key", description: "A score by name", values: [], facet: false },
];

export class BadQuery extends Error {
  constructor(message, start, end, suggestions) {
    super(message);
    this.body = { error: "bad_query", message, start, end, suggestions };
  }
}

const CLAUSE = /(-?)(?:(\w+):(>=|<=|>|<)?)?("(?:[^"\\]|\\.)*"|\([^)]*\)|[^\s]+)/g;

export function compile(q, target) {
  const fields = target === "traces" ? TRACE_FIELDS : OBSERVATION_FIELDS;
  const tests = [];
  for (const match of (q ?? "").matchAll(CLAUSE)) {
    const [, minus, name, operator, text] = match;
    const values = (text.startsWith("(") ? text.slice(1, -1) : text)
      .match(/"(?:[^"\\]|\\.)*"|[^\s]+/g)
      .filter((value) => value !== "OR")
      .map((value) => value.replace(/^"|"$/g, "").replaceAll(/\\(.)/g, "$1"));
    let test;
    if (name === undefined) {
      test = (row) => values.every((value) => JSON.stringify(row).toLowerCase().includes(value.toLowerCase()));
    } else if (fields[name] === undefined) {
      const close = Object.keys(fields).filter((field) => field.startsWith(name[0]));
      throw new BadQuery(`There is no field “${name}”.`, match.index, match.index + name.length, close.slice(0, 3));
    } else {
      test = (row) => fields[name](row).some((own) => values.some((value) => compare(own, operator, value)));
    }
    tests.push({ name, test: minus === "" ? test : (row) => !test(row) });
  }
  return tests;
}

function compare(own, operator, value) {
  if (own === null || own === undefined) return false;
  if (operator === undefined) return String(own).toLowerCase() === value.toLowerCase();
  const duration = DURATION.exec(value);
  const number = duration === null ? Number(value) : Number(duration[1]) * (UNIT_MS[duration[2]] ?? 1);
  return operator.startsWith(">")
    ? own > number || (operator === ">=" && own === number)
    : own < number || (operator === "<=" && own === number);
}

const inRange = (row, params) =>
  row.startTime >= Number(params.get("from") ?? 0) &&
  row.startTime < Number(params.get("to") ?? Number.POSITIVE_INFINITY);

export function select(rows, params, target, without) {
  const tests = compile(params.get("q"), target).filter(({ name }) => name === undefined || name !== without);
  return rows.filter((row) => inRange(row, params) && tests.every(({ test }) => test(row)));
}

const SORTS = {
  start: (row) => row.startTime,
  duration: (row) => row.durationMs ?? -1,
  cost: (row) => row.cost ?? row.totalCost ?? -1,
  tokens: (row) => row.totalTokens ?? -1,
  name: (row) => row.name,
  errors: (row) => row.errorCount,
  observations: (row) => row.observationCount,
};

export function page(rows, params) {
  const sort = params.get("sort") ?? "-start";
  const key = SORTS[sort.replace("-", "")];
  const sign = sort.startsWith("-") ? -1 : 1;
  const sorted = rows.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  const limit = Number(params.get("limit") ?? 50);
  const from = Number(params.get("cursor") ?? 0);
  return {
    data: sorted.slice(from, from + limit),
    nextCursor: from + limit < sorted.length ? String(from + limit) : null,
  };
}

export function facets(rows, params, target) {
  const fields = target === "traces" ? TRACE_FIELDS : OBSERVATION_FIELDS;
  return QUERY_FIELDS.filter(({ facet }) => facet).map(({ name: field }) => {
    const counts = new Map();
    for (const row of select(rows, params, target, field)) {
      for (const value of fields[field](row)) {
        if (value !== null && value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    const values = [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count);
    return { field, values: values.slice(0, 20), truncated: values.length > 20 };
  });
}

export function density(rows, params, target) {
  const selected = select(rows, params, target);
  const count = Number(params.get("buckets") ?? 60);
  const from = Number(params.get("from") ?? Math.min(...selected.map((row) => row.startTime), Date.now() - 60_000));
  const to = Number(params.get("to") ?? Date.now());
  const bucketMs = Math.max(1, Math.ceil((to - from) / count));
  const buckets = Array.from({ length: count }, () => ({ count: 0, errors: 0, cost: null, maxDurationMs: null }));
  for (const row of selected) {
    const bucket = buckets[Math.floor((row.startTime - from) / bucketMs)];
    if (bucket === undefined) continue;
    const cost = row.cost ?? row.totalCost ?? null;
    bucket.count++;
    if (row.status === "error") bucket.errors++;
    if (typeof cost === "number") bucket.cost = (bucket.cost ?? 0) + cost;
    if (row.durationMs !== null) bucket.maxDurationMs = Math.max(bucket.maxDurationMs ?? 0, row.durationMs);
  }
  const top = (kind, valueOf) =>
    selected
      .filter((row) => typeof valueOf(row) === "number")
      .toSorted((a, b) => valueOf(b) - valueOf(a))
      .slice(0, 5)
      .map((row) => ({
        kind,
        time: row.startTime,
        value: valueOf(row),
        traceId: row.traceId,
        observationId: row.id ?? null,
      }));
  return {
    from,
    to: from + bucketMs * count,
    bucketMs,
    buckets,
    outliers: [...top("duration", (row) => row.durationMs), ...top("cost", (row) => row.cost ?? row.totalCost)],
  };
}

export function observationRows(traces) {
  return traces.flatMap(({ trace, observations, details }) =>
    observations.map((observation) => {
      const detail = details.get(observation.id);
      const text = (value) =>
        value === null || value === undefined
          ? null
          : (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 300);
      return {
        ...observation,
        projectId: trace.projectId,
        traceName: trace.name,
        userId: trace.userId,
        sessionId: trace.sessionId,
        tags: trace.tags,
        environment: trace.environment,
        inputPreview: text(detail.input),
        outputPreview: text(detail.output),
        durationMs: observation.endTime === null ? null : observation.endTime - observation.startTime,
        totalTokens: observation.usage?.total ?? null,
        totalCost: observation.cost?.total ?? null,
        scores: detail.scores,
      };
    }),
  );
}

export function skeleton({ trace, observations, details }) {
  const sorted = observations.toSorted((a, b) => a.startTime - b.startTime || (a.id < b.id ? -1 : 1));
  const dictionary = [""];
  const known = new Map([["", 0]]);
  const word = (text) => {
    const key = text ?? "";
    if (!known.has(key)) known.set(key, dictionary.push(key) - 1);
    return known.get(key);
  };
  const indexOf = new Map(sorted.map(({ id }, index) => [id, index]));
  const startTime = sorted[0]?.startTime ?? trace.startTime;
  const side = (usage, name) =>
    Object.entries(usage ?? {}).reduce((sum, [key, value]) => (key.startsWith(name) ? sum + value : sum), 0);
  return {
    traceId: trace.traceId,
    projectId: trace.projectId,
    count: sorted.length,
    ids: sorted.map(({ id }) => id),
    parents: sorted.map(({ parentId }) => (parentId === null ? -1 : (indexOf.get(parentId) ?? -2))),
    names: sorted.map(({ name }) => word(name)),
    types: sorted.map(({ type }) => word(type)),
    models: sorted.map(({ model }) => word(model)),
    statuses: sorted.map(({ status }) => word(status)),
    levels: sorted.map(({ level }) => word(level)),
    dictionary,
    startMicros: sorted.map((o) => Math.round((o.startTime - startTime) * 1000)),
    durationMicros: sorted.map((o) => (o.endTime === null ? -1 : Math.round((o.endTime - o.startTime) * 1000))),
    firstTokenMicros: sorted.map((o) =>
      o.completionStartTime === null ? -1 : Math.round((o.completionStartTime - o.startTime) * 1000),
    ),
    inputTokens: sorted.map((o) => side(o.usage, "input")),
    outputTokens: sorted.map((o) => side(o.usage, "output")),
    costs: sorted.map((o) => o.cost?.total ?? -1),
    flags: sorted.map(
      (o) =>
        (o.hasInput ? 1 : 0) |
        (o.hasOutput ? 2 : 0) |
        (o.usageAggregate ? 4 : 0) |
        (o.costSource === "provided" ? 8 : 0) |
        (details.get(o.id).scores.length > 0 ? 16 : 0) |
        (o.statusMessage === null ? 0 : 32),
    ),
    startTime,
  };
}
