/** What the last answer said about reaching the server: nothing came, or it no longer knows who asks. */
export type Connection = "ok" | "away" | "loggedOut";

/** Told by every request of the page, whoever made it; a banner of the shell shows it. */
class ConnectionState {
  #state: Connection = "ok";
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly get = (): Connection => this.#state;

  /** By the answer's status; 0 for no answer. Any answer but 401 shows that all is well again. */
  note(status: number): void {
    const next = status === 0 ? "away" : status === 401 ? "loggedOut" : "ok";
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

export const connection = new ConnectionState();
