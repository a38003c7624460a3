import type { RefObject } from "react";
import type { Target } from "../../api/client.ts";
import type { QueryErrorResponse } from "../../api/types.ts";
import { formatExact } from "../../model/format.ts";
import { QueryBar } from "../../query/query-bar.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import { ColumnChooser } from "../../table/column-chooser.tsx";
import type { Column } from "../../table/columns.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import type { ListStateControl } from "../../ui/use-list-state.ts";
import type { FiltersShown } from "./use-filters-shown.ts";
import styles from "./list-page.module.css";

interface ListToolbarProps<T> {
  title: string;
  target: Target;
  /** `null` while nothing is known. */
  count: { loaded: number; hasMore: boolean; nouns: readonly [string, string] } | null;
  state: ListStateControl;
  columns: readonly Column<T>[];
  queryError: QueryErrorResponse | null;
  inputRef: RefObject<HTMLInputElement | null>;
  filters: FiltersShown;
  isPaused: boolean;
  onPaused: (isPaused: boolean) => void;
}

export function ListToolbar<T>(props: ListToolbarProps<T>) {
  const { title, target, count, state, columns, queryError, inputRef, filters, isPaused, onPaused } = props;
  return (
    <div className={styles["toolbar"]}>
      <h1>{title}</h1>
      <button
        type="button"
        className={`${buttons["icon"]} ${styles["toggle"]}`}
        title="Filters (f)"
        aria-label="Filters"
        aria-pressed={filters.isShown}
        onClick={filters.toggle}
      >
        <Icon name="filter" />
      </button>
      <QueryBar
        target={target}
        query={state.q}
        onQuery={(q) => state.change({ q })}
        error={queryError}
        inputRef={inputRef}
      />
      <span className={styles["count"]} aria-live="polite">
        {count !== null &&
          `${formatExact(count.loaded)}${count.hasMore ? "+" : ""} ${count.nouns[count.loaded === 1 ? 0 : 1]}`}
      </span>
      <RangePicker range={state.range} onRange={(range) => state.change({ range })} />
      <button
        type="button"
        className={`${buttons["icon"]} ${styles["toggle"]}`}
        title={isPaused ? "New rows are held back: go on (l)" : "Hold new rows back (l)"}
        aria-label="Hold new rows back"
        aria-pressed={isPaused}
        onClick={() => onPaused(!isPaused)}
      >
        <Icon name={isPaused ? "play" : "pause"} />
      </button>
      <span className={styles["wide"]}>
        <ColumnChooser
          all={columns}
          chosen={state.columns}
          onChange={(next) => state.change({ columns: next }, { replace: true })}
        />
      </span>
    </div>
  );
}
