import { useEffect, useMemo, useState } from "react";

/** A scroll that pauses for less goes on. */
const REST_MS = 200;

export interface SlotRow {
  slot: number;
  row: number;
}

/**
 * Elements for the rows `from` to `to` that are used again: what leaves at one end comes back at the other, in its slot, so that scrolling
 * makes no elements and lays out only what changed in them. Meanwhile they stay where they are among their siblings, and are put into the
 * order of the rows when the scroll rests: that is the order in which screen readers go through them.
 */
export function useSlots(from: number, to: number, slots: number): SlotRow[] {
  const [orderedFrom, setOrderedFrom] = useState(from);
  useEffect(() => {
    if (from === orderedFrom) return undefined;
    const timer = setTimeout(() => setOrderedFrom(from), REST_MS);
    return () => clearTimeout(timer);
  }, [from, orderedFrom]);
  return useMemo(() => slotRows({ from, to, slots, orderedFrom }), [from, to, slots, orderedFrom]);
}

/** The rows in the order of their elements: that of the rows themselves where `orderedFrom` is `from`. */
export function slotRows(range: { from: number; to: number; slots: number; orderedFrom: number }): SlotRow[] {
  const { from, to, slots, orderedFrom } = range;
  const found: SlotRow[] = [];
  for (let at = 0; at < slots; at++) {
    const slot = (orderedFrom + at) % slots;
    const row = from + ((((slot - from) % slots) + slots) % slots);
    if (row < to) found.push({ slot, row });
  }
  return found;
}
