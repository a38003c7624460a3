import { SpanwiseConfigError } from "../errors.ts";

/** The URL without a slash at its end, to which paths are added; throws on what no request can be sent to. */
export function checkBaseUrl(value: string, option: string): string {
  if (!URL.canParse(value)) {
    throw new SpanwiseConfigError(`${option} is not a URL: "${value}". Give one such as http://localhost:4777`);
  }
  const { protocol, username, password, search, hash, origin, pathname } = new URL(value);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new SpanwiseConfigError(`${option} must start with http:// or https://, got "${protocol}//"`);
  }
  if (username || password) {
    throw new SpanwiseConfigError(`${option} must not carry credentials: use publicKey and secretKey`);
  }
  if (search || hash) throw new SpanwiseConfigError(`${option} must end with its path, without ? and #`);
  return origin + pathname.replace(/\/+$/, "");
}

/** Without the space around it that files bring; an empty key is none, as an empty variable is. */
export function keyOf(key: string | null | undefined): string | undefined {
  return key?.trim() || undefined;
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

export function basicAuth(publicKey: string, secretKey: string): string {
  const bytes = new TextEncoder().encode(`${publicKey}:${secretKey}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
