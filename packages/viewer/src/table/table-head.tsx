import { nextSort } from "../model/list-state.ts";
import { Icon } from "../ui/icons.tsx";
import type { Column } from "./columns.ts";
import styles from "./data-table.module.css";

interface TableHeadProps<T> {
  columns: readonly Column<T>[];
  sort: string;
  onSort: (field: string) => void;
}

export function TableHead<T>({ columns, sort, onSort }: TableHeadProps<T>) {
  return (
    <div role="rowgroup" className={styles["headGroup"]}>
      <div role="row" aria-rowindex={1} className={styles["head"]}>
        {columns.map(({ id, label, align, sort: field }) => {
          const isSorted = field !== undefined && (sort === field || sort === `-${field}`);
          const order = !isSorted ? undefined : sort.startsWith("-") ? "descending" : "ascending";
          return (
            <div key={id} role="columnheader" data-align={align} aria-sort={order}>
              {field === undefined ? (
                label === "" ? (
                  <span className="sr-only">{id}</span>
                ) : (
                  label
                )
              ) : (
                <button
                  type="button"
                  className={styles["sort"]}
                  data-sorted={order}
                  onClick={() => onSort(nextSort(sort, field))}
                >
                  {label}
                  <Icon name={order === "ascending" ? "up" : "down"} size={11} />
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
