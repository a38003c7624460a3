import { useEffect, useEffectEvent } from "react";

/** Two-key sequences ("g t") have to be finished within this time. */
const SEQUENCE_MS = 1_000;

export type Hotkeys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Keys by `event.key`, or two of them with a space between. Silent while one types or holds a modifier. */
export function useHotkeys(hotkeys: Hotkeys): void {
  const find = useEffectEvent((keys: string) => hotkeys[keys]);
  useEffect(() => {
    let prefix: { key: string; at: number } | null = null;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const sequence = prefix !== null && event.timeStamp - prefix.at < SEQUENCE_MS ? `${prefix.key} ${event.key}` : "";
      prefix = { key: event.key, at: event.timeStamp };
      const action = find(sequence) ?? find(event.key);
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
