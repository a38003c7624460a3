import { randomBytes } from "node:crypto";

/** A change as the bus numbers it. */
export interface Change {
  seq: number;
  projectId: string;
  /** `null`: any of the project's, more than are told one by one. */
  traceId: string | null;
}

type Listener = (change: Change) => void;

/** Changes kept for clients that reconnect; some hundred bytes each. */
const MAX_REMEMBERED = 5000;

/** Traces of one change that are told one by one: whoever listens is told to read anew far below. */
export const MAX_TOLD_TRACES = MAX_REMEMBERED;

/** Tells who listens which traces changed. In process: a server on several machines needs another one. */
export class ChangeBus {
  /** Numbers start anew with each process: an id of an earlier one must not pass for one of ours. */
  readonly #run = randomBytes(4).toString("hex");
  readonly #listeners = new Set<Listener>();
  readonly #recent: Change[] = [];
  #seq = 0;

  /** The event id of the latest change. */
  get lastId(): string {
    return this.idOf(this.#seq);
  }

  /** What a client gives back to resume after the change with this number. */
  idOf(seq: number): string {
    return `${this.#run}-${seq}`;
  }

  /** @param traceIds with `null` for all others of the project. */
  publish(projectId: string, traceIds: Iterable<string | null>): void {
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

  /** What came after an event id; `null` when that is not known: an id of another run, or one from too long ago. */
  since(id: string): Change[] | null {
    const [, run, number] = /^([0-9a-f]+)-(\d+)$/.exec(id) ?? [];
    const seq = Number(number);
    if (run !== this.#run || seq > this.#seq || seq < this.#seq - this.#recent.length) return null;
    return this.#recent.slice(this.#recent.length - (this.#seq - seq));
  }
}
