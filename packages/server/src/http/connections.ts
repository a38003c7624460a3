import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Knows which connections are answering a request. Node's own `closeIdleConnections` takes one that has not sent any for a busy one, and
 * browsers and `fetch` open such ones ahead of need: a server would wait for them to end.
 */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #busy = new Set<Socket>();

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
    // Before the server's own listener, which may answer at once.
    server.prependListener("request", ({ socket }: IncomingMessage, answer: ServerResponse) => {
      this.#busy.add(socket);
      answer.once("close", () => this.#busy.delete(socket));
    });
  }

  closeIdle(): void {
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroy();
  }
}
