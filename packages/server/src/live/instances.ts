import type { ServerStatus } from "../api/settings.ts";
import { MAX_OPEN_INSTANCES, type InstanceChange } from "../store/instances.ts";
import { StoreClosedError, type Store } from "../store/store.ts";
import type { ChangeBus } from "./bus.ts";

/** Six heartbeats of our SDK. */
export const SILENT_MS = 60_000;
/** How often it is looked who has gone silent. */
const CHECK_MS = 5000;

interface Watched {
  projectId: string;
  instanceId: string;
  /** By this server's clock; `isEarlier` when that is when the server started, and not when the instance spoke. */
  heardAt: number;
  isEarlier: boolean;
  /** What it left open has been marked. */
  isSilent: boolean;
}

/**
 * Knows which processes live. What one leaves open is marked as incomplete when it has been silent for {@link SILENT_MS}, and runs again
 * should it be heard of after all. After a restart of this server each has that long to say something.
 */
export class InstanceWatch {
  readonly #store: Store;
  readonly #bus: ChangeBus;
  readonly #onError: (error: unknown) => void;
  /** The longest unheard first. */
  readonly #watched = new Map<string, Watched>();
  #evicted = 0;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> = Promise.resolve();

  constructor(store: Store, bus: ChangeBus, onError: (error: unknown) => void) {
    this.#store = store;
    this.#bus = bus;
    this.#onError = onError;
  }

  get status(): ServerStatus["instances"] {
    return { watched: this.#watched.size, evicted: this.#evicted };
  }

  /** Takes up the instances that have something open from before this server started, and begins to check. */
  start(): void {
    this.#checking = this.#takeUp(Date.now());
    this.#timer = setInterval(() => {
      this.#checking = this.#checking.then(() => this.#check());
    }, CHECK_MS).unref();
  }

  /** An instance has sent something, be it a heartbeat. Called after the commit of what it sent. */
  heard(projectId: string, instanceId: string): void {
    const known = this.#watched.get(keyOf(projectId, instanceId));
    // What was marked by an earlier run of the server is not known to be: it is asked for once.
    const wasMarked = known !== undefined && (known.isSilent || known.isEarlier);
    this.#put({ projectId, instanceId, heardAt: Date.now(), isEarlier: false, isSilent: false });
    if (wasMarked) {
      this.#checking = this.#checking.then(async () => {
        await this.#change(projectId, () => this.#store.markHeard(projectId, instanceId));
      });
    }
  }

  /** Ends the checks and waits for the one under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  async #takeUp(startedAt: number): Promise<void> {
    try {
      for (const { projectId, instanceId } of await this.#store.listOpenInstances()) {
        if (this.#watched.has(keyOf(projectId, instanceId))) continue;
        this.#put({ projectId, instanceId, heardAt: startedAt, isEarlier: true, isSilent: false });
      }
    } catch (error) {
      if (!(error instanceof StoreClosedError)) this.#onError(error);
    }
  }

  async #check(): Promise<void> {
    const silentSince = Date.now() - SILENT_MS;
    for (const instance of this.#watched.values()) {
      if (instance.heardAt > silentSince) break;
      if (instance.isSilent) continue;
      const { projectId, instanceId } = instance;
      const lastHeardAt = instance.isEarlier ? null : instance.heardAt;
      // Said before it is done: should it be heard of meanwhile, that is done after this.
      instance.isSilent = true;
      instance.isSilent = await this.#change(projectId, () =>
        this.#store.markSilent(projectId, instanceId, lastHeardAt),
      );
    }
  }

  /** Never rejects. @returns whether all of it was done; what failed is tried at the next check. */
  async #change(projectId: string, change: () => Promise<InstanceChange>): Promise<boolean> {
    try {
      for (;;) {
        const { traceIds, isDone } = await change();
        this.#bus.publish(projectId, traceIds);
        if (isDone) return true;
      }
    } catch (error) {
      if (!(error instanceof StoreClosedError)) this.#onError(error);
      return false;
    }
  }

  #put(instance: Watched): void {
    const key = keyOf(instance.projectId, instance.instanceId);
    this.#watched.delete(key);
    if (this.#watched.size >= MAX_OPEN_INSTANCES) {
      const [oldest] = this.#watched.keys();
      if (oldest !== undefined && this.#watched.delete(oldest)) this.#evicted += 1;
    }
    this.#watched.set(key, instance);
  }
}

function keyOf(projectId: string, instanceId: string): string {
  return `${projectId}\n${instanceId}`;
}
