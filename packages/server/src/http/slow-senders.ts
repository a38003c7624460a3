import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** After this a body has to come at {@link LEAST_BYTES_PER_SECOND} on the average since it began. */
export const BODY_GRACE_MS = 10_000;
/** A modem of 1995 is faster. Who sends a byte now and then holds one of the requests that can be answered at one time. */
export const LEAST_BYTES_PER_SECOND = 2048;
const SWEEP_MS = 1000;

/** For the `http.Server`: a head has to come within 20 s, a whole request within 5 min (Node's default); both are looked at every 5 s. */
export const SLOW_REQUEST_OPTIONS = { headersTimeout: 20_000, connectionsCheckingInterval: 5000 };

const PARSE_ERROR_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

interface Watched {
  startedAt: number;
  /** Of the socket, when the request's head had come: a connection has many requests. */
  bytesBefore: number;
  /** It was too slow when it was last looked at. One look can be mistaken: what came while the event loop was busy is read after it. */
  isSuspect: boolean;
}

/** Closes the connections of those who send a head or a body so slowly that they only hold a place. */
export class SlowSenders {
  readonly #watched = new Map<IncomingMessage, Watched>();
  readonly #answers = new WeakMap<Socket, ServerResponse>();
  #sweep: NodeJS.Timeout | undefined;
  #cut = 0;

  constructor(server: Server) {
    server.prependListener("request", (incoming, answer) => this.#watch(incoming, answer));
    // Node's own answers; a listener takes their place.
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      const status = PARSE_ERROR_STATUS[error.code ?? ""] ?? 400;
      if (status === 408) this.#cut += 1;
      if (error.code === "ECONNRESET") socket.destroy();
      else this.#refuse(socket, status);
    });
  }

  /** Connections that were closed. */
  get cut(): number {
    return this.#cut;
  }

  #watch(incoming: IncomingMessage, answer: ServerResponse): void {
    this.#answers.set(incoming.socket, answer);
    const { "content-length": length, "transfer-encoding": coding } = incoming.headers;
    if ((length === undefined || length === "0") && coding === undefined) return;
    const watched = { startedAt: performance.now(), bytesBefore: incoming.socket.bytesRead, isSuspect: false };
    this.#watched.set(incoming, watched);
    const forget = (): void => this.#forget(incoming);
    incoming.once("end", forget).once("close", forget);
    // From then on it is heard out, within bounds of its own.
    answer.once("finish", forget);
    this.#sweep ??= setInterval(() => this.#look(), SWEEP_MS).unref();
  }

  #forget(incoming: IncomingMessage): void {
    this.#watched.delete(incoming);
    if (this.#watched.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const [incoming, watched] of this.#watched) {
      const { startedAt, bytesBefore, isSuspect } = watched;
      const due = ((now - startedAt - BODY_GRACE_MS) / 1000) * LEAST_BYTES_PER_SECOND;
      // With bytes unread it is this side that is slow.
      watched.isSuspect = incoming.readableLength === 0 && incoming.socket.bytesRead - bytesBefore < due;
      if (!watched.isSuspect || !isSuspect) continue;
      this.#cut += 1;
      this.#forget(incoming);
      this.#refuse(incoming.socket, 408);
    }
  }

  /** By hand, as Node does: there is no request to answer, or it has not come whole. */
  #refuse(socket: Socket, status: number): void {
    const answer = this.#answers.get(socket);
    const isAnswering = answer !== undefined && answer.headersSent && !answer.writableFinished;
    if (socket.writable && !isAnswering) {
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
    socket.destroySoon();
  }
}
