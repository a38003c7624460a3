import type { DestinationContext } from "../pipeline/destination.ts";
import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { retryDelayMs } from "./backoff.ts";
import { describeError, sendRequest } from "./http.ts";
import { Waiters } from "./waiters.ts";

/** Uploads under way at once. */
const MAX_IN_FLIGHT = 2;
/** Ids that are remembered as uploaded; the server knows the rest. */
const MAX_REMEMBERED = 10_000;
/** An upload is tried this often; its payload keeps the reference all the same. */
const MAX_ATTEMPTS = 5;

interface Upload {
  readonly media: Media;
  readonly context: MediaContext;
  readonly ordinal: number;
  attempts: number;
}

/**
 * Sends attachments by Langfuse's flow: announce (`POST /api/public/media`), upload to the URL in the answer unless the server
 * has it, report (`PATCH`). Each content once a destination, in the background, its bytes against the budget.
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
  uploaded = 0;
  failed = 0;

  constructor(name: string, baseUrl: string, headers: Record<string, string>, context: DestinationContext) {
    this.#name = name;
    this.#url = `${baseUrl}/api/public/media`;
    this.#headers = headers;
    this.#context = context;
  }

  push(media: Media, context: MediaContext): void {
    if (this.#closed || this.#known.has(media.id)) return;
    if (!this.#context.budget.hasRoom(false)) {
      this.#fail("the queue is full", media);
      return;
    }
    this.#remember(media.id);
    this.#context.budget.charge(media.bytes.byteLength);
    const upload = { media, context, ordinal: ++this.#pushed, attempts: 0 };
    this.#open.add(upload);
    this.#queue.push(upload);
    this.#pump();
  }

  /** Resolves when what was pushed so far is settled, or when `signal` fires. */
  async flush(signal: AbortSignal): Promise<void> {
    if (this.#oldest() <= this.#pushed) await this.#waiters.wait(this.#pushed, Number.POSITIVE_INFINITY, signal);
  }

  close(): void {
    this.#closed = true;
    for (const upload of this.#queue.splice(0)) this.#settle(upload);
    for (const abort of this.#aborts) abort.abort(new Error("the tracer was shut down"));
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
    const { timeoutMs } = this.#context.settings;
    const cancel = setQuietTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      await this.#run(upload, abort.signal);
      this.uploaded++;
      this.#settle(upload);
    } catch (error) {
      this.#retry(upload, error);
    } finally {
      cancel();
      this.#aborts.delete(abort);
      this.#pump();
    }
  }

  async #run({ media, context }: Upload, signal: AbortSignal): Promise<void> {
    const { contentType, bytes, sha256 } = media;
    const announced = await this.#json("POST", this.#url, signal, {
      ...context,
      contentType,
      contentLength: bytes.byteLength,
      sha256Hash: sha256,
    });
    const { uploadUrl } = JSON.parse(new TextDecoder().decode(announced.body)) as { uploadUrl?: string | null };
    if (!uploadUrl) return;
    const startedAt = Date.now();
    const headers = { "content-type": contentType, "x-amz-checksum-sha256": sha256, "x-ms-blob-type": "BlockBlob" };
    const put = await this.#send({ method: "PUT", url: uploadUrl, headers, body: [bytes], signal });
    await this.#json("PATCH", `${this.#url}/${media.id}`, signal, {
      uploadedAt: new Date().toISOString(),
      uploadHttpStatus: put.status,
      uploadTimeMs: Date.now() - startedAt,
    });
  }

  #json(method: "POST" | "PATCH", url: string, signal: AbortSignal, body: object): Promise<HttpResponse> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#send({ method, url, headers, body: [new TextEncoder().encode(JSON.stringify(body))], signal });
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const response = await sendRequest(request, this.#context.settings.fetch);
    if (response.status < 200 || response.status >= 300) throw new UploadError(response.status, request.method);
    return response;
  }

  #retry(upload: Upload, error: unknown): void {
    const isFinal = error instanceof UploadError && error.isFinal;
    if (this.#closed || isFinal || ++upload.attempts >= MAX_ATTEMPTS) {
      this.#fail(describeError(error), upload.media);
      this.#settle(upload);
      return;
    }
    setQuietTimeout(
      () => {
        if (this.#closed) this.#settle(upload);
        else this.#queue.push(upload);
        this.#pump();
      },
      retryDelayMs(upload.attempts, undefined),
    );
  }

  #fail(reason: string, { id, contentType, bytes }: Media): void {
    this.failed++;
    this.#known.delete(id);
    this.#context.onError(this.#name, `${contentType} of ${bytes.byteLength} bytes was not uploaded: ${reason}`);
  }

  #settle(upload: Upload): void {
    this.#open.delete(upload);
    this.#context.budget.release(upload.media.bytes.byteLength);
    this.#waiters.wakeSettled(this.#oldest());
  }
}

class UploadError extends Error {
  /** Asking again would not help. */
  readonly isFinal: boolean;

  constructor(status: number, method: string) {
    super(`${method} answered HTTP ${status}`);
    this.isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  }
}
