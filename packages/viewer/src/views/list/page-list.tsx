import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../../api/http.ts";
import type { QueryErrorResponse } from "../../api/types.ts";
import { type PageSource, usePageList } from "../../api/use-page-list.ts";
import type { Command } from "../../commands/registry.ts";
import { formatExact } from "../../model/format.ts";
import type { Column } from "../../table/columns.ts";
import { DataTable } from "../../table/data-table.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { LoadingRows } from "../../ui/loading.tsx";
import { useRowKeys } from "./use-row-keys.ts";
import styles from "./list-page.module.css";

export interface PageListProps<T> {
  title: string;
  /** One row, and several, in a sentence. */
  nouns: readonly [one: string, many: string];
  source: PageSource<T>;
  columns: readonly Column<T>[];
  hrefOf: (row: T) => string;
  phoneRow: (row: T, nowMs: number) => ReactNode;
  /** Before the title: a way back. */
  before?: ReactNode;
  /** Filters and buttons beside the title. */
  toolbar?: (queryError: QueryErrorResponse | null) => ReactNode;
  /** Below the toolbar, above the rows. */
  above?: ReactNode;
  sort?: string;
  onSort?: (sort: string) => void;
  empty: ReactNode | ((queryError: QueryErrorResponse | null) => ReactNode);
  commands?: (selected: T | undefined) => readonly Command[];
  actions?: (checked: readonly T[], clear: () => void) => ReactNode;
}

/** A list that is read page by page: title and filters above, rows below, the keys of every list. */
export function PageList<T>(props: PageListProps<T>) {
  const { title, nouns, source, columns, hrefOf, phoneRow, sort = "", onSort, commands, actions } = props;
  const { idOf } = source;
  const [isScrolled, setIsScrolled] = useState(false);
  const [isHeld, setIsHeld] = useState(false);
  const list = usePageList(source, isScrolled || isHeld);
  const { selectedId, select, checkedIds, clear } = useRowKeys({
    title,
    rows: list.rows,
    idOf,
    hrefOf,
    isCheckable: actions !== undefined,
    ...(commands === undefined ? {} : { commands }),
  });
  useEffect(() => setIsHeld(selectedId !== null), [selectedId]);
  useEffect(() => {
    document.title = `${title} · Spanwise`;
  }, [title]);
  const queryError = list.error instanceof ApiError ? list.error.query : null;
  if (list.error !== null && queryError === null) {
    return <ErrorNotice error={list.error} what={`The ${nouns[1]}`} onRetry={list.retry} />;
  }
  const checked = list.rows.filter((row) => checkedIds.has(idOf(row)));
  return (
    <section className={styles["page"]} aria-label={title}>
      <div className={styles["toolbar"]}>
        {props.before}
        <h1>{title}</h1>
        <span className={styles["tally"]} aria-live="polite">
          {!list.isLoading &&
            queryError === null &&
            `${formatExact(list.rows.length)}${list.hasMore ? "+" : ""} ${nouns[list.rows.length === 1 ? 0 : 1]}`}
        </span>
        <div className={styles["tools"]}>{props.toolbar?.(queryError)}</div>
      </div>
      {props.above !== undefined && <div>{props.above}</div>}
      <div className={styles["body"]}>
        <div className={styles["table"]}>
          {list.isLoading ? (
            <LoadingRows rows={12} rowHeight={44} />
          ) : (
            <DataTable
              label={title}
              rows={list.rows}
              columns={columns}
              rowId={idOf}
              selectedId={selectedId}
              checkedIds={checkedIds}
              sort={sort}
              onSort={(next) => onSort?.(next)}
              onSelect={select}
              phoneRow={phoneRow}
              hasMore={list.hasMore}
              isLoadingMore={list.isLoadingMore}
              onLoadMore={list.loadMore}
              onScrolled={setIsScrolled}
              empty={typeof props.empty === "function" ? props.empty(queryError) : props.empty}
            />
          )}
          {actions !== undefined && checked.length > 0 && (
            <div className={styles["actions"]} role="toolbar" aria-label="Selected rows">
              <span>{checked.length} selected</span>
              {actions(checked, clear)}
            </div>
          )}
        </div>
      </div>
    </section>
  );
}
