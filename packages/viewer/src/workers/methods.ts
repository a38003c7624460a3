import { BASE } from "../base.ts";
import { ApiError, getJson, readError } from "../api/http.ts";
import type { TraceSkeleton } from "../api/types.ts";
import { cutValue } from "../json/cut.ts";
import { sourceOf } from "../json/json-index.ts";
import { JsonView } from "../json/json-view.ts";
import { buildTrace } from "../trace/build.ts";
import { Documents } from "./documents.ts";
import type { WorkerMethods } from "./protocol.ts";

/** A large answer takes its time on a slow disk; there is no limit to what a user may want to wait for but this. */
const PAYLOAD_TIMEOUT_MS = 120_000;

/** Views of closed panes that were never told so; far more than a page shows. */
const MAX_VIEWS = 64;

/** All methods, for one call each: `signal` ends the request it makes. The documents are the worker's own. */
export function createMethods(): (signal: AbortSignal) => WorkerMethods {
  const documents = new Documents();
  const views = new Map<number, JsonView>();
  let lastView = 0;
  const viewOf = (view: number): JsonView => {
    const found = views.get(view);
    if (found === undefined) throw new ApiError(410, "What was shown here is no longer in memory.");
    return found;
  };
  return (signal) => ({
    loadTrace: async (path, nowMs) => buildTrace(await getJson<TraceSkeleton>(path, signal), nowMs),
    loadObservation: async (path) => documents.read(await getText(path, signal)),
    cutValue: async ({ document, entry }) => cutValue(documents.get(document), entry),
    sourceText: async ({ document, entry }) => sourceOf(documents.get(document), entry),
    openView: async ({ document, entry }) => {
      const view = new JsonView(documents.get(document), entry);
      views.set(++lastView, view);
      const [oldest] = views.keys();
      if (views.size > MAX_VIEWS && oldest !== undefined) views.delete(oldest);
      return { view: lastView, lineCount: view.lineCount };
    },
    closeView: async (view) => {
      views.delete(view);
    },
    viewLines: async (view, from, to) => viewOf(view).lines(from, to),
    viewToggle: async (view, entry, isOpen) => {
      viewOf(view).toggle(entry, isOpen);
      return viewOf(view).lineCount;
    },
    viewShowWhole: async (view, entry) => viewOf(view).showWhole(entry),
    viewFind: async (view, text, fromLine, step) => {
      const line = viewOf(view).find(text, fromLine, step);
      return { line, lineCount: viewOf(view).lineCount };
    },
    viewCopy: async (view, entry, what) => (what === "path" ? viewOf(view).path(entry) : viewOf(view).source(entry)),
  });
}

async function getText(path: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      headers: { accept: "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PAYLOAD_TIMEOUT_MS)]),
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new ApiError(0, "No answer from the Spanwise server.", { cause });
  }
  if (!response.ok) throw await readError(response);
  return response.text();
}
