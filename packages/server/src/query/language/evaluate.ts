import type { Score, TraceSummary } from "../../api/types.ts";
import type { StoredObservation } from "../../model/observation.ts";
import { matchesGlob } from "../../search/glob.ts";
import { searchableTokens } from "../../search/searchable.ts";
import { matchesText, tokenize } from "../../search/text.ts";
import { countTokens } from "../totals.ts";
import type { FieldRef, QueryNode } from "./ast.ts";
import { fieldOf } from "./fields.ts";
import { indexedMetadata } from "../../search/metadata.ts";

/** A trace as queries see it. */
export interface TraceView {
  summary: TraceSummary;
  rootId: string;
  version: string | null;
  public: boolean;
  rows: readonly StoredObservation[];
  scores: readonly Score[];
}

/** What a query is asked about: a trace, or one of its observations. */
export interface Subject {
  trace: TraceView;
  observation: StoredObservation | null;
}

/** Whether the query holds; what the SQL of the other store says, in plain steps. */
export function evaluate(node: QueryNode, subject: Subject): boolean {
  switch (node.kind) {
    case "and":
      return node.nodes.every((child) => evaluate(child, subject));
    case "or":
      return node.nodes.some((child) => evaluate(child, subject));
    case "not":
      return !evaluate(node.node, subject);
    case "text":
      return rowsOf(subject).some((row) =>
        [[...tokenize(row.name)], ...searchableTokens(row.payload.input), ...searchableTokens(row.payload.output)].some(
          (tokens) => matchesText(tokens, node.pattern),
        ),
      );
    case "has":
      // A score is there whatever it says.
      return valuesOf(node.field, subject).some(
        (value) => value !== null && (value !== "" || node.field.name === "scores"),
      );
    case "flag":
      return valuesOf(node.field, subject).includes(node.value);
    case "match":
      return valuesOf(node.field, subject).some((value) => matches(value, node.value, node.wildcard, node.field));
    case "range":
      return valuesOf(node.field, subject).some((value) => {
        const number = numberOf(value);
        if (number === null) return false;
        const { min, max } = node;
        if (min !== null && (min.inclusive ? number < min.value : number <= min.value)) return false;
        return max === null || (max.inclusive ? number <= max.value : number < max.value);
      });
  }
}

type Value = string | number | boolean | null;

function matches(value: Value, wanted: string, wildcard: boolean, field: FieldRef): boolean {
  if (value === null) return false;
  if (field.name === "scores" && typeof value === "number") {
    return !wildcard && wanted.trim() !== "" && Number(wanted) === value;
  }
  const text = String(value);
  return wildcard ? matchesGlob(wanted.split("*"), text) : text === wanted;
}

function numberOf(value: Value): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^[0-9.eE+-]*$/.test(value) || !/[0-9]/.test(value)) return null;
  const number = Number.parseFloat(value);
  return Number.isNaN(number) ? 0 : number;
}

/** The rows a clause speaks of: any of the trace's, or the one. */
function rowsOf({ trace, observation }: Subject): readonly StoredObservation[] {
  return observation === null ? trace.rows : [observation];
}

export function valuesOf(field: FieldRef, subject: Subject): Value[] {
  const { trace, observation } = subject;
  if (field.name === "scores") {
    return trace.scores
      .filter(
        (score) =>
          (field.key === null || score.name === field.key) &&
          (observation === null || score.observationId === observation.id),
      )
      .flatMap((score): Value[] => [score.value, score.stringValue]);
  }
  if (field.name === "metadata") {
    if (observation !== null) return metadataValues(observation, field.key);
    return trace.rows.flatMap((row) => traceMetadataValues(row, field.key));
  }
  if (observation !== null) {
    const value = rowValue(field, observation);
    return value === undefined ? traceValues(field, trace) : [value];
  }
  // Among the values of a trace's rows, one that is empty is none.
  if (fieldOf(field.name).onTraces === "any") return trace.rows.map((row) => rowValue(field, row) || null);
  return traceValues(field, trace);
}

function metadataValues({ payload }: StoredObservation, key: string | null): Value[] {
  if (key === null) return [payload.metadata ?? payload.traceMetadata];
  const all = { ...indexedMetadata(payload.traceMetadata), ...indexedMetadata(payload.metadata) };
  return Object.hasOwn(all, key) ? [all[key] ?? null] : [];
}

/** What the row says of itself, and what it says of its trace. */
function traceMetadataValues({ payload }: StoredObservation, key: string | null): Value[] {
  if (key === null) return [payload.metadata ?? payload.traceMetadata];
  return [payload.metadata, payload.traceMetadata].map(indexedMetadata).flatMap((all) => {
    const value = Object.hasOwn(all, key) ? all[key] : undefined;
    return value === undefined || value === "" ? [] : [value];
  });
}

function traceValues({ name }: FieldRef, { summary, version, public: isPublic, rows }: TraceView): Value[] {
  switch (name) {
    case "name":
    case "traceName":
      return [summary.name];
    case "id":
    case "trace":
      return [summary.traceId];
    case "user":
      return [summary.userId];
    case "session":
      return [summary.sessionId];
    case "environment":
      return [summary.environment];
    case "release":
      return [summary.release];
    case "version":
      return [version];
    case "tag":
      return summary.tags;
    case "status":
      return [summary.status];
    case "public":
      return [isPublic];
    case "start":
      return [summary.startTime];
    case "end":
      return [summary.endTime];
    case "latency":
      return [summary.durationMs];
    case "firstToken": {
      const times = rows.flatMap((row) => row.completionStartTime ?? []);
      return times.length === 0 ? [] : [Math.max(0, Math.min(...times) - summary.startTime)];
    }
    case "cost":
      return [summary.cost];
    case "tokens":
      return [summary.totalTokens];
    case "inputTokens":
      return [summary.inputTokens];
    case "outputTokens":
      return [summary.outputTokens];
    case "errors":
      return [summary.errorCount];
    case "observations":
      return [summary.observationCount];
    default:
      return [];
  }
}

/** `undefined` for what only the trace has. */
function rowValue({ name }: FieldRef, row: StoredObservation): Value | undefined {
  const tokens = row.usage === null ? null : countTokens(row.usage);
  switch (name) {
    case "name":
    case "observation":
      return row.name;
    case "id":
      return row.id;
    case "type":
      return row.type;
    case "level":
      return row.level;
    case "status":
      return row.status;
    case "statusMessage":
      return row.statusMessage;
    case "model":
      return row.model;
    case "provider":
      return row.provider;
    case "prompt":
      return row.promptName;
    case "parent":
      return row.parentId;
    case "root":
      return row.isRoot;
    case "start":
      return row.startTime;
    case "end":
      return row.endTime;
    case "latency":
      return row.endTime === null ? null : row.endTime - row.startTime;
    case "firstToken":
      return row.completionStartTime === null ? null : Math.max(0, row.completionStartTime - row.startTime);
    case "cost":
      return row.cost?.["total"] ?? null;
    case "tokens":
      return tokens?.total ?? null;
    case "inputTokens":
      return tokens?.input ?? null;
    case "outputTokens":
      return tokens?.output ?? null;
    default:
      return undefined;
  }
}
