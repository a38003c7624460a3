/** What a table needs to know of a column to give it room. */
export interface ColumnSize {
  id: string;
  /** Pixels it needs at least; what is shown beyond is shared by `grow`. */
  width: number;
  /** Share of the room that is left; 0 keeps the width. */
  grow: number;
  /** The lowest go first when there is no room; never those of `Infinity`. */
  priority: number;
}

/** The columns that fit next to each other, in their order. */
export function fitColumns<C extends ColumnSize>(columns: readonly C[], widthPx: number, gapPx: number): C[] {
  let kept = [...columns];
  // Not measured yet: nothing is dropped.
  if (widthPx <= 0) return kept;
  const needed = (): number =>
    kept.reduce((sum, column) => sum + column.width, 0) + gapPx * Math.max(0, kept.length - 1);
  while (needed() > widthPx) {
    const first = kept.reduce((least, column) => (column.priority < least.priority ? column : least));
    if (first.priority === Number.POSITIVE_INFINITY) break;
    kept = kept.filter((column) => column !== first);
  }
  return kept;
}

export function gridTemplate(columns: readonly ColumnSize[]): string {
  return columns.map(({ width, grow }) => (grow > 0 ? `minmax(${width}px, ${grow}fr)` : `${width}px`)).join(" ");
}

/** The columns to show: those chosen, in the order chosen, else the list's own. Unknown ids, from newer links, are left out. */
export function chooseColumns<C extends { id: string; isDefault: boolean; isFixed: boolean }>(
  all: readonly C[],
  chosen: readonly string[] | null,
): C[] {
  if (chosen === null) return all.filter((column) => column.isDefault || column.isFixed);
  const fixed = all.filter((column) => column.isFixed);
  const picked = chosen.flatMap((id) => all.filter((column) => column.id === id && !column.isFixed));
  return [...fixed, ...picked];
}
