interface PageGlobals {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: Required<Pick<PageGlobals, "addEventListener" | "removeEventListener">> & { visibilityState?: string };
}

/**
 * Calls `handler` when a page goes: on `pagehide`, and when it is hidden, which is the last that many phones tell. A no-op
 * where there is no page. Returns the undo.
 */
export function onPageHide(handler: () => void): () => void {
  const page = globalThis as PageGlobals;
  const { document } = page;
  if (document === undefined || page.addEventListener === undefined) return () => {};
  const onVisibility = (): void => {
    if (document.visibilityState === "hidden") handler();
  };
  page.addEventListener("pagehide", handler);
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    page.removeEventListener?.("pagehide", handler);
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
