import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

/** The whole body as sent, or `undefined` when it is larger than `maxBytes`. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Undoes `content-encoding`. `maxBytes` bounds what a small body may unpack to. */
export async function decompress(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  switch (encoding) {
    case "gzip":
      return await promisify(gunzip)(body, { maxOutputLength: maxBytes });
    case "deflate":
      return await promisify(inflate)(body, { maxOutputLength: maxBytes });
    case "br":
      return await promisify(brotliDecompress)(body, { maxOutputLength: maxBytes });
    case undefined:
    case "":
    case "identity":
      return body;
    default:
      throw new Error(`unsupported content-encoding: ${encoding}`);
  }
}
