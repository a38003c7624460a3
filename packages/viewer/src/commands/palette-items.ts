import { tracePath, tracesPath } from "../routes.ts";
import { keyNames } from "./key-names.ts";
import type { CommandGroup } from "./registry.ts";

export interface PaletteItem {
  id: string;
  group: string;
  label: string;
  keys: readonly string[];
  action: { kind: "run"; run: () => void } | { kind: "open"; href: string };
}

const TRACE_ID = /\b[0-9a-f]{32}\b/i;

/** What the palette offers for the typed text: an id's trace first, then commands, then the search in all traces. */
export function paletteItems(project: string, groups: readonly CommandGroup[], typed: string): PaletteItem[] {
  const text = typed.trim();
  const items: PaletteItem[] = [];
  const traceId = TRACE_ID.exec(text)?.[0].toLowerCase();
  if (traceId !== undefined) {
    items.push(link("open-trace", "Trace", `Open trace ${traceId}`, tracePath(project, traceId)));
  }
  for (const { title, commands } of groups) {
    for (const command of commands) {
      if (command.run === undefined || command.isKeyOnly === true || command.isEnabled === false) continue;
      if (!matches(command.label, text)) continue;
      const { run } = command;
      const id = `${title} ${command.id}`;
      items.push({ id, group: title, label: command.label, keys: keyNames(command), action: { kind: "run", run } });
    }
  }
  if (text !== "" && traceId === undefined) {
    items.push(link("search", "Search", `Search traces for “${text}”`, tracesPath(project, { q: text })));
  }
  return items;
}

function link(id: string, group: string, label: string, href: string): PaletteItem {
  return { id, group, label, keys: [], action: { kind: "open", href } };
}

/** Every typed word begins a word of the label: "g set" finds "Go to settings". */
function matches(label: string, text: string): boolean {
  const words = label.toLowerCase().split(/[^a-z0-9]+/);
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((typed) => words.some((word) => word.startsWith(typed)));
}
