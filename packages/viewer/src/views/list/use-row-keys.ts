import { useState } from "react";
import { useLocation } from "wouter";
import { type Command } from "../../commands/registry.ts";
import { useCommands } from "../../commands/use-commands.ts";

interface RowKeysInput<T> {
  title: string;
  rows: readonly T[];
  idOf: (row: T) => string;
  hrefOf: (row: T) => string;
  /** Whether rows can be checked for an action. */
  isCheckable: boolean;
  /** What else the list does by key; asked before its own. */
  commands?: (selected: T | undefined) => readonly Command[];
}

/** One row that is selected, rows that are checked, and the keys for both. */
export function useRowKeys<T>({ title, rows, idOf, hrefOf, isCheckable, commands }: RowKeysInput<T>) {
  const [, navigate] = useLocation();
  const [selectedId, select] = useState<string | null>(null);
  const [checkedIds, setCheckedIds] = useState<ReadonlySet<string>>(new Set());
  const at = rows.findIndex((row) => idOf(row) === selectedId);
  const selected = rows[at];
  const move = (step: 1 | -1): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (row !== undefined) select(idOf(row));
  };
  const toggle = (id: string): void => {
    const next = new Set(checkedIds);
    if (!next.delete(id)) next.add(id);
    setCheckedIds(next);
  };
  const clear = (): void => setCheckedIds(new Set());
  useCommands(`${title} list`, [
    ...(commands?.(selected) ?? []),
    { id: "down", label: "Next row", keys: ["j"], isKeyOnly: true, run: () => move(1) },
    { id: "up", label: "Previous row", keys: ["k"], isKeyOnly: true, run: () => move(-1) },
    {
      id: "open",
      label: "Open",
      keys: ["Enter"],
      isKeyOnly: true,
      isEnabled: selected !== undefined,
      run: () => selected !== undefined && navigate(hrefOf(selected)),
    },
    {
      id: "check",
      label: "Select for an action",
      keys: ["x"],
      isKeyOnly: true,
      isEnabled: isCheckable && selected !== undefined,
      run: () => selected !== undefined && toggle(idOf(selected)),
    },
    {
      id: "escape",
      label: "Close",
      keys: ["Escape"],
      isKeyOnly: true,
      isEnabled: selectedId !== null || checkedIds.size > 0,
      run: () => (checkedIds.size > 0 ? clear() : select(null)),
    },
  ]);
  return { selectedId, selected, select, checkedIds, clear };
}
