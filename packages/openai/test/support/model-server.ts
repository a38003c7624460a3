import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed, where it is JSON. */
  body: unknown;
  raw: string;
  retryCount: string | undefined;
}

export type Reply = (request: SeenRequest, response: ServerResponse, n: number) => void | Promise<void>;

export interface ChatServer {
  baseURL: string;
  requests: SeenRequest[];
  reply: Reply;
  close(): Promise<void>;
}

/** A real HTTP server on loopback whose answer each test sets; it keeps what arrived. */
export async function createChatServer(reply: Reply = json(completion("hi"))): Promise<ChatServer> {
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    let raw = "";
    for await (const part of message.setEncoding("utf8")) raw += part as string;
    const request: SeenRequest = {
      method: message.method ?? "",
      path: message.url ?? "",
      headers: message.headers,
      body: parseJson(raw),
      raw,
      retryCount: message.headers["x-stainless-retry-count"] as string | undefined,
    };
    server.requests.push(request);
    await server.reply(request, response, server.requests.length);
  };
  const http: Server = createServer(
    (message, response) => void handle(message, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: ChatServer = {
    baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    requests: [],
    reply,
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

/** Forms are no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_1", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Server-sent events, `[DONE]` at the end. Usage is sent only to those who ask, as OpenAI does. */
export function sse(
  chunks: readonly object[],
  { usage, delayMs = 0, done = true, destroy = false }: SseOptions = {},
): Reply {
  return async (request, response) => {
    const asked =
      (request.body as { stream_options?: { include_usage?: boolean } }).stream_options?.include_usage === true;
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_s" });
    const all =
      asked && usage ? [...chunks.map((c) => ({ ...c, usage: null })), { ...frame(), choices: [], usage }] : chunks;
    for (const chunk of all) {
      if (response.destroyed) return;
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    if (destroy) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.destroy();
      return;
    }
    if (done) response.write("data: [DONE]\n\n");
    response.end();
  };
}

interface SseOptions {
  usage?: object;
  delayMs?: number;
  done?: boolean;
  destroy?: boolean;
}

export const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

export function completion(content: string | null, extra: object = {}, message: object = {}): object {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-2024-08-06",
    system_fingerprint: "fp_1",
    service_tier: "default",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content, refusal: null, ...message } }],
    usage: USAGE,
    ...extra,
  };
}

function frame(): object {
  return {
    id: "chatcmpl-s",
    object: "chat.completion.chunk",
    created: 1,
    model: "gpt-4o-2024-08-06",
    system_fingerprint: "fp_s",
  };
}

export function chunk(delta: object, finish_reason: string | null = null, index = 0): object {
  return { ...frame(), choices: [{ index, delta, finish_reason }] };
}

export function textChunks(...parts: string[]): object[] {
  return [chunk({ role: "assistant", content: "" }), ...parts.map((content) => chunk({ content })), chunk({}, "stop")];
}
