import { createHash, randomBytes } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `chatcmpl-…`, `call_…`: a prefix and `length` letters and digits. */
export function alphanumericId(prefix: string, length: number): string {
  return prefix + Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** `req_…`, `resp_…`: a prefix and `bytes` bytes in hex. */
export function hexId(prefix: string, bytes: number): string {
  return prefix + randomBytes(bytes).toString("hex");
}

/** 32 bits that depend on the text alone. */
export function hash32(text: string): number {
  return createHash("sha1").update(text).digest().readUInt32BE(0);
}

/** What OpenAI pads stream chunks with, so that their length does not tell the token. */
export function obfuscation(): string {
  return alphanumericId("", (randomBytes(1)[0] ?? 0) % 16);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
