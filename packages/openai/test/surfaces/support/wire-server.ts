import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface WireReply {
  status?: number;
  type: string;
  body: string | Uint8Array;
}

export interface WireServer {
  baseURL: string;
  /** What arrived, byte for byte, with the random boundary of a form replaced. */
  requests: { path: string; type: string; body: string }[];
  close(): Promise<void>;
}

/** A server on loopback that gives one answer to everything and keeps the bytes that it is sent. */
export async function createWireServer({ status = 200, type, body }: WireReply): Promise<WireServer> {
  const requests: WireServer["requests"] = [];
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const given = request.headers["content-type"] ?? "";
      const boundary = /boundary=(.+)$/.exec(given)?.[1] ?? "no boundary";
      const plain = (text: string): string => text.replaceAll(boundary, "BOUNDARY");
      requests.push({
        path: request.url ?? "",
        type: plain(given),
        body: plain(Buffer.concat(parts).toString("latin1")),
      });
      response.writeHead(status, { "content-type": type, "x-request-id": "req_1" });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    requests,
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

export function jsonReply(body: unknown, status = 200): WireReply {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

/** Server-sent events as OpenAI writes them: those with a `type` are named by it. */
export function sseReply(events: readonly object[], isDone = true): WireReply {
  const lines = events.map((event) => {
    const name = "type" in event ? `event: ${String(event.type)}\n` : "";
    return `${name}data: ${JSON.stringify(event)}\n\n`;
  });
  return { type: "text/event-stream", body: lines.join("") + (isDone ? "data: [DONE]\n\n" : "") };
}
