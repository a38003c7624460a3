import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What clients send as Basic auth. */
export interface KeyPair {
  publicKey: string;
  secretKey: string;
}

/** 32 random bytes: nobody guesses one, whatever the speed of the hash. */
const SECRET_BYTES = 32;
const PUBLIC_BYTES = 12;

export function createKeyPair(): KeyPair {
  return {
    publicKey: `pk-sw-${randomBytes(PUBLIC_BYTES).toString("hex")}`,
    secretKey: `sk-sw-${createToken()}`,
  };
}

export function createToken(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/**
 * What is stored of a secret, in hex. One round of SHA-256: scrypt and its like make guessing at passwords slow, and these secrets are
 * 256 random bits, which cannot be guessed at; a slow hash would cost 50 ms a request, or a cache that holds secrets. The public key
 * goes in as salt, so that equal hashes tell nothing. A pepper would lie beside the file that it protects.
 */
export function hashSecret({ publicKey, secretKey }: KeyPair): string {
  return createHash("sha256").update(`${publicKey}\n${secretKey}`).digest("hex");
}

/** In constant time: both are digests of one length. */
export function isSameHash(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, "hex"), Buffer.from(expected, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** `Basic base64(public:secret)`; `null` for anything else. */
export function readBasic(header: string | undefined): KeyPair | null {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? null : { publicKey: text.slice(0, colon), secretKey: text.slice(colon + 1) };
}

export function readBearer(header: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}
