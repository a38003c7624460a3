import { createReadStream, existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Context } from "hono";
import { HttpError } from "./http/errors.ts";

const MIME_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * What the viewer's pages may do. They show text that models and their users wrote: no script but our own files, no frame around
 * them, and no request to another host, images included (a picture's address can carry text out).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  // Positions of rows and bars are inline styles.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** The built viewer: shipped in `dist/viewer`; in the workspace, the viewer package's own build. `null` when there is none. */
export function findViewer(): string | null {
  const candidates = ["./viewer", "../dist/viewer", "../../viewer/dist"];
  const folders = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(join(folder, "index.html"))) ?? null;
}

/** Serves a file of the viewer, or its page for any path that a browser navigates to. */
export async function answerViewer(context: Context, folder: string | null, basePath: string): Promise<Response> {
  if (folder === null) return answerMissingViewer(context);
  const path = resolveInside(folder, context.req.path);
  const size = path === null ? null : await sizeOf(path);
  if (path !== null && size !== null) return answerFile(path, size);
  if (isPage(context)) {
    const page = await readFile(join(folder, "index.html"), "utf8");
    // Its scripts and styles are named relative to it ("./assets/…"), and pages are at any depth.
    return new Response(page.replaceAll(/(?<=(?:src|href)=")\.(?=\/)/g, basePath), {
      headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache" },
    });
  }
  throw new HttpError(404, "not_found", "There is nothing at this address.");
}

function answerFile(path: string, size: number): Response {
  // Vite puts a hash of the content into the names of what it writes to assets/.
  const isHashed = path.includes(`${sep}assets${sep}`);
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  return new Response(body, {
    headers: {
      "Content-Type": MIME_TYPES[extname(path)] ?? "application/octet-stream",
      "Content-Length": String(size),
      "Cache-Control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    },
  });
}

function answerMissingViewer(context: Context): Response {
  if (!acceptsHtml(context)) throw new HttpError(404, "not_found", "There is nothing at this address.");
  const text =
    "Spanwise is running, but its viewer is not built. In a checkout: pnpm --filter @spanwise/viewer build\n";
  return context.text(text, 404);
}

/** Ids of users, sessions and datasets may end like the name of a file: there, what a browser navigates to says so by asking for HTML. */
function isPage(context: Context): boolean {
  const { path } = context.req;
  if (extname(path) === "") return acceptsHtml(context);
  return path.startsWith("/p/") && /text\/html/.test(context.req.header("accept") ?? "");
}

function acceptsHtml(context: Context): boolean {
  return /text\/html|\*\/\*/.test(context.req.header("accept") ?? "");
}

/** The file a path names; `null` for one that leaves the folder or is not well formed. */
function resolveInside(folder: string, urlPath: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (decoded.includes("\0")) return null;
  const path = normalize(join(folder, decoded));
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : null;
}

async function sizeOf(path: string): Promise<number | null> {
  const info = await stat(path).catch(() => null);
  return info?.isFile() === true ? info.size : null;
}
