import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface Listener {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  origin: string;
  port: number;
  /** Connections open at this moment. */
  connections(): number;
  /** Connections accepted since the start. */
  accepted(): number;
  /** Cuts every open connection at once and frees the port. */
  close(): Promise<void>;
}

/** A server on loopback. `port` 0 takes a free one. */
export async function listen(
  port: number,
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((request, response) => {
    const { socket } = request;
    handle(request, response).catch((error: unknown) => {
      // A client that went away mid-request is what half of the tests are about.
      if (socket.destroyed) return;
      if (response.headersSent) {
        socket.destroy();
        return;
      }
      response.writeHead(500, { "content-type": "text/plain" }).end(`testing server: ${String(error)}\n`);
    });
  });
  server.on("connection", (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A reset by the peer would otherwise be an uncaught exception.
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    connections: () => sockets.size,
    accepted: () => accepted,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
