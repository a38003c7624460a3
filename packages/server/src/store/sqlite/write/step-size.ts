/** What one step of a long deletion may take: others' writes wait meanwhile. */
export const STEP_MS = 40;

/** At most this much larger from one step to the next: a step that had nothing to do says little about the next. */
const GROWTH = 2;

/**
 * How much of something one step does, by how long the steps before it took: what is a matter of milliseconds on an idle disk takes seconds
 * on a busy one, or where each text lies in a pack of its own.
 */
export class StepSize {
  readonly #least: number;
  readonly #most: number;
  #size: number;

  constructor({ least, first, most }: { least: number; first: number; most: number }) {
    this.#least = least;
    this.#most = most;
    this.#size = first;
  }

  get size(): number {
    return this.#size;
  }

  /** Does as much as the size says. */
  take<T>(work: (size: number) => T): T {
    const startedAt = performance.now();
    const result = work(this.#size);
    const factor = Math.min(GROWTH, STEP_MS / Math.max(performance.now() - startedAt, 1e-3));
    this.#size = Math.min(this.#most, Math.max(this.#least, Math.round(this.#size * factor)));
    return result;
  }
}

/** Goes through a list until {@link STEP_MS} have passed; one at least. @returns how many were taken. */
export function takeWhileTime<T>(list: readonly T[], work: (item: T) => void): number {
  const end = performance.now() + STEP_MS;
  for (const [index, item] of list.entries()) {
    if (index > 0 && performance.now() >= end) return index;
    work(item);
  }
  return list.length;
}
