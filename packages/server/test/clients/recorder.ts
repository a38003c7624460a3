import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedCall {
  method: string;
  /** Ids and names of the run replaced by `*`, without the query. */
  route: string;
  status: number;
}

export interface Recorder {
  /** What a client is pointed at. */
  url: string;
  calls: RecordedCall[];
  close(): Promise<void>;
}

/** Stands in front of a server and notes which routes a client calls, and how they are answered. */
export async function createRecorder(target: string): Promise<Recorder> {
  const calls: RecordedCall[] = [];
  const { port } = new URL(target);
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = "", url = "", headers } = incoming;
    const forwarded = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      calls.push({ method, route: routeOf(url), status: answer.statusCode ?? 0 });
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  };
  const server = createServer(pass).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What follows the name of a collection is an id or a name of the run. */
function routeOf(url: string): string {
  const path = url.split("?")[0] ?? "";
  return path
    .replace(/(\/media\/(?:upload|download))\/.*/, "$1/*")
    .replace(
      /(\/(?:traces|observations|sessions|scores|datasets|dataset-items|prompts|media|runs))\/(?!upload|download)[^/]+/g,
      "$1/*",
    );
}
