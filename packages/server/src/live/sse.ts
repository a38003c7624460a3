import type { Context } from "hono";
import type { ChangeEvent } from "../api/types.ts";
import { HttpError } from "../http/errors.ts";
import type { ChangeBus } from "./bus.ts";

/** Changes are gathered for this long and sent as one event. */
const COALESCE_MS = 200;
/** A comment that keeps proxies from closing an idle stream and finds out about clients that are gone. */
const HEARTBEAT_MS = 15_000;
/** Open streams; a browser holds one for each tab. */
const MAX_CLIENTS = 64;
/** Trace ids in one event; a client that is told of more at once reloads its first page anyway. */
const MAX_IDS_PER_EVENT = 500;
/** Events a slow client may leave unread before its stream is ended; it reconnects and resumes. */
const MAX_UNREAD_EVENTS = 64;

/** The live streams of one server. */
export class LiveStreams {
  readonly #bus: ChangeBus;
  readonly #open = new Set<() => void>();

  constructor(bus: ChangeBus) {
    this.#bus = bus;
  }

  /** `GET /api/events`. @throws {HttpError} 503 when too many streams are open. */
  answer(context: Context, projectId: string): Response {
    if (this.#open.size >= MAX_CLIENTS) {
      throw new HttpError(503, "too_many_streams", `At most ${MAX_CLIENTS} live streams are served.`, {
        "Retry-After": "5",
      });
    }
    const stream = this.#createStream(projectId, Number(context.req.header("last-event-id") ?? Number.NaN));
    return new Response(stream, {
      headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" },
    });
  }

  /** Ends all streams, so that the server can close. */
  close(): void {
    for (const end of this.#open) end();
  }

  #createStream(projectId: string, lastEventId: number): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const bus = this.#bus;
    const changed = new Set<string>();
    let seq = bus.lastSeq;
    let timer: NodeJS.Timeout | undefined;
    let end = (): void => {};

    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const send = (text: string): void => {
            if ((controller.desiredSize ?? 0) <= 0) end();
            else controller.enqueue(encoder.encode(text));
          };
          const flush = (): void => {
            timer = undefined;
            const event: ChangeEvent = { traceIds: [...changed].slice(-MAX_IDS_PER_EVENT) };
            changed.clear();
            send(`id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`);
          };
          const note = (change: { seq: number; projectId: string; traceId: string }): void => {
            if (change.projectId !== projectId) return;
            seq = change.seq;
            changed.add(change.traceId);
            timer ??= setTimeout(flush, COALESCE_MS).unref();
          };
          const unsubscribe = bus.subscribe(note);
          const heartbeat = setInterval(() => send(": heartbeat\n\n"), HEARTBEAT_MS).unref();
          end = () => {
            if (!this.#open.delete(end)) return;
            unsubscribe();
            clearInterval(heartbeat);
            clearTimeout(timer);
            try {
              controller.close();
            } catch {
              // The client went first: there is nothing left to close.
            }
          };
          this.#open.add(end);
          send(": connected\n\n");
          if (Number.isSafeInteger(lastEventId)) for (const change of bus.since(lastEventId)) note(change);
        },
        cancel: () => end(),
      },
      { highWaterMark: MAX_UNREAD_EVENTS },
    );
  }
}
