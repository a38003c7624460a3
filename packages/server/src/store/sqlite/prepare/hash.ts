import * as crypto from "node:crypto";
import type { BlobKind } from "./prepared.ts";

export const HASH_BYTES = 16;

/** The first bytes of SHA-256, a character a byte: what names a text. */
export function hashOf(kind: BlobKind | "group", projectId: string, text: string): string {
  return digest(`${kind} ${projectId}\n${text}`).slice(0, HASH_BYTES);
}

/** As the database keeps them, one after the other. */
export function bytesOfHashes(hashes: readonly string[]): Buffer {
  return Buffer.from(hashes.join(""), "latin1");
}

type OneShot = (algorithm: string, data: string, encoding: "binary") => string;

/** From Node 20.12 on; half the time of an object for each text. */
const oneShot = (crypto as { hash?: OneShot }).hash;

const digest: (text: string) => string =
  oneShot === undefined
    ? (text) => crypto.createHash("sha256").update(text).digest("binary")
    : (text) => oneShot("sha256", text, "binary");
