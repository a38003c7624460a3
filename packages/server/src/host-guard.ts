import type { MiddlewareHandler } from "hono";
import { HttpError } from "./http/errors.ts";

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
 * loopback, only requests that name a loopback host are served. Bound wider, the names are the network's, and every request needs
 * keys or a cookie, which a browser sends to no other name.
 */
export function guardHost(loopbackOnly: boolean): MiddlewareHandler {
  return async (context, next) => {
    const hostname = hostnameOf(context.req.header("host") ?? "");
    if (hostname === null) throw new HttpError(400, "bad_request", "The request has no valid Host header.");
    if (loopbackOnly && !isLoopback(hostname)) {
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
