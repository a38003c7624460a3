import { ENCODING_NAMES, decompress, isEncoding, tooLarge } from "./decompress.ts";
import { HttpError } from "./errors.ts";

export interface BodyLimits {
  /** Bytes of a body as sent. Default 32 MiB. */
  maxWireBytes: number;
  /** Bytes of a body after decompression. Default 64 MiB. */
  maxBodyBytes: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = { maxWireBytes: 32 * 1024 * 1024, maxBodyBytes: 64 * 1024 * 1024 };

/** Bytes of all bodies being read or decoded at one time, above which requests are turned away. 256 MiB. */
export const MAX_BODY_BYTES_IN_FLIGHT = 256 * 1024 * 1024;

/** Counts what all requests hold together, so that many large bodies at once cannot exhaust the memory. */
export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = MAX_BODY_BYTES_IN_FLIGHT) {
    this.#maxBytes = maxBytes;
  }

  /** @throws {HttpError} 429 when nothing is left. */
  take(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes)
      throw busy("The server is reading as much as it can hold.");
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** 429 with the number of seconds after which a retry makes sense. */
export function busy(message: string): HttpError {
  return new HttpError(429, "busy", message, { "Retry-After": "1" });
}

/**
 * Reads and decompresses a request's body within the limits and hands it to `use`; its bytes count against the budget until that is done.
 *
 * @throws {HttpError} 400, 413, 415 or 429.
 */
export async function withBody<T>(
  request: Request,
  limits: BodyLimits,
  budget: BodyBudget,
  use: (body: Uint8Array) => Promise<T>,
): Promise<T> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const isCompressed = encoding !== "identity" && encoding !== "";
  if (isCompressed && !isEncoding(encoding)) {
    const message = `Content-Encoding ${encoding.slice(0, 40)} is not supported: use one of ${ENCODING_NAMES}, or none.`;
    throw new HttpError(415, "unsupported_encoding", message, { "Accept-Encoding": ENCODING_NAMES });
  }
  const held = { bytes: 0 };
  const hold = (bytes: number): void => {
    budget.take(bytes);
    held.bytes += bytes;
  };
  try {
    const maxWireBytes = isCompressed ? limits.maxWireBytes : Math.min(limits.maxWireBytes, limits.maxBodyBytes);
    const wire = await readAll(request, maxWireBytes, hold);
    if (!isCompressed) return await use(wire);
    return await use(await decompress(encoding, wire, limits.maxBodyBytes, hold));
  } finally {
    budget.release(held.bytes);
  }
}

/** The sender went away: nobody reads the answer, and it is no failure of the server's. */
function failAborted(): never {
  throw new HttpError(400, "aborted", "The body ended before all of it had come.");
}

async function readAll(request: Request, maxBytes: number, hold: (bytes: number) => void): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(failAborted);
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hold(value.byteLength);
      chunks.push(value);
    }
  } finally {
    reader.releaseLock();
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}
