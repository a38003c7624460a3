import type { Score, TraceDetail, TraceListResponse } from "../api/types.ts";
import { MEDIA_PART_BYTES, type MediaInfo, type MediaLink, type MediaWrite } from "../model/media.ts";
import type { ObservationRow, StoredObservation } from "../model/observation.ts";
import { compareRows, describeTrace, findRoot, summarizeTrace } from "../query/summary.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { toRecord } from "./record.ts";
import {
  StoreClosedError,
  type ListTracesOptions,
  type ObservationRecord,
  type Store,
  type WriteBatch,
} from "./store.ts";

interface MemoryProject {
  traces: Map<string, Map<string, StoredObservation>>;
  scores: Map<string, Score>;
  media: Map<string, NonNullable<MediaWrite["content"]>>;
  /** By their own JSON, which makes each stand once and sorts them. */
  mediaLinks: Map<string, MediaLink>;
}

/** Keeps everything in this process: for tests and for a server that should leave no file. Unbounded. */
export function createMemoryStore(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly #projects = new Map<string, MemoryProject>();
  #closed = false;

  async writeBatch(projectId: string, batch: WriteBatch): Promise<void> {
    const project = this.#project(projectId);
    for (const observation of batch.observations) {
      let trace = project.traces.get(observation.traceId);
      if (trace === undefined) project.traces.set(observation.traceId, (trace = new Map<string, StoredObservation>()));
      const stored = trace.get(observation.id);
      if (stored === undefined || observation.rank >= stored.rank) trace.set(observation.id, observation);
    }
    for (const score of batch.scores) project.scores.set(score.id, score);
    for (const { link, content } of batch.media ?? []) {
      if (content !== null) project.media.set(content.info.id, { ...content, bytes: content.bytes.slice() });
      project.mediaLinks.set(linkKey(link), link);
    }
  }

  async listTraces(projectId: string, options: ListTracesOptions): Promise<TraceListResponse> {
    const project = this.#project(projectId);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor);
    const keys = [...project.traces]
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
        summarizeTrace(projectId, this.#rows(project, key.traceId), this.#scores(project, key.traceId)),
      ),
      nextCursor: last !== undefined && keys.length > page.length ? encodeCursor(last) : null,
    };
  }

  async getTrace(projectId: string, traceId: string): Promise<TraceDetail | null> {
    const project = this.#project(projectId);
    const rows = this.#rows(project, traceId);
    const root = findRoot(rows);
    if (root === undefined) return null;
    const metadata = project.traces.get(traceId)?.get(root.id)?.payload.traceMetadata ?? null;
    return describeTrace(projectId, rows, this.#scores(project, traceId), metadata);
  }

  async getObservation(projectId: string, traceId: string, id: string): Promise<ObservationRecord | null> {
    const project = this.#project(projectId);
    const stored = project.traces.get(traceId)?.get(id);
    if (stored === undefined) return null;
    return toRecord(
      toRow(stored),
      stored.payload,
      this.#scores(project, traceId).filter((score) => score.observationId === id),
    );
  }

  async listScores(projectId: string, traceId: string): Promise<Score[]> {
    return this.#scores(this.#project(projectId), traceId);
  }

  async getMedia(projectId: string, id: string): Promise<MediaInfo | null> {
    return this.#project(projectId).media.get(id)?.info ?? null;
  }

  async readMedia(
    projectId: string,
    id: string,
    offset: number,
    maxBytes: number,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.#project(projectId).media.get(id)?.bytes;
    const part = bytes?.slice(offset, offset + Math.min(maxBytes, MEDIA_PART_BYTES));
    return part === undefined || part.byteLength === 0 ? null : new Uint8Array(part);
  }

  async listMediaLinks(projectId: string, traceId: string): Promise<MediaLink[]> {
    return [...this.#project(projectId).mediaLinks]
      .filter(([, link]) => link.traceId === traceId)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, link]) => link);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #project(projectId: string): MemoryProject {
    if (this.#closed) throw new StoreClosedError("The store is closed.");
    let project = this.#projects.get(projectId);
    if (project === undefined) {
      project = { traces: new Map(), scores: new Map(), media: new Map(), mediaLinks: new Map() };
      this.#projects.set(projectId, project);
    }
    return project;
  }

  #rows(project: MemoryProject, traceId: string): ObservationRow[] {
    return [...(project.traces.get(traceId)?.values() ?? [])].map(toRow).toSorted(compareRows);
  }

  #scores(project: MemoryProject, traceId: string): Score[] {
    return [...project.scores.values()]
      .filter((score) => score.traceId === traceId)
      .toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  }
}

function linkKey({ traceId, observationId, field, mediaId }: MediaLink): string {
  return JSON.stringify([traceId, observationId ?? "", field, mediaId]);
}

function toRow(observation: StoredObservation): ObservationRow {
  const { payload, ...row } = observation;
  return { ...row, hasInput: payload.input !== null, hasOutput: payload.output !== null };
}
