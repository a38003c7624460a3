import type { RetentionSettings } from "../api/settings.ts";
import { finishDeletions, prune, type PruneStep } from "../store/retention.ts";
import type { Store } from "../store/store.ts";

const SETTING = "retention";
/** How often the limits are looked at. */
const CHECK_MS = 10 * 60 * 1000;

/** Deleting from a large file takes many minutes, and clients do not wait so long for an answer: `fetch` of Node five. */
const MAX_PRUNE_MS = 60_000;

const KEEP_ALL: RetentionSettings = { maxAgeDays: null, maxBytes: null };

/** Deletes what the settings do not keep: at every change of them, soon after the start, and every ten minutes. */
export class Retention {
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<unknown> = Promise.resolve();
  #isWaiting = false;
  #isClosed = false;

  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
    this.#timer = setInterval(() => this.#check(), CHECK_MS).unref();
    this.#check();
  }

  async read(): Promise<RetentionSettings> {
    return ((await this.#store.readSetting(SETTING)) as RetentionSettings | null) ?? KEEP_ALL;
  }

  async change(settings: RetentionSettings): Promise<void> {
    await this.#store.writeSetting(SETTING, settings);
    this.#check();
  }

  /** Deletes by other limits, once. */
  prune(limits: RetentionSettings): Promise<PruneStep> {
    const pruned = this.#running.then(() => prune(this.#store, limits, { maxMs: MAX_PRUNE_MS }));
    this.#running = pruned.catch(() => undefined);
    return pruned;
  }

  /** No further look. What is being deleted ends with the store, between two steps. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  /** One look waits at most: it reads the settings when its turn comes. */
  #check(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#running = this.#running
      .then(async () => {
        this.#isWaiting = false;
        await finishDeletions(this.#store);
        const settings = await this.read();
        if (settings.maxAgeDays !== null || settings.maxBytes !== null) await prune(this.#store, settings);
      })
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#onError(error);
      });
  }
}
