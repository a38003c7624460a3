import { Popover } from "../ui/popover.tsx";
import type { Column } from "./columns.ts";
import styles from "./column-chooser.module.css";

interface ColumnChooserProps<T> {
  all: readonly Column<T>[];
  /** `null`: the list's own choice. */
  chosen: readonly string[] | null;
  onChange: (columns: readonly string[] | null) => void;
}

export function ColumnChooser<T>({ all, chosen, onChange }: ColumnChooserProps<T>) {
  const optional = all.filter((column) => !column.isFixed);
  const ids = chosen ?? optional.filter((column) => column.isDefault).map((column) => column.id);
  const toggle = (id: string): void => {
    const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
    const ordered = optional.map((column) => column.id).filter((other) => next.includes(other));
    const isDefault = optional.every((column) => column.isDefault === ordered.includes(column.id));
    onChange(isDefault ? null : ordered);
  };
  return (
    <Popover label="Columns" icon="columns" isIconOnly title="Columns" align="end">
      {() => (
        <fieldset className={styles["columns"]}>
          <legend>Columns</legend>
          {optional.map(({ id, label }) => (
            <label key={id}>
              <input type="checkbox" checked={ids.includes(id)} onChange={() => toggle(id)} />
              {label}
            </label>
          ))}
          <button type="button" disabled={chosen === null} onClick={() => onChange(null)}>
            Back to the default
          </button>
        </fieldset>
      )}
    </Popover>
  );
}
