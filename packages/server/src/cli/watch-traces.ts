import type { TraceDetail, TraceListResponse, TraceSummary } from "../api/types.ts";
import { ApiError, type ApiClient } from "./api-client.ts";
import { follow, type LiveChange } from "./events.ts";

/** Read after something was missed. */
const CATCH_UP = 50;
/** Traces whose telling is remembered; the first of them is forgotten. */
const MAX_REMEMBERED = 10_000;

/**
 * Tells of each trace once, when it has ended, in the order in which they end.
 */
export class TraceWatcher {
  readonly #client: ApiClient;
  readonly #onTrace: (trace: TraceSummary) => void;
  /** End of what was told of each trace: a trace that goes on afterwards is told of again when that has ended. */
  readonly #told = new Map<string, number>();
  readonly #queued = new Set<string>();
  readonly #since: number;
  #work: Promise<void> = Promise.resolve();

  /** @param since epoch milliseconds; traces that began before are not told of. */
  constructor(client: ApiClient, since: number, onTrace: (trace: TraceSummary) => void) {
    this.#client = client;
    this.#since = since;
    this.#onTrace = onTrace;
  }

  /**
   * Until `signal` aborts.
   *
   * @param first how many of the latest traces to tell of to begin with, however old. They are read when the stream is open, so that
   *   nothing falls between.
   * @throws {ApiError} when the server cannot be followed at all.
   */
  watch(signal: AbortSignal, first = 0): Promise<void> {
    const onOpen = (): void => {
      if (first > 0) this.#work = this.#work.then(() => this.#readLatest(first, 0)).catch(() => undefined);
    };
    return follow(this.#client, (change) => this.#note(change), signal, onOpen);
  }

  /** Reads the latest traces, for what no event told of. */
  async catchUp(): Promise<void> {
    this.#note(null);
    await this.#work;
  }

  #note(change: LiveChange): void {
    if (change === null)
      this.#work = this.#work.then(() => this.#readLatest(CATCH_UP, this.#since)).catch(() => undefined);
    else for (const traceId of change.traceIds) this.#enqueue(traceId);
  }

  #enqueue(traceId: string): void {
    if (this.#queued.has(traceId)) return;
    this.#queued.add(traceId);
    this.#work = this.#work
      .then(() => {
        this.#queued.delete(traceId);
        return this.#readOne(traceId);
      })
      // A trace that cannot be read now is read at its next change.
      .catch(() => undefined);
  }

  async #readOne(traceId: string): Promise<void> {
    try {
      const { trace } = await this.#client.json<TraceDetail>(`/api/traces/${encodeURIComponent(traceId)}`, {
        observations: "none",
      });
      this.#tell(trace);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }

  async #readLatest(limit: number, since: number): Promise<void> {
    const { data } = await this.#client.json<TraceListResponse>("/api/traces", { limit });
    for (const trace of data.toReversed()) this.#tell(trace, since);
  }

  #tell(trace: TraceSummary, since = this.#since): void {
    if (trace.endTime === null || trace.endTime < since) return;
    const told = this.#told.get(trace.traceId);
    if (told !== undefined && trace.endTime <= told) return;
    this.#told.set(trace.traceId, trace.endTime);
    if (this.#told.size > MAX_REMEMBERED) {
      const [oldest] = this.#told.keys();
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    this.#onTrace(trace);
  }
}
