import type { Hono } from "hono";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** What a path is served for; nothing when there is no such route. Guards and the viewer, which take any path, do not count. */
export function allowedMethods(app: Hono, path: string): string[] {
  const served = METHODS.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method && route.path !== "/*"),
  );
  return served.map((method) => (method === "GET" ? "GET, HEAD" : method));
}
