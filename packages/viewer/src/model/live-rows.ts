/** What is loaded: `shown` in order, and `waiting`, new rows held back so that nothing moves under the reader's eyes. */
export interface LiveRows<T> {
  shown: readonly T[];
  waiting: readonly T[];
}

export interface RowKind<T> {
  idOf: (row: T) => string;
  /** Epoch milliseconds, by which new rows are sorted in. */
  timeOf: (row: T) => number;
}

/** Known rows change in place. New ones wait when `hold` is set; otherwise they are sorted in, newest first. */
export function mergeRows<T>(
  state: LiveRows<T>,
  incoming: readonly T[],
  hold: boolean,
  { idOf, timeOf }: RowKind<T>,
): LiveRows<T> {
  const updates = new Map(incoming.map((row) => [idOf(row), row]));
  const replace = (row: T): T => {
    const id = idOf(row);
    const update = updates.get(id);
    updates.delete(id);
    return update ?? row;
  };
  const shown = state.shown.map(replace);
  const waiting = state.waiting.map(replace);
  const fresh = [...updates.values()];
  const sorted = (rows: readonly T[]): T[] =>
    rows.toSorted((a, b) => timeOf(b) - timeOf(a) || (idOf(a) < idOf(b) ? 1 : -1));
  if (hold) return { shown, waiting: sorted([...waiting, ...fresh]) };
  if (fresh.length === 0 && waiting.length === 0) return { shown, waiting };
  return { shown: sorted([...shown, ...waiting, ...fresh]), waiting: [] };
}

export function distinctRows<T>(rows: readonly T[], idOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [idOf(row), row])).values()];
}
