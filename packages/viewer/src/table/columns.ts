import type { ReactNode } from "react";
import type { ColumnSize } from "../model/fit-columns.ts";

export interface Column<T> extends ColumnSize {
  label: string;
  align?: "end";
  /** The field the server sorts by. */
  sort?: string;
  isDefault: boolean;
  /** Always there, and first. */
  isFixed: boolean;
  cell: (row: T, context: CellContext) => ReactNode;
}

export interface CellContext {
  /** Renewed every few seconds; what ticks faster has a clock of its own. */
  nowMs: number;
  /** The column's width in pixels, about. */
  widthPx: number;
}

/** A column with what most of them share. */
export function column<T>(fields: Pick<Column<T>, "id" | "label" | "width" | "cell"> & Partial<Column<T>>): Column<T> {
  return { grow: 0, priority: 1, isDefault: true, isFixed: false, ...fields };
}
