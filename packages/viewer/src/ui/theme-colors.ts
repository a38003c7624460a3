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

export type ThemeColors = (token: string) => string;

let known: { key: string; colors: ThemeColors } | null = null;

/**
 * The tokens of the style sheet as colours that a canvas takes: `--error` as `rgb(…)`. Tokens themselves are `light-dark()`, which it does not.
 * Asked for once a picture: which theme is shown costs a look at the media query.
 */
export function themeColors(): ThemeColors {
  const key = themeKey();
  if (known?.key !== key) known = { key, colors: resolver() };
  return known.colors;
}

function resolver(): ThemeColors {
  const resolved = new Map<string, string>();
  return (token) => {
    const found = resolved.get(token);
    if (found !== undefined) return found;
    const probe = document.createElement("span");
    probe.style.color = `var(${token})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    resolved.set(token, color);
    return color;
  };
}
