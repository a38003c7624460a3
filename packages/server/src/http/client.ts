import type { Context } from "hono";

/** Longer ones are cut: it is a hint, and the sender's to choose. */
const MAX_CLIENT_CHARS = 100;

/** The address a request came from: the proxy's, where there is one. Empty where the server has no socket (tests of the app alone). */
export function clientAddress(context: Context): string {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? "";
}

/** What a request says it was sent by: the SDK's name and version, else the user agent. */
export function clientName(context: Context): string | null {
  const sdk = context.req.header("x-langfuse-sdk-name");
  const version = context.req.header("x-langfuse-sdk-version");
  const name = sdk === undefined ? context.req.header("user-agent") : [sdk, version].filter(Boolean).join("/");
  return name === undefined || name === "" ? null : name.slice(0, MAX_CLIENT_CHARS);
}
