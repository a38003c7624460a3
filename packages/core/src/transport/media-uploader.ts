import type { ByteBudget } from "../pipeline/budget.ts";
import type { DestinationContext } from "../pipeline/destination.ts";
import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import type { MediaStats } from "../tracer/api.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { retryDelayMs } from "./backoff.ts";
import { describeError, sendRequest } from "./http.ts";
import { retryAfterMs } from "./outcome.ts";
import { Waiters } from "./waiters.ts";
import { utf8 } from "../util/utf8.ts";

/** Uploads under way at once. */
const MAX_IN_FLIGHT = 2;
/** Ids that are remembered as uploaded; the server knows the rest. */
const MAX_REMEMBERED = 10_000;
/** Part of `maxQueueBytes` that attachments of all destinations together may hold: they must not crowd out observations. */
const MEDIA_SHARE = 0.5;
/** An upload may take as long as a slow line needs for its bytes, on top of `timeoutMs`. 100 KB/s. */
const MIN_BYTES_PER_MS = 100;

interface Upload {
  readonly media: Media;
  readonly context: MediaContext;
  readonly ordinal: number;
  /** Of `performance.now()`. */
  readonly pushedAt: number;
  attempts: number;
  /** Set once the bytes have arrived: what is left is to say so. */
  report: { readonly uploadedAt: string; readonly uploadHttpStatus: number; readonly uploadTimeMs: number } | undefined;
  /** While it waits for its next attempt: that comes now, or never. */
  retryNow: (() => void) | undefined;
  cancelRetry: (() => void) | undefined;
}

const SHUT_DOWN = "the tracer was shut down";

/** Bytes that the attachments of one tracer hold, at all its destinations. */
const heldBytes = new WeakMap<ByteBudget, number>();

/**
 * Sends attachments by Langfuse's flow: announce (`POST /api/public/media`), upload to the URL in the answer unless the server
 * has it, report (`PATCH`). Each content once a destination, in the background. What cannot be sent waits within bytes
 * ({@link MEDIA_SHARE}) and age (`maxAgeMs`) and never holds up an observation: its payload keeps the reference all the same.
 */
export class MediaUploader {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #name: string;
  readonly #context: DestinationContext;
  readonly #known = new Set<string>();
  readonly #queue: Upload[] = [];
  readonly #aborts = new Set<AbortController>();
  #closed = false;
  #pushed = 0;
  /** Uploads that are not settled, oldest first. */
  readonly #open = new Set<Upload>();
  readonly #waiters = new Waiters();
  #queuedBytes = 0;
  #uploaded = 0;
  #failed = 0;
  #retried = 0;

  constructor(name: string, baseUrl: string, headers: Record<string, string>, context: DestinationContext) {
    this.#name = name;
    this.#url = `${baseUrl}/api/public/media`;
    this.#headers = headers;
    this.#context = context;
  }

  push(media: Media, context: MediaContext): void {
    if (this.#closed || this.#known.has(media.id)) return;
    const { budget } = this.#context;
    const { byteLength } = media.bytes;
    const held = (heldBytes.get(budget) ?? 0) + byteLength;
    if (held > budget.max * MEDIA_SHARE || !budget.hasRoom(false)) {
      this.#fail("the queue is full", media);
      return;
    }
    this.#remember(media.id);
    heldBytes.set(budget, held);
    budget.charge(byteLength);
    this.#queuedBytes += byteLength;
    const upload: Upload = {
      media,
      context,
      ordinal: ++this.#pushed,
      pushedAt: performance.now(),
      attempts: 0,
      report: undefined,
      retryNow: undefined,
      cancelRetry: undefined,
    };
    this.#open.add(upload);
    this.#queue.push(upload);
    this.#pump();
  }

  stats(): MediaStats {
    return {
      queued: this.#open.size,
      queuedBytes: this.#queuedBytes,
      uploaded: this.#uploaded,
      retried: this.#retried,
      failed: this.#failed,
    };
  }

  /** Sends what waits for its next attempt at once; resolves when what was pushed so far is settled, or when `signal` fires. */
  async flush(signal: AbortSignal): Promise<void> {
    for (const { retryNow } of this.#open) retryNow?.();
    if (this.#oldest() <= this.#pushed) await this.#waiters.wait(this.#pushed, Number.POSITIVE_INFINITY, signal);
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const upload of this.#open) {
      upload.cancelRetry?.();
      this.#giveUp(upload, SHUT_DOWN);
    }
    for (const abort of this.#aborts) abort.abort(new Error(SHUT_DOWN));
  }

  #oldest(): number {
    const [oldest] = this.#open;
    return oldest?.ordinal ?? Number.POSITIVE_INFINITY;
  }

  #remember(id: string): void {
    this.#known.add(id);
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.values().next().value!);
  }

  #pump(): void {
    while (this.#aborts.size < MAX_IN_FLIGHT && this.#queue.length > 0) void this.#upload(this.#queue.shift()!);
  }

  /** Never rejects. */
  async #upload(upload: Upload): Promise<void> {
    const abort = new AbortController();
    this.#aborts.add(abort);
    try {
      await this.#run(upload, abort);
      if (!this.#closed) {
        this.#uploaded++;
        this.#settle(upload);
      }
    } catch (error) {
      if (!this.#closed) this.#retry(upload, error);
    } finally {
      this.#aborts.delete(abort);
      this.#pump();
    }
  }

  async #run(upload: Upload, abort: AbortController): Promise<void> {
    const { contentType, bytes, sha256, id } = upload.media;
    if (!upload.report) {
      const announced = await this.#json("POST", this.#url, abort, {
        ...upload.context,
        contentType,
        contentLength: bytes.byteLength,
        sha256Hash: sha256,
      });
      // Of something that takes whatever comes: it has no address to give.
      if (announced.body.byteLength === 0) throw new UploadError(announced, "POST");
      const { uploadUrl } = JSON.parse(new TextDecoder().decode(announced.body)) as { uploadUrl?: string | null };
      if (!uploadUrl) return;
      const startedAt = performance.now();
      const url = new URL(uploadUrl, this.#url);
      const headers: Record<string, string> = { "content-type": contentType };
      // Google's storage refuses headers that its signature does not name.
      if (!url.hostname.endsWith(".googleapis.com")) {
        headers["x-amz-checksum-sha256"] = sha256;
        headers["x-ms-blob-type"] = "BlockBlob";
      }
      const put = await this.#send("PUT", url.href, headers, bytes, abort);
      const uploadedAt = new Date().toISOString();
      upload.report = {
        uploadedAt,
        uploadHttpStatus: put.status,
        uploadTimeMs: Math.round(performance.now() - startedAt),
      };
    }
    await this.#json("PATCH", `${this.#url}/${id}`, abort, upload.report);
  }

  #json(method: "POST" | "PATCH", url: string, abort: AbortController, body: object): Promise<HttpResponse> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#send(method, url, headers, utf8(JSON.stringify(body)), abort);
  }

  async #send(
    method: HttpRequest["method"],
    url: string,
    headers: Record<string, string>,
    bytes: Uint8Array,
    abort: AbortController,
  ): Promise<HttpResponse> {
    const { timeoutMs, fetch } = this.#context.settings;
    const limitMs = timeoutMs + Math.ceil(bytes.byteLength / MIN_BYTES_PER_MS);
    const cancel = setQuietTimeout(() => abort.abort(new Error(`no answer within ${limitMs} ms`)), limitMs);
    try {
      const response = await sendRequest({ method, url, headers, body: [bytes], signal: abort.signal }, fetch);
      if (response.status < 200 || response.status >= 300) throw new UploadError(response, method);
      return response;
    } finally {
      cancel();
    }
  }

  #retry(upload: Upload, error: unknown): void {
    upload.attempts++;
    const { isFinal, retryAfterMs: asked } = error instanceof UploadError ? error : {};
    const waitMs = retryDelayMs(upload.attempts, asked);
    const isTooOld = performance.now() + waitMs - upload.pushedAt > this.#context.settings.maxAgeMs;
    if (isFinal || isTooOld) {
      this.#giveUp(upload, describeError(error));
      return;
    }
    this.#retried++;
    const retry = (): void => {
      upload.cancelRetry?.();
      upload.retryNow = upload.cancelRetry = undefined;
      this.#queue.push(upload);
      this.#pump();
    };
    upload.retryNow = retry;
    upload.cancelRetry = setQuietTimeout(retry, waitMs);
  }

  #giveUp(upload: Upload, reason: string): void {
    this.#fail(reason, upload.media);
    this.#settle(upload);
  }

  #fail(reason: string, { id, contentType, bytes }: Media): void {
    this.#failed++;
    this.#known.delete(id);
    this.#context.onError(this.#name, `${contentType} of ${bytes.byteLength} bytes was not uploaded: ${reason}`);
  }

  #settle(upload: Upload): void {
    const { byteLength } = upload.media.bytes;
    const { budget } = this.#context;
    this.#open.delete(upload);
    this.#queuedBytes -= byteLength;
    heldBytes.set(budget, (heldBytes.get(budget) ?? 0) - byteLength);
    budget.release(byteLength);
    this.#waiters.wakeSettled(this.#oldest());
  }
}

class UploadError extends Error {
  /** Asking again would not help. Keys may be put right, and an address that was signed for a time may be given anew. */
  readonly isFinal: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(response: HttpResponse, method: string) {
    super(`${method} answered HTTP ${response.status}`);
    const { status } = response;
    this.isFinal = status < 500 && ![401, 403, 408, 425, 429].includes(status);
    this.retryAfterMs = retryAfterMs(response);
  }
}
