import { inside, isWhole, type Zoom } from "../../trace/zoom.ts";

/**
 * What of the trace's time is shown, beside React: a wheel turns it every frame, and then only the picture of the bars,
 * the axis and the window on the map follow. Any number of changes in a frame is drawn once.
 */
export class ZoomState {
  #chosen: Zoom | null;
  #whole: Zoom;
  #drawn: Zoom;
  #frame = 0;
  readonly #listeners = new Set<() => void>();

  constructor(chosen: Zoom | null, whole: Zoom) {
    this.#chosen = chosen;
    this.#whole = whole;
    this.#drawn = this.current;
  }

  get whole(): Zoom {
    return this.#whole;
  }

  /** As last set, maybe not drawn yet. */
  get current(): Zoom {
    return this.#chosen === null ? this.#whole : inside(this.#chosen, this.#whole);
  }

  set(next: Zoom): void {
    this.#chosen = isWhole(next, this.#whole) ? null : next;
    this.#schedule();
  }

  /** The trace grows while it runs. */
  setWhole(whole: Zoom): void {
    if (whole.to === this.#whole.to && whole.from === this.#whole.from) return;
    this.#whole = whole;
    this.#schedule();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** What is drawn: the same object until it changes. */
  readonly getDrawn = (): Zoom => this.#drawn;

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#draw);
  }

  readonly #draw = (): void => {
    this.#frame = 0;
    const next = this.current;
    if (next.from === this.#drawn.from && next.to === this.#drawn.to) return;
    this.#drawn = next;
    for (const listener of this.#listeners) listener();
  };
}
