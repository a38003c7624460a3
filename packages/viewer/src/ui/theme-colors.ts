import { useSyncExternalStore } from "react";
import { subscribeTheme } from "./use-theme.ts";

const DARK = "(prefers-color-scheme: dark)";

/** Which of the themes' colours are shown: a key to keep resolved colours by. */
export function useThemeKey(): string {
  return useSyncExternalStore(subscribe, themeKey);
}

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia(DARK);
  media.addEventListener("change", onChange);
  const unsubscribe = subscribeTheme(onChange);
  return () => {
    media.removeEventListener("change", onChange);
    unsubscribe();
  };
}

function themeKey(): string {
  return document.documentElement.dataset["theme"] ?? (window.matchMedia(DARK).matches ? "dark" : "light");
}

let known: { key: string; colors: Map<string, string> } | null = null;

/** A token of the style sheet as a colour that a canvas takes: `--error` as `rgb(…)`. Tokens themselves are `light-dark()`, which it does not. */
export function themeColor(token: string): string {
  const key = themeKey();
  if (known?.key !== key) known = { key, colors: new Map() };
  const { colors } = known;
  const found = colors.get(token);
  if (found !== undefined) return found;
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  colors.set(token, color);
  return color;
}
