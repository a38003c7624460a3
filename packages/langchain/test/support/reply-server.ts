import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReplyServer {
  url: string;
  /** Answers in order: an object as JSON, a list as server-sent events. */
  replies: (object | { event: string; data: object }[])[];
  close(): Promise<void>;
}

/** An HTTP server for providers that the model server does not speak for. */
export async function createReplyServer(): Promise<ReplyServer> {
  const replies: ReplyServer["replies"] = [];
  const http = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const reply = replies.shift();
      if (Array.isArray(reply)) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const { event, data } of reply) response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        response.end();
        return;
      }
      response.writeHead(reply ? 200 : 500, { "content-type": "application/json" });
      response.end(JSON.stringify(reply ?? { error: "nothing scripted" }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    replies,
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
