import { StoreClosedError } from "../../store/errors.ts";
import type { OpenBatchRow } from "../../store/rows.ts";
import type { IngestContext } from "../context.ts";
import { lockKey, type KeyedLock } from "./keyed-lock.ts";
import { abandon, lastEventOf } from "./merge.ts";
import { traceNodeId } from "./patch.ts";

/**
 * A batch does not say which process sent it, nor is there any heartbeat: what a trace left open is taken for abandoned when none of its
 * events is younger than this, by the times in them. Many programs never end what they trace; others work for minutes between two events.
 */
export const SILENT_BATCH_MS = 10 * 60_000;
const CHECK_MS = 60_000;
/** Traces that need not be looked at before some time. One beyond that is looked at each minute. */
const MAX_POSTPONED = 10_000;

/** Marks what Langfuse batches never ended as `incomplete`. An event of it that comes after all makes it run again, and its end wins. */
export class BatchSilence {
  readonly #ingest: IngestContext;
  readonly #lock: KeyedLock;
  readonly #onError: (error: unknown) => void;
  readonly #notBefore = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> = Promise.resolve();

  /** @param lock held while a trace's events are merged; by `project/trace`. */
  constructor(ingest: IngestContext, lock: KeyedLock, onError: (error: unknown) => void) {
    this.#ingest = ingest;
    this.#lock = lock;
    this.#onError = onError;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#checking = this.#checking.then(() => this.#check());
    }, CHECK_MS).unref();
  }

  /** Ends the checks and waits for the one under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Never rejects. What fails is tried again. */
  async #check(): Promise<void> {
    try {
      const now = Date.now();
      for (const [key, time] of this.#notBefore) if (time <= now) this.#notBefore.delete(key);
      const open = groupByTrace(await this.#ingest.store.listOpenBatchRows());
      for (const [key, rows] of open) {
        if (!this.#notBefore.has(key)) await this.#lock.run([key], () => this.#look(key, rows, now));
      }
    } catch (error) {
      if (!(error instanceof StoreClosedError)) this.#onError(error);
    }
  }

  async #look(key: string, open: readonly OpenBatchRow[], now: number): Promise<void> {
    const [first] = open;
    if (first === undefined) return;
    const { projectId, traceId } = first;
    const ids = new Set(open.map(({ id }) => id));
    const rows = await this.#ingest.store.readRows(projectId, traceId, [traceNodeId(traceId), ...ids]);
    const last = Math.max(...rows.map(lastEventOf));
    if (last + SILENT_BATCH_MS > now) {
      if (this.#notBefore.size < MAX_POSTPONED) this.#notBefore.set(key, last + SILENT_BATCH_MS);
      return;
    }
    const observations = rows.filter((row) => ids.has(row.id) && row.endTime === null).map((row) => abandon(row, last));
    const { store, prices, bus } = this.#ingest;
    await prices.addCosts(projectId, observations);
    await store.writeBatch(projectId, { observations, scores: [], bytes: 0 });
    bus.publish(projectId, [traceId]);
  }
}

/** By the keys of the lock. */
function groupByTrace(rows: readonly OpenBatchRow[]): Map<string, OpenBatchRow[]> {
  const groups = new Map<string, OpenBatchRow[]>();
  for (const row of rows) {
    const key = lockKey(row.projectId, row.traceId);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
