import { SpanwiseConfigError } from "../errors.ts";

/** The URL without a trailing slash; throws on what no request can be sent to. */
export function checkBaseUrl(value: string, option: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new SpanwiseConfigError(`${option} is not a URL: "${value}". Give one such as http://localhost:4777`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new SpanwiseConfigError(`${option} must start with http:// or https://, got "${url.protocol}//"`);
  }
  if (url.username || url.password) {
    throw new SpanwiseConfigError(`${option} must not carry credentials: use publicKey and secretKey`);
  }
  return value.replace(/\/+$/, "");
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

export function basicAuth(publicKey: string, secretKey: string): string {
  const bytes = new TextEncoder().encode(`${publicKey}:${secretKey}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
