/** A change as the bus numbers it; the number is the event id that a client resumes from. */
export interface Change {
  seq: number;
  projectId: string;
  traceId: string;
}

type Listener = (change: Change) => void;

/** Changes kept for clients that reconnect. One that was away for longer reloads its list, as after any reconnect. */
const MAX_REMEMBERED = 1000;

/** Tells who listens which traces changed. In process: a server on several machines needs another one. */
export class ChangeBus {
  readonly #listeners = new Set<Listener>();
  readonly #recent: Change[] = [];
  #seq = 0;

  get lastSeq(): number {
    return this.#seq;
  }

  publish(projectId: string, traceIds: Iterable<string>): void {
    for (const traceId of traceIds) {
      this.#seq += 1;
      const change = { seq: this.#seq, projectId, traceId };
      this.#recent.push(change);
      if (this.#recent.length > MAX_REMEMBERED) this.#recent.shift();
      for (const listener of this.#listeners) listener(change);
    }
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came after an event id, as far as it is remembered. An id of an earlier run of the server is ahead of ours: nothing then. */
  since(seq: number): Change[] {
    return this.#recent.filter((change) => change.seq > seq);
  }
}
