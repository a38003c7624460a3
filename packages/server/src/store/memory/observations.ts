import type { DensityResponse, Facet, ObservationListRow, Page, SortField } from "../../api/lists.ts";
import type { Score, TraceDetail, TraceSummary } from "../../api/types.ts";
import { previewOf } from "../../mapping/preview.ts";
import type { ObservationRow, StoredObservation } from "../../model/observation.ts";
import type { QueryTarget } from "../../query/language/ast.ts";
import { evaluate, type Subject, type TraceView } from "../../query/language/evaluate.ts";
import { compareRows, describeTrace, findRoot, summarizeTrace } from "../../query/summary.ts";
import { countTokens } from "../../query/totals.ts";
import type { CountReads, StoredCounts } from "../counts.ts";
import { decodeCursor, encodeCursor, keyTypes, listOrder } from "../cursor.ts";
import type { Counted } from "../datasets.ts";
import { InvalidSortError } from "../errors.ts";
import { toListRow } from "../list-rows.ts";
import { boundScores, boundTexts } from "../row-bounds.ts";
import {
  DEFAULT_SORT,
  type ListOptions,
  type ObservationReads,
  type ObservationRecord,
  type Selection,
} from "../observations.ts";
import { toRecord } from "../record.ts";
import { NOTHING_SCORED, type Scored, type ScoredReads } from "../scored.ts";
import { MAX_OPEN_BATCH_ROWS, UNLIMITED, type OpenBatchRow, type RowReads } from "../rows.ts";
import {
  MAX_IDS_OF_TRACE,
  checkTraceChars,
  checkTraceRows,
  payloadChars,
  type SessionSelection,
  type StoredSession,
  type WholeObservation,
  type WholeOptions,
  type WholePage,
  type WholeReads,
  type WholeTrace,
} from "../whole-rows.ts";
import { countFacets, measureDensity } from "./facets.ts";
import type { MemoryScores } from "./scores.ts";

type Traces = Map<string, StoredTrace>;

interface StoredTrace {
  rows: Map<string, StoredObservation>;
  /** Summed up when it is asked for, and kept until a row or a score changes. */
  view: { scoreVersion: number; trace: TraceView } | null;
}

/** A row of a list with what it is sorted by. */
interface Candidate {
  subject: Subject;
  key: (string | number)[];
}

export class MemoryObservations implements ObservationReads, RowReads, CountReads, WholeReads, ScoredReads {
  readonly #projects = new Map<string, Traces>();
  readonly #scores: MemoryScores;
  /** Order of arrival, as the other store numbers its rows. */
  readonly #arrivals = new Map<string, number>();

  constructor(scores: MemoryScores) {
    this.#scores = scores;
  }

  write(projectId: string, observation: StoredObservation): void {
    const traces = this.#traces(projectId);
    let trace = traces.get(observation.traceId);
    if (trace === undefined) traces.set(observation.traceId, (trace = { rows: new Map(), view: null }));
    const stored = trace.rows.get(observation.id);
    if (stored === undefined) this.#arrivals.set(arrivalKey(projectId, observation), this.#arrivals.size);
    if (stored !== undefined && observation.rank < stored.rank) return;
    trace.rows.set(observation.id, observation);
    trace.view = null;
  }

  async countStored(projectId: string): Promise<StoredCounts> {
    const traces = [...this.#traces(projectId).values()];
    return { traces: traces.length, observations: traces.reduce((sum, { rows }) => sum + rows.size, 0) };
  }

  projectIds(): string[] {
    return [...this.#projects.keys()];
  }

  delete(projectId: string, traceId: string): boolean {
    return this.#traces(projectId).delete(traceId);
  }

  async listTraces(projectId: string, options: ListOptions): Promise<Page<TraceSummary>> {
    const { page, nextCursor } = this.#page(projectId, "traces", options);
    return { data: page.map(({ trace }) => boundTexts(trace.summary)), nextCursor };
  }

  async listObservations(projectId: string, options: ListOptions): Promise<Page<ObservationListRow>> {
    const { page, nextCursor } = this.#page(projectId, "observations", options);
    return {
      data: page.flatMap(({ trace, observation }) => (observation === null ? [] : [toRowOfList(trace, observation)])),
      nextCursor,
    };
  }

  async countFacets(projectId: string, target: QueryTarget, selection: Selection): Promise<Facet[]> {
    return countFacets(target, selection, (changed) => this.select(projectId, target, changed));
  }

  async density(
    projectId: string,
    target: QueryTarget,
    selection: Selection,
    buckets: number,
  ): Promise<DensityResponse> {
    return measureDensity(this.select(projectId, target, selection), selection, buckets, (field, a, b) =>
      compareKeys(this.#keyOf(projectId, a, field), this.#keyOf(projectId, b, field)),
    );
  }

  async getTrace(projectId: string, traceId: string, maxRows = Infinity): Promise<TraceDetail | null> {
    const rows = this.#rows(projectId, traceId);
    checkTraceRows(rows.length, maxRows);
    const root = findRoot(rows);
    if (root === undefined) return null;
    const metadata = this.#traces(projectId).get(traceId)?.rows.get(root.id)?.payload.traceMetadata ?? null;
    return describeTrace(projectId, rows, this.#scores.ofTrace(projectId, traceId), metadata);
  }

  async getTraceHead(projectId: string, traceId: string): Promise<TraceDetail["trace"] | null> {
    return (await this.getTrace(projectId, traceId))?.trace ?? null;
  }

  async getObservation(projectId: string, traceId: string, id: string): Promise<ObservationRecord | null> {
    const stored = this.#traces(projectId).get(traceId)?.rows.get(id);
    if (stored === undefined) return null;
    const scores = this.#scores.ofTrace(projectId, traceId).filter((score) => score.observationId === id);
    return toRecord(toRow(stored), stored.payload, scores);
  }

  async listOpenBatchRows(): Promise<OpenBatchRow[]> {
    return [...this.all()]
      .filter(({ row }) => row.endTime === null && row.fieldOrders !== null && row.fieldOrders !== undefined)
      .map(({ projectId, row: { traceId, id } }) => ({ projectId, traceId, id }))
      .slice(0, MAX_OPEN_BATCH_ROWS);
  }

  async readRows(
    projectId: string,
    traceId: string,
    ids?: readonly string[],
    { maxRows, maxChars } = UNLIMITED,
  ): Promise<StoredObservation[]> {
    const stored = this.#traces(projectId).get(traceId)?.rows;
    const rows = ids === undefined ? [...(stored?.values() ?? [])] : ids.flatMap((id) => stored?.get(id) ?? []);
    if (ids === undefined) checkTraceRows(rows.length, maxRows);
    checkTraceChars(
      rows.reduce((sum, row) => sum + payloadChars(row), 0),
      maxChars,
    );
    return structuredClone(rows).toSorted(compareRows);
  }

  async selectObservations(projectId: string, options: WholeOptions): Promise<WholePage<WholeObservation>> {
    const { page, nextCursor } = this.#page(projectId, "observations", options);
    const data = page.flatMap(({ trace, observation }) =>
      observation === null ? [] : [{ row: structuredClone(observation), trace: trace.summary }],
    );
    return { data, nextCursor };
  }

  async selectTraces(projectId: string, options: WholeOptions): Promise<WholePage<WholeTrace>> {
    const { page, nextCursor } = this.#page(projectId, "traces", options);
    const data = page.flatMap(({ trace }): WholeTrace[] => {
      const rows = [...trace.rows].toSorted(compareRows);
      const rootId = findRoot(rows.map(toRow))?.id;
      const root = rows.find(({ id }) => id === rootId);
      if (root === undefined) return [];
      const observationIds = rows.map(({ id }) => id).slice(0, MAX_IDS_OF_TRACE);
      const scoreIds = trace.scores.map(({ id }) => id).slice(-MAX_IDS_OF_TRACE);
      const { summary, version, public: isPublic } = trace;
      return [{ summary, version, public: isPublic, root: structuredClone(root), observationIds, scoreIds }];
    });
    return { data, nextCursor };
  }

  async describeScored(
    projectId: string,
    targets: readonly Pick<Score, "traceId" | "observationId">[],
  ): Promise<Scored[]> {
    return targets.map(({ traceId, observationId }) => {
      const trace = traceId === null ? null : this.view(projectId, traceId);
      if (trace === null) return NOTHING_SCORED;
      const { name: traceName, inputPreview, outputPreview } = trace.summary;
      const row = trace.rows.find(({ id }) => id === observationId);
      if (row === undefined) return { traceName, observationName: null, inputPreview, outputPreview };
      const { inputPreview: input, outputPreview: output } = toRowOfList(trace, row);
      return { traceName, observationName: row.name, inputPreview: input, outputPreview: output };
    });
  }

  async countSelected(projectId: string, target: QueryTarget, selection: Selection): Promise<number> {
    return this.select(projectId, target, selection).length;
  }

  async selectSessions(projectId: string, selection: SessionSelection): Promise<Counted<StoredSession>> {
    const { environments, from = -Infinity, to = Infinity, limit, offset } = selection;
    const first = new Map<string, StoredSession>();
    for (const { trace } of this.select(projectId, "traces", {})) {
      const { sessionId, startTime, environment } = trace.summary;
      if (sessionId === null || startTime >= (first.get(sessionId)?.createdAt ?? Infinity)) continue;
      first.set(sessionId, { id: sessionId, createdAt: startTime, environment });
    }
    const found = [...first.values()]
      .filter(({ createdAt }) => createdAt >= from && createdAt < to)
      .filter(({ environment }) => environments === undefined || environments.includes(environment))
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    return { data: found.slice(offset, offset + limit), total: found.length };
  }

  /** Everything, for areas that look across traces. */
  *all(): Iterable<{ projectId: string; row: StoredObservation }> {
    for (const [projectId, traces] of this.#projects) {
      for (const { rows } of traces.values()) for (const row of rows.values()) yield { projectId, row };
    }
  }

  #page(projectId: string, target: QueryTarget, options: WholeOptions): { page: Subject[]; nextCursor: string | null } {
    const sort = options.sort ?? DEFAULT_SORT;
    const { field, descending } = sort;
    if (target === "observations" && (field === "errors" || field === "observations")) {
      throw new InvalidSortError(`Observations are not sorted by ${field}.`);
    }
    const sign = descending ? -1 : 1;
    const all = this.select(projectId, target, options)
      .map((subject): Candidate => ({ subject, key: this.#keyOf(projectId, subject, field) }))
      .toSorted((a, b) => sign * compareKeys(a.key, b.key));
    const list = listOrder(target, sort);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, list, keyTypes(target, sort));
    const rest = after === undefined ? all : all.filter(({ key }) => sign * compareKeys(key, after) > 0);
    const { offset = 0, limit } = options;
    const page = untilLarge(rest.slice(offset, offset + limit), target, options.maxPayloadChars);
    const last = page.at(-1);
    return {
      page: page.map(({ subject }) => subject),
      nextCursor: last !== undefined && rest.length > offset + page.length ? encodeCursor(list, last.key) : null,
    };
  }

  /** What a list is made of. */
  select(projectId: string, target: QueryTarget, { filter, from, to }: Selection): Subject[] {
    const subjects = [...this.#traces(projectId).keys()].flatMap((traceId): Subject[] => {
      const trace = this.view(projectId, traceId);
      if (trace === null) return [];
      if (target === "traces") return [{ trace, observation: null }];
      return trace.rows.map((observation) => ({ trace, observation }));
    });
    return subjects.filter((subject) => {
      const { startTime } = subject.observation ?? subject.trace.summary;
      if ((from !== undefined && startTime < from) || (to !== undefined && startTime >= to)) return false;
      return filter === null || filter === undefined || evaluate(filter, subject);
    });
  }

  view(projectId: string, traceId: string): TraceView | null {
    const stored = this.#traces(projectId).get(traceId);
    const scoreVersion = this.#scores.version;
    if (stored?.view?.scoreVersion === scoreVersion) return stored.view.trace;
    const trace = this.#sumUp(projectId, traceId);
    if (stored !== undefined && trace !== null) stored.view = { scoreVersion, trace };
    return trace;
  }

  #sumUp(projectId: string, traceId: string): TraceView | null {
    const rows = this.#rows(projectId, traceId);
    const root = findRoot(rows);
    if (root === undefined) return null;
    const scores = this.#scores.ofTrace(projectId, traceId);
    const { trace } = describeTrace(projectId, rows, scores, null);
    return {
      summary: summarizeTrace(projectId, rows, scores),
      rootId: root.id,
      version: trace.version,
      public: trace.public,
      rows: [...(this.#traces(projectId).get(traceId)?.rows.values() ?? [])].toSorted(compareRows),
      scores,
    };
  }

  #keyOf(projectId: string, { trace, observation }: Subject, field: SortField): (string | number)[] {
    const { summary } = trace;
    const { startTime } = observation ?? summary;
    const last =
      observation === null
        ? [summary.traceId]
        : [observation.id, this.#arrivals.get(arrivalKey(projectId, observation)) ?? 0];
    return field === "start" ? [startTime, ...last] : [sortValue(trace, observation, field), startTime, ...last];
  }

  #traces(projectId: string): Traces {
    let traces = this.#projects.get(projectId);
    if (traces === undefined) this.#projects.set(projectId, (traces = new Map()));
    return traces;
  }

  #rows(projectId: string, traceId: string): ObservationRow[] {
    return [...(this.#traces(projectId).get(traceId)?.rows.values() ?? [])].map(toRow).toSorted(compareRows);
  }
}

/** As many as have payloads within the bound, and one at least. */
function untilLarge(page: Candidate[], target: QueryTarget, maxChars = Infinity): Candidate[] {
  if (target === "traces") return page;
  let chars = 0;
  const end = page.findIndex(({ subject }, index) => {
    for (const text of Object.values(subject.observation?.payload ?? {})) chars += text?.length ?? 0;
    return index > 0 && chars > maxChars;
  });
  return end === -1 ? page : page.slice(0, end);
}

/** Missing is smallest. */
function sortValue({ summary, rows }: TraceView, row: StoredObservation | null, field: SortField): string | number {
  switch (field) {
    case "name":
      return (row ?? summary).name;
    case "errors":
      return summary.errorCount;
    case "observations":
      return summary.observationCount;
    case "duration":
      if (row !== null) return row.endTime === null ? -1 : row.endTime - row.startTime;
      return summary.durationMs ?? -1;
    case "cost":
      return (row === null ? summary.cost : row.cost?.["total"]) ?? -1;
    case "tokens":
      if (row !== null) return row.usage === null ? -1 : countTokens(row.usage).total;
      return summary.totalTokens ?? -1;
    case "firstToken": {
      const times = (row === null ? rows : [row]).flatMap((each) => each.completionStartTime ?? []);
      return times.length === 0 ? -1 : Math.max(0, Math.min(...times) - (row ?? summary).startTime);
    }
    case "start":
      return (row ?? summary).startTime;
  }
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? "";
    if (part === other) continue;
    // Texts by code points, as in UTF-8; JavaScript compares code units.
    if (typeof part === "string") return Buffer.compare(Buffer.from(part), Buffer.from(String(other)));
    return part < Number(other) ? -1 : 1;
  }
  return 0;
}

function toRowOfList({ summary, scores }: TraceView, observation: StoredObservation): ObservationListRow {
  const previews = {
    input: observation.inputPreview ?? previewOf(observation.payload.input),
    output: observation.outputPreview ?? previewOf(observation.payload.output),
  };
  const own = scores.filter((score) => score.observationId === observation.id);
  return toListRow(summary.projectId, toRow(observation), summary, previews, boundScores(own.toReversed(), own.length));
}

function arrivalKey(projectId: string, { traceId, id }: StoredObservation): string {
  return `${projectId}\n${traceId}\n${id}`;
}

export function toRow(observation: StoredObservation): ObservationRow {
  const { payload, ...row } = observation;
  return { ...row, hasInput: payload.input !== null, hasOutput: payload.output !== null };
}
