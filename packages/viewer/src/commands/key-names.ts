import type { Command } from "./registry.ts";

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};

/** The keys as they are printed on a keyboard, one after the other; empty for a command without one. */
export function keyNames({ keyText, keys }: Pick<Command, "keyText" | "keys">): string[] {
  if (keyText !== undefined) return keyText.split(" ");
  const [first] = keys ?? [];
  if (first === undefined) return [];
  return (first === " " ? [first] : first.split(" ")).map((key) => NAMES[key] ?? key);
}
