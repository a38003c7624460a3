/**
 * The path that a reverse proxy serves everything under ("/spanwise"), or "". Told by where this very script came from, so that page and
 * worker know it alike and no build is made for it.
 */
export const BASE = baseOf(import.meta.url);

/** Exported for its tests. */
export function baseOf(scriptUrl: string): string {
  return /^https?:\/\/[^/]+(\/.+)\/assets\/[^/]+$/.exec(scriptUrl)?.[1] ?? "";
}
