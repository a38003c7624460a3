import { BASE } from "../base.ts";
import { isObject, parseJson } from "../model/json.ts";
import type { ChangeEvent } from "./types.ts";

/** Tied to the server's type, so that a change there shows up here. */
const TRACE_IDS = "traceIds" satisfies keyof ChangeEvent;

/** How often to look while there is no event stream. */
const POLL_INTERVAL_MS = 3_000;

/** How long a closed stream is left alone before it is opened again. */
const REOPEN_AFTER_MS = 5_000;

export type LiveState = "connecting" | "live" | "polling";

/** `traceIds: null` means "anything may have changed": after a gap, and at every poll. */
export interface LiveChange {
  traceIds: readonly string[] | null;
  /** What is shown may be wrong, not only behind: the server no longer knows what changed since. */
  isReset?: boolean;
}

/**
 * The server's change stream for one project, with polling while the stream is away. Opens with the first subscriber
 * and closes with the last one.
 */
export class LiveFeed {
  readonly #url: string;
  readonly #listeners = new Set<(change: LiveChange) => void>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = "connecting";
  #source: EventSource | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  /** A stream that comes back may have missed something. */
  #hadGap = false;

  constructor(project: string) {
    this.#url = `${BASE}/api/events?${new URLSearchParams({ project })}`;
  }

  readonly subscribe = (listener: (change: LiveChange) => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  readonly subscribeState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  readonly getState = (): LiveState => this.#state;

  #open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#stopPolling();
      this.#setState("live");
      if (this.#hadGap) this.#emit({ traceIds: null });
      this.#hadGap = false;
    });
    source.addEventListener("message", (message: MessageEvent<string>) => {
      const change = parseChange(message.data);
      if (change !== undefined) this.#emit(change);
    });
    source.addEventListener("reset", () => this.#emit({ traceIds: null, isReset: true }));
    source.addEventListener("error", () => {
      this.#hadGap = true;
      this.#startPolling();
      // The browser reconnects by itself unless the answer was an error; then it gives up for good.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(this.#reopen);
        this.#reopen = setTimeout(() => this.#open(), REOPEN_AFTER_MS);
      }
    });
  }

  #close(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#reopen);
    this.#stopPolling();
    this.#setState("connecting");
  }

  #startPolling(): void {
    this.#setState("polling");
    this.#poll ??= setInterval(() => {
      if (document.visibilityState === "visible") this.#emit({ traceIds: null });
    }, POLL_INTERVAL_MS);
  }

  #stopPolling(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }

  #emit(change: LiveChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function parseChange(data: string): LiveChange | undefined {
  try {
    const event = parseJson(data);
    const traceIds = isObject(event) ? event[TRACE_IDS] : undefined;
    return Array.isArray(traceIds) ? { traceIds: traceIds.map(String) } : undefined;
  } catch {
    // An unreadable event is worth no more than no event; the next one follows.
    return undefined;
  }
}
