import { SpanwiseConfigError } from "../errors.ts";
import { parseUrl, refuse } from "./check.ts";
import { utf8 } from "./utf8.ts";

/** The URL without a slash at its end, to which paths are added; throws on what no request can be sent to. */
export function checkBaseUrl(value: string, option: string): string {
  const { username, password, search, hash, origin, pathname } = parseUrl(value, option);
  if (username || password) {
    throw new SpanwiseConfigError(`${option} must not carry credentials: use publicKey and secretKey`);
  }
  if (search || hash) throw new SpanwiseConfigError(`${option} must end with its path, without ? and #`);
  return origin + pathname.replace(/\/+$/, "");
}

/**
 * Without the space around it that files bring; an empty key is none, as an empty variable is.
 * @throws SpanwiseConfigError for what is no text, without a word of it.
 */
export function keyOf(key: string | null | undefined, option: string): string | undefined {
  if (key !== undefined && key !== null && typeof key !== "string") {
    // Not a word of it: it may be one half of a secret.
    refuse(option, "a string", typeof key);
  }
  return key?.trim() || undefined;
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

export function basicAuth(publicKey: string, secretKey: string): string {
  const bytes = utf8(`${publicKey}:${secretKey}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
