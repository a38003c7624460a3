import { type MouseEvent, type PointerEvent, useMemo, useRef } from "react";
import { usePrefetch } from "../../api/use-trace.ts";
import type { TreeRow } from "../../model/rows.ts";

interface TreePointer {
  onClick: (event: MouseEvent) => void;
  onDoubleClick: (event: MouseEvent) => void;
  onPointerOver: (event: PointerEvent) => void;
  onPointerLeave: () => void;
}

/** What the pointer does in the tree, for all rows at once: select, fold, and read ahead where it rests. */
export function useTreePointer(
  rows: readonly TreeRow[],
  onSelect: (id: string) => void,
  onToggle: (id: string, expand: boolean) => void,
): TreePointer {
  const prefetch = usePrefetch();
  const overId = useRef<string | undefined>(undefined);
  return useMemo(() => {
    const find = (id: string | undefined): TreeRow | undefined => rows.find((row) => row.id === id);
    const toggle = (row: TreeRow): void => {
      if (row.expanded !== null) onToggle(row.id, !row.expanded);
    };
    return {
      onClick: ({ target }) => {
        const row = find(rowId(target));
        if (row === undefined) return;
        if (isCaret(target)) toggle(row);
        else onSelect(row.id);
      },
      onDoubleClick: ({ target }) => {
        const row = find(rowId(target));
        if (row !== undefined && !isCaret(target)) toggle(row);
      },
      onPointerOver: ({ target }) => {
        const id = rowId(target);
        if (id === overId.current) return;
        overId.current = id;
        const row = find(id);
        if (row === undefined) prefetch.leave();
        else prefetch.enter(row.node.observation);
      },
      onPointerLeave: () => {
        overId.current = undefined;
        prefetch.leave();
      },
    };
  }, [rows, onSelect, onToggle, prefetch]);
}

function rowId(target: EventTarget): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>("[role=treeitem]")?.dataset["id"] : undefined;
}

function isCaret(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[data-caret]") !== null;
}
