import type { DestinationContext } from "../pipeline/destination.ts";
import type { LaneFormat } from "../transport/lane-format.ts";
import { sendRequest } from "../transport/http.ts";
import { setQuietTimeout } from "../util/timers.ts";

/** The server takes what an instance left open for `incomplete` when it was silent for six of these. */
const INTERVAL_MS = 10_000;

const NOTHING = new Uint8Array(0);

/**
 * Tells a live server that this process lives: an export of the Resource without spans, while observations are open that
 * the server was told of. Best effort: not counted, never tried again, and no sign of a failing destination.
 */
export class Heartbeat {
  readonly #format: Pick<LaneFormat<never>, "url" | "headers" | "wrap">;
  readonly #context: DestinationContext;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(format: Pick<LaneFormat<never>, "url" | "headers" | "wrap">, context: DestinationContext) {
    this.#format = format;
    this.#context = context;
  }

  /** An observation was announced. */
  start(): void {
    if (this.#closed || this.#cancel) return;
    this.#cancel = setQuietTimeout(() => {
      this.#cancel = undefined;
      if (!this.#context.hasOpen()) return;
      void this.#send();
      this.start();
    }, INTERVAL_MS);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  /** Never rejects. Over before the next begins. */
  async #send(): Promise<void> {
    const { url, headers, wrap } = this.#format;
    const { timeoutMs, fetch } = this.#context.settings;
    const abort = new AbortController();
    const cancel = setQuietTimeout(() => abort.abort(), Math.min(timeoutMs, INTERVAL_MS));
    try {
      const { head, records, tail } = wrap(NOTHING);
      const body = [head, records, tail];
      await sendRequest({ method: "POST", url, headers, body, signal: abort.signal }, fetch);
    } catch {
      // What is wrong with the backend the records say.
    } finally {
      cancel();
    }
  }
}
