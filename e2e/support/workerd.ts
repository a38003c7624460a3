import { pathToFileURL } from "node:url";
import { runtimeBinaries } from "../../scripts/lib/runtimes.mjs";

/** The part of miniflare 4 that is used; it is installed beside the workspace, so its types are not here. */
interface MiniflareOptions {
  modules: true;
  script: string;
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
  bindings: Record<string, string>;
}

export interface Worker {
  dispatchFetch(url: string, init?: { headers?: Record<string, string> }): Promise<Response>;
  dispose(): Promise<void>;
}

/** A Worker as Cloudflare runs it, with the flags of a new project. */
export async function startWorker(
  script: string,
  bindings: Record<string, string>,
  compatibilityFlags: readonly string[] = ["nodejs_compat"],
): Promise<Worker> {
  const { Miniflare } = (await import(pathToFileURL(runtimeBinaries().miniflare).href)) as {
    Miniflare: new (options: MiniflareOptions) => Worker;
  };
  return new Miniflare({ modules: true, script, compatibilityDate: "2026-01-01", compatibilityFlags, bindings });
}
