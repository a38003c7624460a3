import { Fragment, type ReactNode, useEffect, useRef } from "react";
import { idOf, type TraceModel } from "../../trace/model.ts";
import { useRows } from "../../ui/use-rows.ts";
import { useSlots } from "../../ui/use-slots.ts";
import { rowOf, treeKey } from "../../trace/rows.ts";
import type { TraceState } from "./use-trace-state.ts";
import { rowDomId } from "./row-name.tsx";
import { useTreePointer } from "./use-tree-pointer.ts";
import styles from "./virtual-tree.module.css";

interface VirtualTreeProps {
  model: TraceModel;
  state: TraceState;
  rowHeight: number;
  /** A row of the tree, without a key: its elements are used again for other rows. */
  renderRow: (index: number, top: number) => ReactNode;
  /** Behind the rows. */
  backdrop?: ReactNode;
  /** Over the rows that are mounted: their indices, from the `first` row on. */
  overlay?: (first: number, mounted: Int32Array) => ReactNode;
  scrollerRef?: React.RefObject<HTMLDivElement | null>;
}

/** WAI-ARIA tree over virtual rows: one focus stop, the active row named by id, arrows as the pattern says. */
export function VirtualTree(props: VirtualTreeProps) {
  const { model, state, rowHeight, renderRow, backdrop, overlay, scrollerRef } = props;
  const { rows, selected, select, toggle, collapsed } = state;
  const own = useRef<HTMLDivElement>(null);
  const scroller = scrollerRef ?? own;
  const { from, to, slots, totalHeight, reveal } = useRows({ count: rows.length, rowHeight, scroller });

  const mounted = rows.subarray(from, to);
  const places = useSlots(from, to, slots);
  const selectedRow = rowOf(model, rows, selected);
  const selectedId = idOf(model, selected) || null;
  useEffect(() => {
    if (selectedRow !== -1) reveal(selectedRow);
    // Only when another row was chosen, or all have another height: a live update must not scroll.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selectedId, rowHeight]);
  useEffect(() => {
    const active = document.activeElement;
    if (active === null || active === document.body) scroller.current?.focus({ preventScroll: true });
  }, [scroller]);
  const pointer = useTreePointer(model, collapsed, select, toggle);

  return (
    <div
      ref={scroller}
      className={styles["scroller"]}
      role="tree"
      tabIndex={0}
      aria-label="Observations"
      aria-activedescendant={selectedRow === -1 || selectedId === null ? undefined : rowDomId(selectedId)}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
        if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
          event.preventDefault();
          if (event.key === "ArrowLeft") state.collapseAll();
          else state.expandAll();
          return;
        }
        const action = treeKey(model, rows, collapsed, state.isChosen ? selected : -1, event.key);
        if (action === null) return;
        event.preventDefault();
        if (action.type === "select") select(action.index);
        else toggle(action.index, action.type === "expand");
      }}
      {...pointer}
    >
      <div className={styles["body"]} role="presentation" style={{ height: totalHeight }}>
        {backdrop}
        {places.map(({ slot, row }) => (
          <Fragment key={slot}>{renderRow(rows[row] ?? 0, row * rowHeight)}</Fragment>
        ))}
        {overlay?.(from, mounted)}
      </div>
    </div>
  );
}
