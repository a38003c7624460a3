import type { IncomingMessage, ServerResponse } from "node:http";

/** How long a sender whose answer is out may go on with the body that nobody reads, and how much of it. nginx's `lingering_time` is the same. */
const LINGER_MS = 30_000;
const MAX_LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Reads on and forgets what a sender still has on its way after it was refused (413, 401, 429, …). A connection that is closed with
 * bytes unread is reset, and the sender then sees a broken connection, which it will try again, in place of the reason.
 */
export class Lingering {
  #cut = 0;

  /** Uploads that went on beyond the bounds and were cut. */
  get cut(): number {
    return this.#cut;
  }

  watch(incoming: IncomingMessage, answer: ServerResponse): void {
    answer.once("finish", () => {
      if (!incoming.readableEnded && !incoming.destroyed) this.#drain(incoming);
    });
  }

  #drain(incoming: IncomingMessage): void {
    const close = (): void => {
      this.#cut += 1;
      incoming.socket.destroySoon();
    };
    const timer = setTimeout(close, LINGER_MS).unref();
    let bytes = 0;
    // Whoever began to read it would hold it back.
    incoming.removeAllListeners("data");
    incoming.on("data", (chunk: Buffer) => {
      const before = bytes;
      bytes += chunk.length;
      if (before <= MAX_LINGER_BYTES && bytes > MAX_LINGER_BYTES) close();
    });
    incoming.once("close", () => clearTimeout(timer));
    incoming.resume();
  }
}
