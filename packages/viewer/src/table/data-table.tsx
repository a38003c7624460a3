import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { fitColumns, gridTemplate } from "../model/fit-columns.ts";
import { useRows } from "../ui/use-rows.ts";
import { useNow } from "../ui/use-now.ts";
import { PHONE, useMedia, useWidth } from "../ui/use-size.ts";
import type { Column } from "./columns.ts";
import { DataRow } from "./data-row.tsx";
import { TableHead } from "./table-head.tsx";
import styles from "./data-table.module.css";

const ROW_HEIGHT = { wide: 44, phone: 72 };
const GAP_PX = 16;
const SIDE_PADDING_PX = 32;

/** Rows from the end at which the next page is asked for. */
const LOAD_AHEAD_ROWS = 15;

/** Relative times ("5m ago") are renewed this often. */
const CLOCK_MS = 5_000;

export interface DataTableProps<T> {
  /** What the rows are, for assistive technology: "Traces, newest first". */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  /** The row as a link; its name's cell holds the anchor (see `RowLink`). */
  selectedId: string | null;
  checkedIds?: ReadonlySet<string>;
  sort: string;
  onSort: (field: string) => void;
  onSelect: (id: string) => void;
  /** A row of two lines for phones. */
  phoneRow: (row: T, nowMs: number) => ReactNode;
  /** A new row lights up for a moment. */
  isFresh?: (row: T) => boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  onLoadMore: () => void;
  onScrolled: (isScrolled: boolean) => void;
  /** Instead of rows, when there are none. */
  empty: ReactNode;
  /** Over the first rows: the pill of what waits. */
  overlay?: ReactNode;
}

/** A list of any length: a head that sorts, rows that are mounted only while in view, columns that give way to the room. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { rows, columns, rowId, selectedId, onLoadMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const isPhone = useMedia(PHONE);
  const nowMs = useNow(CLOCK_MS);
  const shown = useMemo(() => fitColumns(columns, width - SIDE_PADDING_PX, GAP_PX), [columns, width]);
  const template = gridTemplate(shown);
  const rowHeight = isPhone ? ROW_HEIGHT.phone : ROW_HEIGHT.wide;
  const mounted = useRows({ count: rows.length, rowHeight, scroller, overscan: 8 });

  const lastMounted = mounted.to - 1;
  useEffect(() => {
    if (rows.length > 0 && lastMounted >= rows.length - LOAD_AHEAD_ROWS) onLoadMore();
  }, [lastMounted, rows.length, onLoadMore]);

  const selectedIndex = useMemo(
    () => (selectedId === null ? -1 : rows.findIndex((row) => rowId(row) === selectedId)),
    [rows, rowId, selectedId],
  );
  useEffect(() => {
    if (selectedIndex !== -1) mounted.reveal(selectedIndex);
    // Only when another row is chosen: a live update must not scroll.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selectedId]);

  return (
    <div
      role="table"
      aria-label={props.label}
      aria-rowcount={props.hasMore ? -1 : rows.length + 1}
      className={styles["table"]}
      style={{ "--columns": template }}
    >
      {!isPhone && <TableHead columns={shown} sort={props.sort} onSort={props.onSort} />}
      {props.overlay}
      <div
        ref={scroller}
        role="rowgroup"
        className={styles["scroller"]}
        onScroll={(event) => props.onScrolled(event.currentTarget.scrollTop > 4)}
      >
        {rows.length === 0 ? (
          <div role="row" className={styles["empty"]}>
            <div role="cell" className={styles["empty"]}>
              {props.empty}
            </div>
          </div>
        ) : (
          <div role="presentation" className={styles["body"]} style={{ height: mounted.totalHeight }}>
            {rows.slice(mounted.from, mounted.to).map((row, at) => {
              const id = rowId(row);
              const index = mounted.from + at;
              return (
                <DataRow
                  key={id}
                  id={id}
                  row={row}
                  columns={shown}
                  nowMs={nowMs}
                  top={index * rowHeight}
                  height={rowHeight}
                  rowIndex={index + (isPhone ? 1 : 2)}
                  isSelected={id === selectedId}
                  isChecked={props.checkedIds?.has(id) ?? false}
                  isFresh={props.isFresh?.(row) ?? false}
                  onSelect={props.onSelect}
                  phoneRow={isPhone ? props.phoneRow : null}
                />
              );
            })}
          </div>
        )}
        {props.isLoadingMore && <div className={styles["more"]}>Loading more…</div>}
      </div>
    </div>
  );
}
