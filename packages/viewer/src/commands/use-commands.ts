import { createContext, use, useEffect } from "react";
import { useEvent } from "../ui/use-event.ts";
import { type Command, type CommandGroup, CommandRegistry } from "./registry.ts";

export const CommandContext = createContext(new CommandRegistry());

export function useCommandRegistry(): CommandRegistry {
  return use(CommandContext);
}

/** What the component offers while it is mounted: by key, in the palette and in the help. The newest list counts. */
export function useCommands(title: string, commands: readonly Command[]): void {
  const registry = useCommandRegistry();
  // Asked for while others render (the help, the palette), which an effect event does not allow.
  const current = useEvent((): CommandGroup => ({ title, commands }));
  useEffect(() => registry.add(current), [registry, current]);
}

/** Listens for the keys of all commands. Silent while one types, holds a modifier, or has a dialog open. */
export function useCommandKeys(registry: CommandRegistry): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      // A focused button or link does with Enter and Space what it always does.
      if ((event.key === "Enter" || event.key === " ") && isControl(event.target)) return;
      const command = registry.press(event.key, event.timeStamp);
      if (command === undefined) return;
      event.preventDefault();
      command.run?.();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [registry]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a[href], summary, [role=tab]") !== null;
}
