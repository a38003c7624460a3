import type { ContextStore, ContextStorage } from "../context/storage.ts";
import type { HttpRequest, HttpResponse, Platform } from "./platform.ts";
import { readResponse } from "./web-response.ts";

interface AsyncLocalStorageClass {
  new (): ContextStorage;
}

interface EdgeGlobals {
  AsyncLocalStorage?: AsyncLocalStorageClass;
  process?: {
    env?: Record<string, string | undefined>;
    getBuiltinModule?: (id: string) => { AsyncLocalStorage?: AsyncLocalStorageClass } | undefined;
  };
}

const globals = globalThis as EdgeGlobals;

/** Without AsyncLocalStorage (browsers) context reaches synchronous code only; parents are then passed by hand. */
class StackStorage implements ContextStorage {
  #store: ContextStore | undefined;

  getStore(): ContextStore | undefined {
    return this.#store;
  }

  run<T>(store: ContextStore | undefined, fn: () => T): T {
    const outer = this.#store;
    this.#store = store;
    try {
      return fn();
    } finally {
      this.#store = outer;
    }
  }
}

/** workerd has it with `nodejs_compat`, Vercel's edge as a global. */
function findAsyncLocalStorage(): AsyncLocalStorageClass | undefined {
  try {
    return globals.AsyncLocalStorage ?? globals.process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  } catch {
    // A runtime that refuses the look-up has none for us.
    return undefined;
  }
}

async function send(request: HttpRequest): Promise<HttpResponse> {
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body: new Blob(request.body as Uint8Array<ArrayBuffer>[]),
    signal: request.signal,
  });
  return readResponse(response, request.maxResponseBytes);
}

async function pipe(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const source: ReadableStream<Uint8Array> = new Blob([bytes]).stream();
  const piped = source.pipeThrough(stream as { readable: ReadableStream; writable: WritableStream });
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

const encoder = new TextEncoder();

export const platform: Platform = {
  createContextStorage: () => {
    const Storage = findAsyncLocalStorage();
    return Storage ? new Storage() : new StackStorage();
  },
  env: (name) => globals.process?.env?.[name],
  defer: (task) => void setTimeout(task, 0),
  send,
  gzip: (bytes) => (typeof CompressionStream === "undefined" ? undefined : pipe(bytes, new CompressionStream("gzip"))),
  gunzip: (bytes) => pipe(bytes, new DecompressionStream("gzip")),
  writeUtf8: (target, text, offset) => encoder.encodeInto(text, target.subarray(offset)).written,
  fromBase64: (text) => {
    try {
      return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    } catch {
      return undefined;
    }
  },
  createBuffer: (bytes) => new Uint8Array(bytes),
  onIdleExit: () => () => {},
};
