import { AsyncLocalStorage } from "node:async_hooks";
import type { Agent, request } from "node:http";
import type { ContextStore, ContextStorage } from "../context/storage.ts";
import { MAX_RESPONSE_BYTES, type HttpRequest, type HttpResponse, type Platform } from "./platform.ts";

interface HttpClient {
  request: typeof request;
  agent: Agent;
}

/** Idle connections a destination keeps; four requests are in flight at most. */
const MAX_FREE_SOCKETS = 4;

// Loaded at the first send, and by `getBuiltinModule` where there is one (Node 20.16): it costs 3 ms and 3 MB where `import`
// costs 22 ms and 16 MB (reference/hot-path.md).
const clients: Record<string, Promise<HttpClient>> = {};

async function loadClient(protocol: string): Promise<HttpClient> {
  const builtin = process.getBuiltinModule?.bind(process);
  const module =
    protocol === "https:"
      ? (builtin?.("node:https") ?? (await import("node:https")))
      : (builtin?.("node:http") ?? (await import("node:http")));
  return { request: module.request, agent: new module.Agent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS }) };
}

async function sendRequest(message: HttpRequest): Promise<HttpResponse> {
  const url = new URL(message.url);
  const client = await (clients[url.protocol] ??= loadClient(url.protocol));
  message.signal.throwIfAborted();
  let length = 0;
  for (const part of message.body) length += part.byteLength;

  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, {
      method: message.method,
      agent: client.agent,
      signal: message.signal,
      headers: { ...message.headers, "content-length": length },
    });
    // A request under way never keeps the process alive; what waits for it on exit holds a timer of its own.
    outgoing.on("socket", (socket) => socket.unref());
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const parts: Buffer[] = [];
      let kept = 0;
      incoming.on("data", (chunk: Buffer) => {
        if (kept < MAX_RESPONSE_BYTES) parts.push(chunk.subarray(0, MAX_RESPONSE_BYTES - kept));
        kept += chunk.byteLength;
      });
      incoming.on("error", reject);
      incoming.on("aborted", () => reject(new Error("connection closed while the answer was read")));
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          header: (name) => {
            const value = incoming.headers[name];
            return Array.isArray(value) ? value[0] : value;
          },
          body: Buffer.concat(parts),
        }),
      );
    });
    for (const part of message.body) outgoing.write(part);
    outgoing.end();
  });
}

async function zip(how: "gzip" | "gunzip", bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const zlib = await import("node:zlib");
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: Uint8Array): void =>
      error ? reject(error) : resolve(result as Uint8Array<ArrayBuffer>);
    // Level 1: text shrinks nearly as much as at 6 for a third of the CPU (reference/performance.md).
    if (how === "gzip") zlib.gzip(bytes, { level: 1 }, done);
    else zlib.gunzip(bytes, done);
  });
}

type Utf8Writer = Uint8Array & { utf8Write(text: string, offset: number): number };

const exitHandlers = new Set<() => Promise<void>>();

/** Each runs once: `beforeExit` comes again after every delay it causes. */
function runExitHandlers(): void {
  const handlers = [...exitHandlers];
  exitHandlers.clear();
  process.removeListener("beforeExit", runExitHandlers);
  for (const handler of handlers) void handler();
}

export const platform: Platform = {
  createContextStorage: (): ContextStorage => new AsyncLocalStorage<ContextStore | undefined>(),
  env: (name) => process.env[name],
  defer: (task) => void setImmediate(task),
  send: sendRequest,
  gzip: (bytes) => zip("gzip", bytes),
  gunzip: (bytes) => zip("gunzip", bytes),
  writeUtf8: (target, text, offset) => (target as Utf8Writer).utf8Write(text, offset),
  fromBase64: (text) => {
    const bytes = Buffer.from(text, "base64");
    // Buffer skips what is not base64: the length tells whether it had to.
    const characters = text.length - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
    return bytes.byteLength === Math.floor((characters * 3) / 4)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : undefined;
  },
  createBuffer: (bytes) => Buffer.allocUnsafeSlow(bytes),
  onIdleExit: (handler) => {
    // One listener however many tracers: Node warns of leaks at eleven.
    if (exitHandlers.size === 0) process.on("beforeExit", runExitHandlers);
    exitHandlers.add(handler);
    return () => {
      exitHandlers.delete(handler);
      if (exitHandlers.size === 0) process.removeListener("beforeExit", runExitHandlers);
    };
  },
};
