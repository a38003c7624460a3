import type { Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { BodyBudget, withBody } from "../http/body.ts";
import { clientAddress } from "../http/client.ts";
import { guardOrigin } from "../host-guard.ts";
import { SESSION_COOKIE, type Guard } from "./authenticate.ts";

/** A form with two keys is far below. */
const FORM_LIMITS = { maxWireBytes: 16 * 1024, maxBodyBytes: 16 * 1024 };

/** Logging in and out, for browsers. */
export function mountLogin(app: Hono, guard: Guard): void {
  const budget = new BodyBudget();
  app.get("/login", (context) => {
    const token = context.req.query("token");
    if (!guard.required) return context.redirect("/");
    if (token === undefined) return showForm(context, null);
    const session = guard.sessions.logInByToken(token);
    if (session === null) {
      guard.attempts.take(clientAddress(context));
      return showForm(
        context,
        "This address is of an earlier run of the server. Use the one it printed last, or keys.",
      );
    }
    return enter(context, session);
  });
  app.post("/login", guardOrigin(), async (context) => {
    const form = await withBody(context.req.raw, FORM_LIMITS, budget, async (body) =>
      Promise.resolve(new URLSearchParams(new TextDecoder().decode(body))),
    );
    const publicKey = form.get("publicKey")?.trim() ?? "";
    const secretKey = form.get("secretKey")?.trim() ?? "";
    const access = await guard.keys.check({ publicKey, secretKey });
    if (access === null) {
      guard.attempts.take(clientAddress(context));
      return showForm(context, "These keys are not known here.");
    }
    return enter(context, guard.sessions.open(access));
  });
  app.post("/logout", guardOrigin(), (context) => {
    guard.sessions.close(getCookie(context, SESSION_COOKIE) ?? "");
    deleteCookie(context, SESSION_COOKIE, { path: "/" });
    return context.redirect("/login", 303);
  });
}

function enter(context: Context, session: string): Response {
  setCookie(context, SESSION_COOKIE, session, {
    httpOnly: true,
    sameSite: "Strict",
    secure: context.req.header("x-forwarded-proto") === "https",
    path: "/",
  });
  // A path of ours only: "//host" and "/\host" would lead elsewhere.
  const next = context.req.query("next") ?? "";
  return context.redirect(/^\/(?![/\\])[^\\]*$/.test(next) ? next : "/", 303);
}

function showForm(context: Context, problem: string | null): Response {
  context.header(
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  context.header("Cache-Control", "no-store");
  // With "no-referrer", as our other pages have it, a browser sends the form with `Origin: null`, and that is no origin of ours.
  context.header("Referrer-Policy", "same-origin");
  const note = problem === null ? "" : `<p role="alert">${problem}</p>`;
  return context.html(PAGE.replace("{note}", note), problem === null ? 200 : 401);
}

/** Works without the viewer's files, which are behind it. `problem` is always a text of ours. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Spanwise: log in</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 26rem; margin: 15vh auto; padding: 0 1rem; }
  label { display: block; margin: 1rem 0 0; }
  input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
  button { margin-top: 1rem; padding: .5rem 1rem; font: inherit; }
  [role=alert] { border-left: 3px solid #c33; padding-left: .75rem; }
</style>
<h1>Spanwise</h1>
{note}
<p>Open the address that <code>spanwise</code> printed when it started, or log in with a project's keys.</p>
<form method="post">
  <label>Public key <input name="publicKey" autocomplete="username" required></label>
  <label>Secret key <input name="secretKey" type="password" autocomplete="current-password" required></label>
  <button>Log in</button>
</form>
</html>
`;
