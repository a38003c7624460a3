import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a provider answers: a body, events of a stream, or lines of JSON. */
export type Reply =
  | { status?: number; json: unknown }
  | { events: readonly { event?: string; data: unknown }[] }
  | { lines: readonly unknown[] };

export interface ProviderServer {
  url: string;
  /** Answers requests whose path ends so, one reply after the other; the last one stays. */
  on(pathEnd: string, ...replies: Reply[]): void;
  requests: { path: string; body: Record<string, unknown> }[];
  close(): Promise<void>;
}

/** Speaks the wire of any provider, word for word as it is scripted. */
export async function createProviderServer(): Promise<ProviderServer> {
  const scripts: { pathEnd: string; replies: Reply[] }[] = [];
  const requests: ProviderServer["requests"] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").split("?")[0]!;
    requests.push({ path, body: await readJson(request) });
    const script = scripts.find(({ pathEnd }) => path.endsWith(pathEnd));
    const reply = script && (script.replies.length > 1 ? script.replies.shift() : script.replies[0]);
    if (!reply) return void response.writeHead(404).end("{}");
    if ("json" in reply) {
      response.writeHead(reply.status ?? 200, { "content-type": "application/json" });
      return void response.end(JSON.stringify(reply.json));
    }
    if ("lines" in reply) {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      for (const line of reply.lines) response.write(`${JSON.stringify(line)}\n`);
    } else {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const { event, data } of reply.events) {
        const text = typeof data === "string" ? data : JSON.stringify(data);
        response.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`);
      }
    }
    response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    on: (pathEnd, ...replies) => void scripts.unshift({ pathEnd, replies }),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
