import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Recording } from "./corpus.ts";

export interface ReplayServer {
  origin: string;
  /** What arrived: method, path and query, and the JSON body where it was one. */
  readonly requests: { endpoint: string; body: unknown }[];
  close(): Promise<void>;
}

const CONTENT_TYPES = { json: "application/json", sse: "text/event-stream", text: "text/plain", binary: "audio/mpeg" };

/** Bytes of an event stream that are sent at once: events are cut where they happen to be. */
const PIECE_BYTES = 61;
/** Above it a stream is sent in fewer, larger pieces. */
const MAX_PIECES = 400;

/** Answers each request over HTTP with the recorded answer: status, headers and body as they were. */
export async function createReplayServer(recording: Recording): Promise<ReplayServer> {
  const requests: ReplayServer["requests"] = [];
  const http = createServer((message, response) => {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      const isJson = message.headers["content-type"]?.includes("json") === true;
      const text = Buffer.concat(parts).toString("utf8");
      requests.push({
        endpoint: `${message.method} ${message.url}`,
        body: isJson && text !== "" ? JSON.parse(text) : undefined,
      });
      response.writeHead(recording.status, {
        "content-type": CONTENT_TYPES[recording.response_kind],
        ...recording.response_headers,
      });
      const body = bodyOf(recording);
      if (recording.response_kind === "sse") {
        const size = Math.max(PIECE_BYTES, Math.ceil(body.length / MAX_PIECES));
        for (let at = 0; at < body.length; at += size) response.write(body.subarray(at, at + size));
        response.end();
      } else response.end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function bodyOf({ response, response_kind: kind, response_raw: raw }: Recording): Buffer {
  if (kind === "binary") return Buffer.from((response as { base64: string }).base64, "base64");
  if (raw !== undefined) return Buffer.from(raw);
  return Buffer.from(typeof response === "string" && kind !== "json" ? response : JSON.stringify(response));
}
