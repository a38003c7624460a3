import { createServer } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";

/** A body as it goes over the wire, piece by piece. */
export interface RawReply {
  contentType: string;
  parts: readonly (string | Uint8Array)[];
}

/** An object as JSON, a list as server-sent events, or a body as it is. */
export type Reply = object | { event?: string; data: object | string }[] | RawReply;

export interface ReplyServer {
  url: string;
  /** Answers in order. */
  replies: Reply[];
  close(): Promise<void>;
}

/** Between the parts of a body, so that each arrives by itself. */
const PART_DELAY_MS = 3;

/** An HTTP server for providers that the model server does not speak for. `http2`: as the AWS client calls it, without TLS. */
export async function createReplyServer({ http2 = false }: { http2?: boolean } = {}): Promise<ReplyServer> {
  const replies: Reply[] = [];
  const answer = async (write: (part: string | Uint8Array) => void, parts: RawReply["parts"]): Promise<void> => {
    for (const part of parts) {
      write(part);
      await new Promise((resolve) => setTimeout(resolve, PART_DELAY_MS));
    }
  };
  const server = http2 ? createHttp2Server() : createServer();
  server.on("request", (request: NodeJS.ReadableStream, response: NodeJS.WritableStream & Head) => {
    request.resume();
    request.on("end", () => {
      const reply = replies.shift();
      const { contentType, parts } = rawOf(reply ?? { error: "nothing scripted" });
      response.writeHead(reply ? 200 : 500, { "content-type": contentType });
      void answer((part) => void response.write(part), parts).then(() => response.end());
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  (server as Http2Server).on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replies,
    async close() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Head {
  writeHead(status: number, headers: Record<string, string>): unknown;
}

function rawOf(reply: Reply): RawReply {
  if ("contentType" in reply) return reply;
  if (!Array.isArray(reply)) return { contentType: "application/json", parts: [JSON.stringify(reply)] };
  const parts = (reply as { event?: string; data: object | string }[]).map(({ event, data }) => {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
  });
  return { contentType: "text/event-stream", parts };
}
