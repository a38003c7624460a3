import { type MouseEvent, type PointerEvent, useMemo, useRef } from "react";
import { usePrefetch } from "../../api/use-trace.ts";
import { hasChildren, indexOf, type TraceModel } from "../../trace/model.ts";

interface TreePointer {
  onClick: (event: MouseEvent) => void;
  onDoubleClick: (event: MouseEvent) => void;
  onPointerOver: (event: PointerEvent) => void;
  onPointerLeave: () => void;
}

/** What the pointer does in the tree, for all rows at once: select, fold, and read ahead where it rests. */
export function useTreePointer(
  model: TraceModel,
  collapsed: ReadonlySet<string>,
  onSelect: (index: number) => void,
  onToggle: (index: number, expand: boolean) => void,
): TreePointer {
  const prefetch = usePrefetch();
  const overId = useRef<string | undefined>(undefined);
  return useMemo(() => {
    const toggle = (id: string): void => {
      const index = indexOf(model, id);
      if (index !== -1 && hasChildren(model, index)) onToggle(index, collapsed.has(id));
    };
    return {
      onClick: ({ target }) => {
        const id = rowId(target);
        if (id === undefined) return;
        if (isCaret(target)) toggle(id);
        else onSelect(indexOf(model, id));
      },
      onDoubleClick: ({ target }) => {
        const id = rowId(target);
        if (id !== undefined && !isCaret(target)) toggle(id);
      },
      onPointerOver: ({ target }) => {
        const id = rowId(target);
        if (id === overId.current) return;
        overId.current = id;
        if (id === undefined) prefetch.leave();
        else prefetch.enter(model, indexOf(model, id));
      },
      onPointerLeave: () => {
        overId.current = undefined;
        prefetch.leave();
      },
    };
  }, [model, collapsed, onSelect, onToggle, prefetch]);
}

function rowId(target: EventTarget): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>("[role=treeitem]")?.dataset["id"] : undefined;
}

function isCaret(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[data-caret]") !== null;
}
