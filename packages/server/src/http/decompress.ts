import { promisify } from "node:util";
import zlib, { type InputType, type ZlibOptions } from "node:zlib";
import { HttpError } from "./errors.ts";
import { splitZstdFrames } from "./zstd-frames.ts";

type Inflate = (data: InputType, options: ZlibOptions) => Promise<Buffer>;

/** Node's word for an output above `maxOutputLength`. */
const TOO_LARGE = "ERR_BUFFER_TOO_LARGE";

const inflateAsync = promisify(zlib.inflate) as Inflate;
const inflateRawAsync = promisify(zlib.inflateRaw) as Inflate;
// Node has it from 22.15 on.
const { zstdDecompress } = zlib as { zstdDecompress?: typeof zlib.inflate };

const ENCODINGS: ReadonlyMap<string, Inflate> = new Map([
  ["gzip", promisify(zlib.gunzip) as Inflate],
  ["x-gzip", promisify(zlib.gunzip) as Inflate],
  // The name means zlib's format by RFC 9110, and some senders write it without the header.
  ["deflate", (data, options) => (hasZlibHeader(data as Uint8Array) ? inflateAsync : inflateRawAsync)(data, options)],
  ["br", promisify(zlib.brotliDecompress) as Inflate],
  ...(zstdDecompress === undefined ? [] : [["zstd", eachFrame(promisify(zstdDecompress) as Inflate)] as const]),
]);

/** The limit is one for all frames together. */
function eachFrame(inflate: Inflate): Inflate {
  return async (data, options) => {
    const parts: Buffer[] = [];
    let left = options.maxOutputLength ?? Infinity;
    for (const frame of splitZstdFrames(data as Uint8Array)) {
      // oxlint-disable-next-line no-await-in-loop -- each has what the ones before it left
      const part = await inflate(frame, { ...options, maxOutputLength: Math.max(left, 1) });
      left -= part.byteLength;
      if (left < 0) throw Object.assign(new RangeError("The frames are too large."), { code: TOO_LARGE });
      parts.push(part);
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  };
}

/** What `Content-Encoding` may say, for the sender of another. */
export const ENCODING_NAMES = [...ENCODINGS.keys()].filter((name) => name !== "x-gzip").join(", ");

export function isEncoding(encoding: string): boolean {
  return ENCODINGS.has(encoding);
}

/** Text compresses to about a tenth; what takes more is inflated a second time, with the whole limit as its bound. */
const USUAL_RATIO = 16;

/**
 * Inflates a body within the limit. What it may take counts against `hold` before the first byte is inflated: a gzip member tells its size in its
 * last four bytes, for others it is guessed. A body that lies about it, or has several members, is given the limit as its bound, once.
 *
 * @throws {HttpError} 400, 413, or what `hold` throws.
 */
export async function decompress(
  encoding: string,
  wire: Uint8Array,
  maxBytes: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const told = Math.min(encoding.endsWith("gzip") ? gzipSize(wire) : wire.byteLength * USUAL_RATIO, maxBytes);
  hold(told);
  const body = await inflateWithin(encoding, wire, told);
  if (body !== null) return body;
  if (told === maxBytes) throw tooLarge(maxBytes);
  hold(maxBytes - told);
  const longer = await inflateWithin(encoding, wire, maxBytes);
  if (longer === null) throw tooLarge(maxBytes);
  return longer;
}

export function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, "too_large", `The body is larger than ${maxBytes} bytes: send smaller batches.`);
}

function gzipSize(wire: Uint8Array): number {
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength);
  return wire.byteLength < 4 ? 0 : view.getUint32(wire.byteLength - 4, true);
}

function hasZlibHeader([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** `null` when there is more than that. @throws {HttpError} 400. */
async function inflateWithin(encoding: string, wire: Uint8Array, maxBytes: number): Promise<Uint8Array | null> {
  try {
    return (await ENCODINGS.get(encoding)?.(wire, { maxOutputLength: Math.max(maxBytes, 1) })) ?? null;
  } catch (error) {
    if ((error as { code?: unknown }).code === TOO_LARGE) return null;
    const name = encoding.replace("x-", "");
    throw new HttpError(400, `bad_${name}`, `The body is not ${name}: ${(error as Error).message}.`);
  }
}
