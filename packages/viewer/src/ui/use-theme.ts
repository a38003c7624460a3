import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "./storage.ts";

export type Theme = "system" | "light" | "dark";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

const listeners = new Set<() => void>();

export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function current(): Theme {
  const stored = readStored("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** System, light, dark in turn. `public/theme.js` reads the same key before the first paint. */
export function useTheme(): { theme: Theme; next: Theme; change: () => void } {
  const theme = useSyncExternalStore(subscribeTheme, current);
  const next = NEXT[theme];
  return {
    theme,
    next,
    change: () => {
      writeStored("theme", next === "system" ? null : next);
      if (next === "system") delete document.documentElement.dataset["theme"];
      else document.documentElement.dataset["theme"] = next;
      for (const listener of listeners) listener();
    },
  };
}
