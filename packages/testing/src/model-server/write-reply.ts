import type { IncomingMessage, ServerResponse } from "node:http";
import { delay } from "../http/delay.ts";
import type { ModelRule } from "./fault-rule.ts";
import { frame } from "./reply.ts";
import type { Reply } from "./reply.ts";

const jsonType = "application/json";
const streamType = "text/event-stream; charset=utf-8";

export interface WriteOptions {
  headers: Record<string, string>;
  rule: ModelRule | undefined;
  /** Between the events of a stream, where the rule names none. */
  chunkDelayMs: number;
  /** Aborts when the server closes. */
  signal: AbortSignal;
}

export async function writeReply(
  incoming: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  options: WriteOptions,
): Promise<void> {
  const { rule, headers } = options;
  if (reply.kind === "json") {
    response.writeHead(reply.status, { "content-type": jsonType, ...headers, ...reply.headers });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
    return;
  }
  const { socket } = incoming;
  const frames = reply.events.map(frame);
  const breakAt = rule?.stream?.breakAfterChunks ?? Infinity;
  const pauseMs = rule?.chunkDelayMs ?? options.chunkDelayMs;
  response.writeHead(200, { "content-type": streamType, "cache-control": "no-cache", ...headers });
  response.flushHeaders();
  for (const [index, text] of frames.entries()) {
    if (index >= breakAt) break;
    if (index > 0) await delay(pauseMs, options.signal);
    if (response.destroyed) return;
    // A reader that does not read must not make the server buffer without end.
    if (!response.write(text)) await drained(response);
  }
  if (rule?.stream === undefined || breakAt >= frames.length) {
    response.end(reply.endsWithDone ? "data: [DONE]\n\n" : undefined);
    return;
  }
  switch (rule.stream.how) {
    case "reset":
      // Let what was written leave first: a reset discards what the kernel still holds.
      await delay(20, options.signal);
      socket.resetAndDestroy();
      return;
    case "end":
      response.end();
      return;
    case "error-event": {
      const error = {
        message: "The server had an error processing your request. Sorry about that!",
        type: "server_error",
        param: null,
        code: null,
        ...rule.error,
      };
      response.end(reply.errorEvent({ error }).map(frame).join(""));
      return;
    }
    case "stall":
      return;
  }
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}
