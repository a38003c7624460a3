import type { TraceDetail, TraceListResponse } from "../../api/types.ts";
import type { ObservationRow, StoredObservation } from "../../model/observation.ts";
import { compareRows, describeTrace, findRoot, summarizeTrace } from "../../query/summary.ts";
import type { CountReads, StoredCounts } from "../counts.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { ListTracesOptions, ObservationReads, ObservationRecord } from "../observations.ts";
import { toRecord } from "../record.ts";
import type { RowReads } from "../rows.ts";
import type { MemoryScores } from "./scores.ts";

type Traces = Map<string, Map<string, StoredObservation>>;

export class MemoryObservations implements ObservationReads, RowReads, CountReads {
  readonly #projects = new Map<string, Traces>();
  readonly #scores: MemoryScores;

  constructor(scores: MemoryScores) {
    this.#scores = scores;
  }

  write(projectId: string, observation: StoredObservation): void {
    const traces = this.#traces(projectId);
    let trace = traces.get(observation.traceId);
    if (trace === undefined) traces.set(observation.traceId, (trace = new Map<string, StoredObservation>()));
    const stored = trace.get(observation.id);
    if (stored === undefined || observation.rank >= stored.rank) trace.set(observation.id, observation);
  }

  async countStored(projectId: string): Promise<StoredCounts> {
    const traces = [...this.#traces(projectId).values()];
    return { traces: traces.length, observations: traces.reduce((sum, rows) => sum + rows.size, 0) };
  }

  async listTraces(projectId: string, options: ListTracesOptions): Promise<TraceListResponse> {
    const traces = this.#traces(projectId);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor);
    const keys = [...traces]
      .map(([traceId, rows]) => ({ traceId, startTime: Math.min(...[...rows.values()].map((row) => row.startTime)) }))
      .filter(
        (key) =>
          after === undefined ||
          key.startTime < after.startTime ||
          (key.startTime === after.startTime && key.traceId < after.traceId),
      )
      .toSorted((a, b) => b.startTime - a.startTime || (a.traceId < b.traceId ? 1 : -1));
    const page = keys.slice(0, options.limit);
    const last = page.at(-1);
    return {
      data: page.map((key) =>
        summarizeTrace(projectId, this.#rows(projectId, key.traceId), this.#scores.ofTrace(projectId, key.traceId)),
      ),
      nextCursor: last !== undefined && keys.length > page.length ? encodeCursor(last) : null,
    };
  }

  async getTrace(projectId: string, traceId: string): Promise<TraceDetail | null> {
    const rows = this.#rows(projectId, traceId);
    const root = findRoot(rows);
    if (root === undefined) return null;
    const metadata = this.#traces(projectId).get(traceId)?.get(root.id)?.payload.traceMetadata ?? null;
    return describeTrace(projectId, rows, this.#scores.ofTrace(projectId, traceId), metadata);
  }

  async getObservation(projectId: string, traceId: string, id: string): Promise<ObservationRecord | null> {
    const stored = this.#traces(projectId).get(traceId)?.get(id);
    if (stored === undefined) return null;
    const scores = this.#scores.ofTrace(projectId, traceId).filter((score) => score.observationId === id);
    return toRecord(toRow(stored), stored.payload, scores);
  }

  async readRows(projectId: string, traceId: string, ids?: readonly string[]): Promise<StoredObservation[]> {
    const trace = this.#traces(projectId).get(traceId);
    const rows = ids === undefined ? [...(trace?.values() ?? [])] : ids.flatMap((id) => trace?.get(id) ?? []);
    return structuredClone(rows).toSorted(compareRows);
  }

  /** Everything, for areas that look across traces. */
  *all(): Iterable<{ projectId: string; row: StoredObservation }> {
    for (const [projectId, traces] of this.#projects) {
      for (const trace of traces.values()) for (const row of trace.values()) yield { projectId, row };
    }
  }

  #traces(projectId: string): Traces {
    let traces = this.#projects.get(projectId);
    if (traces === undefined) this.#projects.set(projectId, (traces = new Map()));
    return traces;
  }

  #rows(projectId: string, traceId: string): ObservationRow[] {
    return [...(this.#traces(projectId).get(traceId)?.values() ?? [])].map(toRow).toSorted(compareRows);
  }
}

function toRow(observation: StoredObservation): ObservationRow {
  const { payload, ...row } = observation;
  return { ...row, hasInput: payload.input !== null, hasOutput: payload.output !== null };
}
