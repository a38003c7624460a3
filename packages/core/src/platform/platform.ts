import type { ContextStorage } from "../context/storage.ts";

/** What a runtime does its own way. `node.ts` serves Node, Bun and Deno; `web.ts` browsers, workerd and other edges. */
export interface Platform {
  createContextStorage(): ContextStorage;
  env(name: string): string | undefined;
  /** What is under way ends with the request of the application's in which it was begun: timers, fetches, promises. */
  readonly isRequestBound: boolean;
  /** `send` is the global `fetch`, which applications put their own in place of. */
  readonly isFetching: boolean;
  /** Loads what observations need and takes milliseconds, when the caller's stack is gone. Does not hold the process. */
  prepare(): void;
  /** Runs `task` when the caller's stack is gone, before timers where the runtime can. */
  defer(task: () => void): void;
  /** One request. Resolves for every status, rejects when there is none. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Compresses off the thread; `undefined` where the runtime cannot. */
  gzip(parts: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> | undefined;
  gunzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes UTF-8 and returns the bytes written. `target` has room: 3 bytes for each UTF-16 unit. */
  writeUtf8(target: Uint8Array, text: string, offset: number): number;
  /** `undefined` for what is not base64. */
  fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined;
  /** A new one of so many bytes, with anything in it, or a view of a whole buffer. */
  createBuffer(bytes: number | ArrayBuffer): Uint8Array<ArrayBuffer>;
  /** Two lower-case digits a byte. `bytes` is one of {@link createBuffer}. */
  hex(bytes: Uint8Array, from: number, to: number): string;
  /**
   * Called when the process has nothing left to do, and again, a few times at most, when that has caused more work; returns
   * the undo. A no-op where there is no such moment.
   */
  onIdleExit(handler: () => Promise<void>): () => void;
  /**
   * Loads a module of this package that the application has not imported, so that it makes itself known in the slot. Nothing
   * happens where the runtime cannot.
   */
  load(module: string): void;
}

export interface HttpRequest {
  method: "POST" | "PUT" | "PATCH";
  url: string;
  headers: Record<string, string>;
  body: readonly Uint8Array[];
  /** Aborts the request, wherever it is. */
  signal: AbortSignal;
  /** What is kept of the answer's body; the rest is thrown away. Default {@link MAX_RESPONSE_BYTES}. */
  maxResponseBytes?: number | undefined;
}

export interface HttpResponse {
  status: number;
  header(name: string): string | undefined;
  /** At most the request's `maxResponseBytes`. */
  body: Uint8Array;
  /** The answer came before all of the request was sent: its body is still being read. */
  isEarly?: boolean;
}

/** More of a backend's answer is not kept unless asked for: a page of HTML from a proxy must not cost memory. */
export const MAX_RESPONSE_BYTES = 64 * 1024;
