import { AsyncLocalStorage } from "node:async_hooks";
// By its default export: webpack resolves a `createRequire` that is imported by name, and warns of it in every build.
import nodeModule from "node:module";
import type { Agent, AgentOptions, request } from "node:http";
import type { ContextStore, ContextStorage } from "../context/storage.ts";
import { byteLengthOf, gunzip, gzip } from "./node-gzip.ts";
import { MAX_RESPONSE_BYTES, type HttpRequest, type HttpResponse, type Platform } from "./platform.ts";

interface HttpClient {
  request: typeof request;
  agent: Agent;
  /** Epoch milliseconds. */
  usedAt: number;
}

/** Of this package or of Node itself; the bundler may have made this file CommonJS. */
function requireModule(name: string): unknown {
  return nodeModule.createRequire(typeof __filename === "string" ? __filename : import.meta.url)(name);
}

// As it was when this was loaded: with one that a test has faked since, the first send would wait for ever, and all others with it.
// Jest's jsdom has no global one, and to import the module everywhere takes half a millisecond.
const setImmediate: typeof globalThis.setImmediate =
  globalThis.setImmediate ?? (requireModule("node:timers") as typeof globalThis).setImmediate;

/** Idle connections a destination keeps; four requests are in flight at most. */
const MAX_FREE_SOCKETS = 4;
/**
 * A connection that was idle for longer, by the wall clock, is not used again: after a freeze its other end is gone, at times
 * without a word, and a request on it would hang until its time-out.
 */
const MAX_IDLE_MS = 60_000;

// Loaded at the first send, and by `getBuiltinModule` where there is one (Node 20.16): it costs 3 ms and 3 MB where `import`
// costs 22 ms and 16 MB (reference/hot-path.md).
const clients: Record<string, Promise<HttpClient>> = {};

/** An IPv4 or IPv6 address, as `URL` writes it. */
const ADDRESS = /^[\d.]+$|^\[/;

async function loadClient({ protocol, hostname }: URL): Promise<HttpClient> {
  // A turn of the event loop for each module and one for the first request: each takes milliseconds.
  await new Promise((resolve) => setImmediate(resolve));
  const builtin = process.getBuiltinModule?.bind(process);
  // Loaded by the first request otherwise, in 10 ms.
  if (!ADDRESS.test(hostname) && builtin?.("node:dns")) await new Promise((resolve) => setImmediate(resolve));
  const module =
    protocol === "https:"
      ? (builtin?.("node:https") ?? (await import("node:https")))
      : (builtin?.("node:http") ?? (await import("node:http")));
  // Node's own `NODE_USE_ENV_PROXY` and `--use-env-proxy` (22.21, 24.5) show in its global agent only.
  const { proxyEnv } = (module.globalAgent as { options?: { proxyEnv?: NodeJS.ProcessEnv } }).options ?? {};
  const agent = new module.Agent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS, proxyEnv } as AgentOptions);
  await new Promise((resolve) => setImmediate(resolve));
  return { request: module.request, agent, usedAt: Date.now() };
}

class StaleSocketError extends Error {}

async function sendRequest(message: HttpRequest): Promise<HttpResponse> {
  const url = new URL(message.url);
  const client = await (clients[url.protocol] ??= loadClient(url));
  message.signal.throwIfAborted();
  if (Date.now() - client.usedAt > MAX_IDLE_MS) dropIdle(client.agent);
  client.usedAt = Date.now();
  try {
    return await sendOnce(client, url, message);
  } catch (error) {
    if (!(error instanceof StaleSocketError)) throw error;
    // The server had closed an idle connection: no failure of its own. Another one from the pool may be as old.
    dropIdle(client.agent);
    return sendOnce(client, url, message);
  }
}

function dropIdle(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

function sendOnce({ request, agent }: HttpClient, url: URL, message: HttpRequest): Promise<HttpResponse> {
  const { maxResponseBytes = MAX_RESPONSE_BYTES } = message;
  const length = byteLengthOf(message.body);

  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: message.method,
      agent,
      signal: message.signal,
      headers: { ...message.headers, "content-length": length },
    });
    // A request under way never keeps the process alive; what waits for it on exit holds a timer of its own.
    outgoing.on("socket", (socket) => socket.unref());
    let isAnswered = false;
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === "ECONNRESET" || error.code === "EPIPE";
      const isStale = isClosed && outgoing.reusedSocket && !isAnswered && !message.signal.aborted;
      reject(isStale ? new StaleSocketError(error.message) : error);
    });
    outgoing.on("response", (incoming) => {
      isAnswered = true;
      const parts: Buffer[] = [];
      let kept = 0;
      incoming.on("data", (chunk: Buffer) => {
        if (kept < maxResponseBytes) parts.push(chunk.subarray(0, maxResponseBytes - kept));
        kept += chunk.byteLength;
      });
      incoming.on("error", reject);
      incoming.on("aborted", () => reject(new Error("connection closed while the answer was read")));
      incoming.on("end", () => {
        const body = Buffer.concat(parts);
        const answer = (bytes: Uint8Array): void =>
          resolve({
            status: incoming.statusCode ?? 0,
            header: (name) => {
              const value = incoming.headers[name];
              return Array.isArray(value) ? value[0] : value;
            },
            body: bytes,
            isEarly: !outgoing.writableFinished,
          });
        // Nobody asked for it, and it is allowed all the same. What is no gzip after all is as good as nothing.
        if (incoming.headers["content-encoding"] !== "gzip") answer(body);
        else
          void gunzip(body, maxResponseBytes)
            .catch(() => body.subarray(0, 0))
            .then(answer);
      });
    });
    // Unheard, Node ends the connection and says neither error nor response.
    outgoing.on("upgrade", (incoming, socket) => {
      socket.destroy();
      reject(new Error(`HTTP ${incoming.statusCode}: another protocol`));
    });
    for (const part of message.body) outgoing.write(part);
    outgoing.end();
  });
}

type Utf8Writer = Uint8Array & { utf8Write(text: string, offset: number): number };

const exitHandlers = new Set<() => Promise<void>>();

/** `beforeExit` comes again after every delay it causes; an application that records at each must end all the same. */
const MAX_EXIT_ROUNDS = 5;
/** No round begins after this much waiting. */
const MAX_EXIT_WAIT_MS = 2_000;
let exitRounds = 0;
let exitWaitMs = 0;
let isExitOver = false;

function runExitHandlers(): void {
  if (++exitRounds > MAX_EXIT_ROUNDS || exitWaitMs >= MAX_EXIT_WAIT_MS) {
    isExitOver = true;
    process.removeListener("beforeExit", runExitHandlers);
    return;
  }
  // After the application's own listeners, which may record more.
  queueMicrotask(() => {
    const startedAt = performance.now();
    const running = [...exitHandlers].map((handler) => handler());
    void Promise.allSettled(running).then(() => {
      exitWaitMs += performance.now() - startedAt;
    });
  });
}

export const platform: Platform = {
  createContextStorage: (): ContextStorage => new AsyncLocalStorage<ContextStore | undefined>(),
  isRequestBound: false,
  isFetching: false,
  // Node loads `crypto` when it is first looked at, in 5 ms.
  prepare: () => void setImmediate(() => globalThis.crypto).unref(),
  env: (name) => process.env[name],
  defer: (task) => {
    const immediate = setImmediate(task);
    // What an application records at every `beforeExit` must not bring about the next one for ever.
    if (isExitOver) immediate.unref();
  },
  send: sendRequest,
  gzip,
  gunzip: (bytes) => gunzip(bytes),
  writeUtf8: (target, text, offset) => (target as Utf8Writer).utf8Write(text, offset),
  fromBase64: (text) => {
    const bytes = Buffer.from(text, "base64");
    // Buffer skips what is not base64: the length tells whether it had to.
    const characters = text.length - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
    return bytes.byteLength === Math.floor((characters * 3) / 4)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : undefined;
  },
  load(module) {
    try {
      requireModule(module);
    } catch {
      // Bundled without its packages: whoever asked finds nothing registered and says what to import.
    }
  },
  createBuffer: (bytes) => (typeof bytes === "number" ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(bytes)),
  // A flat string: one that is put together byte by byte costs every later look at it twice as much.
  hex: (bytes, from, to) => (bytes as Buffer).toString("hex", from, to),
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
