/** What is held while events are merged into a trace. */
export function lockKey(projectId: string, traceId: string): string {
  return `${projectId}/${traceId}`;
}

/** Lets work on the same keys run one after the other, and all other work at the same time. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** All keys are taken at once, so that two that share keys cannot wait for each other. */
  async run<T>(keys: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const held = [...new Set(keys)];
    const before = held.flatMap((key) => this.#tails.get(key) ?? []);
    let release = (): void => {};
    const tail = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const key of held) this.#tails.set(key, tail);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const key of held) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
