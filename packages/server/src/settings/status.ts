import { stat } from "node:fs/promises";
import type { ServerStatus } from "../api/settings.ts";
import type { InstanceWatch } from "../live/instances.ts";
import type { CountReads, StoredCounts } from "../store/counts.ts";
import { VERSION } from "../version.ts";
import type { IngestMonitor } from "./ingest-monitor.ts";

/** Counting takes longer the more there is: an answer is good for this long. */
const COUNT_MS = 5000;

export interface StatusSources {
  store: CountReads;
  monitor: IngestMonitor;
  listener: { readonly cutUploads: number; readonly slowSenders: number };
  instances: Pick<InstanceWatch, "status">;
  /** Without a slash at the end; known when the server listens. */
  url: () => string;
  /** `null` when nothing is kept. */
  dbPath: string | null;
  isLoopback: boolean;
  keysRequired: boolean;
}

/** `GET /api/status` */
export class StatusReader {
  readonly #sources: StatusSources;
  readonly #startedAt = Date.now();
  readonly #counts = new Map<string, { at: number; counts: Promise<StoredCounts> }>();

  constructor(sources: StatusSources) {
    this.#sources = sources;
  }

  async read(projectId: string): Promise<ServerStatus> {
    const { monitor, instances, listener, url, dbPath, isLoopback, keysRequired } = this.#sources;
    const [counts, dbBytes] = await Promise.all([this.#count(projectId), sizeOf(dbPath)]);
    return {
      version: VERSION,
      url: url(),
      dbPath,
      dbBytes,
      observationCount: counts.observations,
      traceCount: counts.traces,
      startedAt: this.#startedAt,
      isLoopback,
      keysRequired,
      hasTraces: counts.traces > 0,
      instances: instances.status,
      ingest: { ...monitor.status, cutUploads: listener.cutUploads, slowSenders: listener.slowSenders },
    };
  }

  #count(projectId: string): Promise<StoredCounts> {
    const cached = this.#counts.get(projectId);
    const now = Date.now();
    // An empty project is counted anew each time: the first trace is waited for.
    if (cached !== undefined && now - cached.at < COUNT_MS) return cached.counts;
    const counts = this.#sources.store.countStored(projectId);
    this.#counts.set(projectId, { at: now, counts });
    counts.then(
      ({ traces }) => traces === 0 && this.#counts.delete(projectId),
      () => this.#counts.delete(projectId),
    );
    return counts;
  }
}

/** The file and its log. */
async function sizeOf(path: string | null): Promise<number> {
  if (path === null) return 0;
  const sizes = await Promise.all(
    [path, `${path}-wal`].map(async (file) => (await stat(file).catch(() => null))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
