import type { Context, MiddlewareHandler } from "hono";
import type { ServerStatus } from "../api/settings.ts";
import { clientName } from "../http/client.ts";

type IngestStatus = Omit<ServerStatus["ingest"], "cutUploads" | "slowSenders">;

/** Longer messages are cut. */
const MAX_MESSAGE_CHARS = 300;

/** Counts what comes in since the process started, and remembers the last request and the last one that was turned down. */
export class IngestMonitor {
  readonly #seen: IngestStatus = {
    requests: 0,
    observations: 0,
    cutParts: 0,
    rejected: 0,
    limited: 0,
    lastRejected: null,
    lastReceived: null,
  };

  get status(): IngestStatus {
    return { ...this.#seen };
  }

  addObservations(count: number): void {
    this.#seen.observations += count;
  }

  addCutParts(count: number): void {
    this.#seen.cutParts += count;
  }

  /** Goes before whatever may turn a request down. */
  watch(): MiddlewareHandler {
    return async (context, next) => {
      if (context.req.method === "OPTIONS") return next();
      this.#seen.requests += 1;
      await next();
      if (context.res.status < 400) {
        this.#seen.lastReceived = { time: Date.now(), route: context.req.path, client: clientName(context) };
      } else this.#reject(context);
    };
  }

  #reject(context: Context): void {
    this.#seen.rejected += 1;
    if (context.res.status === 429) this.#seen.limited += 1;
    this.#seen.lastRejected = {
      time: Date.now(),
      route: context.req.path,
      status: context.res.status,
      message: withoutQuotes(context.error?.message ?? "").slice(0, MAX_MESSAGE_CHARS),
      client: clientName(context),
    };
  }
}

/** A message may quote what was sent; what others may see later names the problem alone. */
function withoutQuotes(message: string): string {
  return message.replaceAll(/"[^"]*("|$)|'[^']*'/g, "…");
}
