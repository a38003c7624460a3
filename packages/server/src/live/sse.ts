import type { Context } from "hono";
import type { ChangeEvent } from "../api/types.ts";
import { HttpError } from "../http/errors.ts";
import type { Change, ChangeBus } from "./bus.ts";

/**
 * A client gets at most one event in this time, so that what comes in by hundreds a second is told together. A change waits half of it at the
 * median while others come in; the viewer's pages pause by themselves before they read again.
 */
const COALESCE_MS = 50;
/** The first change after a pause waits this long for those that come with it. */
const GATHER_MS = 10;
/** A comment that keeps proxies from closing an idle stream and finds out about clients that are gone. */
const HEARTBEAT_MS = 15_000;
/** Open streams; a browser holds one for each tab. */
const MAX_CLIENTS = 64;
/** Trace ids in one event; with more at once, a client is told to read everything anew. */
const MAX_IDS_PER_EVENT = 500;
/** Events a slow client may leave unread before its stream is ended; it reconnects and resumes. */
const MAX_UNREAD_EVENTS = 64;
/** How soon a browser reconnects. */
const RETRY_MS = 1000;

export interface LiveFilter {
  projectId: string;
  /** Only changes of this trace. */
  traceId?: string | undefined;
}

/** The live streams of one server. */
export class LiveStreams {
  readonly #bus: ChangeBus;
  readonly #open = new Set<LiveStream>();

  constructor(bus: ChangeBus) {
    this.#bus = bus;
  }

  /**
   * `GET /api/events`. With `Last-Event-ID` (or `?lastEventId=`) goes on after that event, or says `reset`.
   *
   * @throws {HttpError} 503 when too many streams are open.
   */
  answer(context: Context, filter: LiveFilter): Response {
    if (this.#open.size >= MAX_CLIENTS) {
      throw new HttpError(503, "too_many_streams", `At most ${MAX_CLIENTS} live streams are served.`, {
        "Retry-After": "5",
      });
    }
    const lastId = context.req.header("last-event-id") ?? context.req.query("lastEventId");
    const stream = new LiveStream(this.#bus, filter, () => this.#open.delete(stream));
    this.#open.add(stream);
    const body = new ReadableStream<Uint8Array>(
      { start: (controller) => stream.start(controller, lastId), cancel: () => stream.end() },
      { highWaterMark: MAX_UNREAD_EVENTS },
    );
    return new Response(body, {
      headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" },
    });
  }

  /** Ends all streams, so that the server can close. */
  close(): void {
    for (const stream of this.#open) stream.end();
  }
}

class LiveStream {
  readonly #bus: ChangeBus;
  readonly #filter: LiveFilter;
  readonly #onEnd: () => void;
  readonly #encoder = new TextEncoder();
  readonly #changed = new Set<string>();
  /** More changed than is told one by one. */
  #isBeyond = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #unsubscribe: (() => void) | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #id: string;
  #isOver = false;

  constructor(bus: ChangeBus, filter: LiveFilter, onEnd: () => void) {
    this.#bus = bus;
    this.#filter = filter;
    this.#onEnd = onEnd;
    this.#id = bus.lastId;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>, lastId: string | undefined): void {
    this.#controller = controller;
    const all = lastId === undefined ? [] : this.#bus.since(lastId);
    const missed = all && all.filter((change) => this.#concerns(change));
    this.#unsubscribe = this.#bus.subscribe((change) => this.#note(change));
    this.#heartbeat = setInterval(() => this.#send(": heartbeat\n\n"), HEARTBEAT_MS).unref();
    // The id at once: a client that is cut off before the first event can resume too. Where something was missed it comes with that: a
    // client that is cut off in between would never hear of it.
    const id = missed?.length === 0 ? `id: ${this.#id}\n` : "";
    this.#send(`retry: ${RETRY_MS}\n${id}: connected\n\n`);
    if (missed === null) this.#reset();
    else for (const change of missed) this.#note(change);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unsubscribe?.();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#onEnd();
    try {
      this.#controller?.close();
    } catch {
      // The client went first: there is nothing left to close.
    }
  }

  #concerns({ projectId, traceId }: Change): boolean {
    const { traceId: wanted } = this.#filter;
    const isWanted = wanted === undefined || traceId === null || traceId === wanted;
    return projectId === this.#filter.projectId && isWanted;
  }

  #note(change: Change): void {
    if (!this.#concerns(change)) return;
    this.#id = this.#bus.idOf(change.seq);
    if (change.traceId === null) this.#isBeyond = true;
    else this.#changed.add(change.traceId);
    const waitMs = Math.max(GATHER_MS, this.#sentAt + COALESCE_MS - Date.now());
    this.#timer ??= setTimeout(() => this.#flush(), waitMs).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    this.#sentAt = Date.now();
    if (this.#isBeyond || this.#changed.size > MAX_IDS_PER_EVENT) this.#reset();
    else {
      const event: ChangeEvent = { traceIds: [...this.#changed] };
      this.#send(`id: ${this.#id}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    this.#changed.clear();
    this.#isBeyond = false;
  }

  #reset(): void {
    this.#send(`id: ${this.#id}\nevent: reset\ndata: {}\n\n`);
  }

  #send(text: string): void {
    if ((this.#controller?.desiredSize ?? 0) <= 0) this.end();
    else this.#controller?.enqueue(this.#encoder.encode(text));
  }
}
