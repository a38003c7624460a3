import { timingSafeEqual, createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { HttpError } from "./http/errors.ts";

export interface ApiKeys {
  publicKey: string;
  secretKey: string;
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The name in a Host header, without the port; `null` when it is no host. */
export function hostnameOf(hostHeader: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(:\d{1,5})?$/i.exec(hostHeader)?.[1] ?? null;
}

/**
 * A page of any web site can point its own name at 127.0.0.1 and then read this server as "same origin" (DNS rebinding): bound to
 * loopback, only requests that name a loopback host are served.
 */
export function guardHost(): MiddlewareHandler {
  return async (context, next) => {
    const hostname = hostnameOf(context.req.header("host") ?? "");
    if (hostname === null || !isLoopback(hostname)) {
      throw new HttpError(421, "wrong_host", "This server answers to localhost only.");
    }
    await next();
  };
}

/** Refuses what a page of another origin asks of the viewer's API; programs send neither of these headers. */
export function guardOrigin(): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    const site = context.req.header("sec-fetch-site");
    const isForeign = origin !== undefined ? !isSameHost(origin, context.req.header("host")) : site === "cross-site";
    if (isForeign) throw new HttpError(403, "cross_origin", "The viewer's API is not open to other origins.");
    await next();
  };
}

function isSameHost(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === host.toLowerCase();
  } catch {
    // "null" of a sandboxed page, or no URL at all.
    return false;
  }
}

/** Lets pages of any origin send traces, scores and media; they can read nothing but the answer. */
export function openCors(): MiddlewareHandler {
  return async (context, next) => {
    context.header("Access-Control-Allow-Origin", "*");
    if (context.req.method !== "OPTIONS") {
      await next();
      return;
    }
    context.header("Access-Control-Allow-Methods", "POST, PUT, PATCH, OPTIONS");
    context.header("Access-Control-Allow-Headers", context.req.header("access-control-request-headers") ?? "*");
    context.header("Access-Control-Max-Age", "600");
    context.res = context.body(null, 204);
  };
}

/**
 * Demands Basic auth with the keys. With `allowPublicKey` a Bearer public key will do: browsers send scores with it and must not hold
 * the secret key.
 */
export function requireKeys(keys: ApiKeys, options: { allowPublicKey?: boolean } = {}): MiddlewareHandler {
  const basic = `Basic ${Buffer.from(`${keys.publicKey}:${keys.secretKey}`).toString("base64")}`;
  const bearer = `Bearer ${keys.publicKey}`;
  return async (context, next) => {
    const given = context.req.header("authorization") ?? "";
    const isAllowed = isSameSecret(given, basic) || (options.allowPublicKey === true && isSameSecret(given, bearer));
    if (context.req.method !== "OPTIONS" && !isAllowed) {
      throw new HttpError(401, "unauthorized", "Send the server's public and secret key as Basic auth.", {
        "WWW-Authenticate": 'Basic realm="Spanwise", charset="UTF-8"',
      });
    }
    await next();
  };
}

/** Compares digests, which have one length, in constant time. */
function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(expected).digest());
}
