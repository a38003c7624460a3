import { SpanwiseConfigError } from "../errors.ts";

interface BrowserGlobals {
  navigator?: { userAgent?: string };
  process?: { versions?: { node?: string } };
}

/**
 * True in pages and workers of a browser, whose code and keys everybody can read. Every browser calls itself Mozilla; Node, Bun,
 * Deno and workerd do not. jsdom and Electron's Node side run on somebody's own machine and are no browsers here.
 */
export function isBrowser(): boolean {
  const { navigator, process } = globalThis as BrowserGlobals;
  return navigator?.userAgent?.startsWith("Mozilla/") === true && process?.versions?.node === undefined;
}

/** @throws SpanwiseConfigError for a secret key where every visitor could read it. */
export function refuseSecretInBrowser(secretKey: string | undefined): void {
  if (secretKey === undefined || !isBrowser()) return;
  throw new SpanwiseConfigError(
    "secretKey must not be used in a browser: send scores with publicKey alone (@spanwise/core/api)",
  );
}
