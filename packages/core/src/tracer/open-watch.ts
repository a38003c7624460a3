import type { OpenObservation } from "../model/record.ts";
import { setQuietTimeout } from "../util/timers.ts";
import type { OpenObservations } from "./open-observations.ts";

/** How often open observations are looked over for `maxOpenMs`. */
const SWEEP_MS = 60_000;
/** An observation that is open for longer than this is announced to live destinations. */
const ANNOUNCE_AFTER_MS = 200;
/** Announced in one turn; the rest follows in the next. */
const MAX_ANNOUNCED = 500;

export interface OpenWatchActions {
  /** Lets go of one that nobody has touched for `maxOpenMs`. */
  evict(observation: OpenObservation): void;
  /** Tells live destinations of one that runs. */
  announce(observation: OpenObservation): void;
}

/** The timers of the open observations; there is none while nothing is open. */
export class OpenWatch {
  readonly #open: OpenObservations;
  readonly #actions: OpenWatchActions;
  #isSweeping = false;
  #isAnnouncing = false;

  constructor(open: OpenObservations, actions: OpenWatchActions) {
    this.#open = open;
    this.#actions = actions;
  }

  /** `maxOpenMs` as it is configured when each look is due. */
  sweepLater(maxOpenMs: () => number | undefined): void {
    if (this.#isSweeping) return;
    const wait = maxOpenMs();
    if (wait === undefined) return;
    this.#isSweeping = true;
    setQuietTimeout(
      () => {
        this.#isSweeping = false;
        const idleSince = performance.now() - wait;
        for (const observation of this.#open.oldest(undefined, idleSince)) this.#actions.evict(observation);
        if (this.#open.size > 0) this.sweepLater(maxOpenMs);
      },
      Math.min(SWEEP_MS, wait),
    );
  }

  announceAgain(): void {
    for (const observation of this.#open.oldest()) observation.announced = false;
    this.announceLater();
  }

  announceLater(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    setQuietTimeout(() => {
      this.#isAnnouncing = false;
      const before = performance.now() - ANNOUNCE_AFTER_MS;
      let left = MAX_ANNOUNCED;
      let isMore = false;
      for (const observation of this.#open.oldest()) {
        if (observation.announced) continue;
        if (observation.startedAt > before || left === 0) {
          isMore = true;
          continue;
        }
        left--;
        observation.announced = true;
        this.#actions.announce(observation);
      }
      if (isMore) this.announceLater();
    }, ANNOUNCE_AFTER_MS);
  }
}
