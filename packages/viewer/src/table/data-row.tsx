import { memo, type ReactNode, useEffect, useRef } from "react";
import type { Column } from "./columns.ts";
import styles from "./data-table.module.css";

interface DataRowProps<T> {
  id: string;
  row: T;
  columns: readonly Column<T>[];
  nowMs: number;
  top: number;
  height: number;
  rowIndex: number;
  isSelected: boolean;
  isChecked: boolean;
  isFresh: boolean;
  onSelect: (id: string) => void;
  phoneRow: ((row: T, nowMs: number) => ReactNode) | null;
}

function DataRowInner<T>(props: DataRowProps<T>) {
  const { id, row, columns, nowMs, top, height, rowIndex, isSelected, isChecked, isFresh, onSelect, phoneRow } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const active = document.activeElement;
    // Who types, or walks the rows of something else, keeps the focus.
    const isFree = active === null || active === document.body || active.closest("[role=table]") !== null;
    if (isSelected && isFree) element.current?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  }, [isSelected]);
  return (
    <div
      ref={element}
      role="row"
      aria-rowindex={rowIndex}
      aria-current={isSelected || undefined}
      data-selected={isSelected || undefined}
      data-checked={isChecked || undefined}
      data-phone={phoneRow !== null || undefined}
      className={`${styles["row"]} ${isFresh ? styles["fresh"] : ""}`}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={(event) => {
        // A link in the row does what links do; the rest of the row chooses it.
        if (event.target instanceof Element && event.target.closest("a, button") === null) onSelect(id);
      }}
    >
      {phoneRow === null
        ? columns.map((entry) => (
            <div key={entry.id} role="cell" className={styles["cell"]} data-align={entry.align}>
              {entry.cell(row, { nowMs, widthPx: entry.width })}
            </div>
          ))
        : phoneRow(row, nowMs)}
    </div>
  );
}

// `memo` drops the type parameter.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
export const DataRow = memo(DataRowInner) as typeof DataRowInner;
