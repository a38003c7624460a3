import { setImmediate } from "node:timers/promises";

/** Milliseconds that one request may keep the thread before all others have had their turn. */
const TURN_MS = 15;

/** For work on a large request: others are answered in between. */
export class Turns {
  #endsAt = performance.now() + TURN_MS;

  get isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Resolves when it is this request's turn again. */
  async next(): Promise<void> {
    await setImmediate();
    this.#endsAt = performance.now() + TURN_MS;
  }
}
