import type { ContextStore, ContextStorage } from "../context/storage.ts";
import { sendByFetch } from "./by-fetch.ts";
import type { Platform } from "./platform.ts";
import { encoder } from "../util/utf8.ts";

interface AsyncLocalStorageClass {
  new (): ContextStorage;
}

interface EdgeGlobals {
  AsyncLocalStorage?: AsyncLocalStorageClass;
  navigator?: { userAgent?: string };
  process?: {
    env?: Record<string, string | undefined>;
    getBuiltinModule?: (id: string) => { AsyncLocalStorage?: AsyncLocalStorageClass } | undefined;
  };
}

const globals = globalThis as EdgeGlobals;

/** https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent */
const isWorkerd = globals.navigator?.userAgent === "Cloudflare-Workers";

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

async function pipe(
  parts: readonly Uint8Array[],
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const source: ReadableStream<Uint8Array> = new Blob(parts as Uint8Array<ArrayBuffer>[]).stream();
  const piped = source.pipeThrough(stream as { readable: ReadableStream; writable: WritableStream });
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

export const platform: Platform = {
  createContextStorage: () => {
    const Storage = findAsyncLocalStorage();
    return Storage ? new Storage() : new StackStorage();
  },
  isRequestBound: isWorkerd,
  isFetching: true,
  prepare: () => {},
  env: (name) => globals.process?.env?.[name],
  // A timer of workerd's ends with the request that set it, and with it what waits for the task.
  defer: isWorkerd ? (task) => queueMicrotask(task) : (task) => void setTimeout(task, 0),
  // Looked up at each request: pages and workers put their own in its place.
  send: (request) => sendByFetch(fetch, request),
  gzip: (parts) => (typeof CompressionStream === "undefined" ? undefined : pipe(parts, new CompressionStream("gzip"))),
  gunzip: (bytes) => pipe([bytes], new DecompressionStream("gzip")),
  writeUtf8: (target, text, offset) => encoder().encodeInto(text, target.subarray(offset)).written,
  fromBase64: (text) => {
    try {
      const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
      // Not `Uint8Array.from`: a callback for each character takes 70 ms a megabyte (reference/performance.md).
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
      return bytes;
    } catch {
      return undefined;
    }
  },
  createBuffer: (bytes) => new Uint8Array(bytes as ArrayBuffer),
  load: () => {},
  hex: (bytes, from, to) => {
    let text = "";
    for (let i = from; i < to; i++) text += bytes[i]!.toString(16).padStart(2, "0");
    return text;
  },
  onIdleExit: () => () => {},
};
