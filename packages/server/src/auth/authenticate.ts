import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { HttpError } from "../http/errors.ts";
import type { TokenBuckets } from "../http/limits.ts";
import { clientAddress } from "../http/client.ts";
import type { Access } from "../http/project.ts";
import type { KeyRing } from "./key-ring.ts";
import { readBasic, readBearer } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";

/** Not to be sent along by other sites' pages, nor read by any page. Cookies are shared by all ports of a host, so the name is ours. */
export const SESSION_COOKIE = "spanwise_session";

export interface Guard {
  keys: KeyRing;
  sessions: Sessions;
  /** False: any credentials are accepted; those of a known key still choose its project. */
  required: boolean;
  /** Failed attempts by address. */
  attempts: TokenBuckets;
}

/**
 * Finds out what a request may do, or turns it away.
 *
 * `allowPublicKey`: to POST, a Bearer public key will do, for browsers that send scores and must not hold the secret key. A session's cookie
 * opens what the viewer asks for and nothing that pages of other origins may send to.
 */
export function authenticate(guard: Guard, options: { allowPublicKey?: boolean } = {}): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req;
    if (method !== "OPTIONS" && context.get("access") === undefined) {
      const allowPublicKey = options.allowPublicKey === true && method === "POST";
      const access = await identify(context, guard, allowPublicKey);
      if (access === null && guard.required) return refuse(context, guard);
      // Where anybody may do anything, a key says which project and no more.
      if (access !== null)
        context.set("access", guard.required ? access : { ...access, isAdmin: true, scoresOnly: false });
    }
    return next();
  };
}

/** @throws {HttpError} 403 when the credentials open one project only. */
export function requireAdmin(context: Context): void {
  const access = context.get("access");
  if (access === undefined || access.isAdmin) return;
  throw new HttpError(
    403,
    "forbidden",
    "A project's key cannot change this: log in with the address that spanwise prints.",
  );
}

async function identify(context: Context, guard: Guard, allowPublicKey: boolean): Promise<Access | null> {
  const header = context.req.header("authorization");
  const pair = readBasic(header);
  if (pair !== null) return guard.keys.check(pair);
  const bearer = readBearer(header);
  if (bearer !== null && allowPublicKey) return guard.keys.checkPublic(bearer);
  const cookie = isOpenToPages(context.req.path) ? undefined : getCookie(context, SESSION_COOKIE);
  return cookie === undefined ? null : guard.sessions.check(cookie);
}

function isOpenToPages(path: string): boolean {
  return path.startsWith("/api/public/") || path.startsWith("/v1/");
}

function refuse(context: Context, { attempts }: Guard): Response {
  const hasTried = context.req.header("authorization") !== undefined;
  if (hasTried) attempts.take(clientAddress(context));
  const isNavigation = context.req.header("sec-fetch-mode") === "navigate";
  if (isNavigation && context.req.method === "GET" && !context.req.path.startsWith("/api/")) {
    const { search } = new URL(context.req.url);
    return context.redirect(`/login?next=${encodeURIComponent(context.req.path + search)}`);
  }
  // A browser answers this header with a dialog of its own, over the viewer's page.
  const isPage = context.req.header("sec-fetch-site") !== undefined && !isNavigation;
  const headers: Record<string, string> = isPage
    ? {}
    : { "WWW-Authenticate": 'Basic realm="Spanwise", charset="UTF-8"' };
  throw new HttpError(401, "unauthorized", "Send a public and a secret key of this server as Basic auth.", headers);
}
