import { type RefObject, useLayoutEffect, useState } from "react";
import { useEvent } from "./use-event.ts";

interface RowsOptions {
  count: number;
  rowHeight: number;
  scroller: RefObject<HTMLElement | null>;
  /** Rows mounted beyond what is in view, on each side. */
  overscan?: number;
}

export interface Rows {
  /** Mounted: `from` to `to`, exclusive. */
  from: number;
  to: number;
  /** Rows that fit in what is mounted: `to - from`, but for the ends of a short list. */
  slots: number;
  totalHeight: number;
  /** Scrolls as little as needed for the row to be in view; from further away than a page, to the middle. */
  reveal: (row: number) => void;
}

const STEP = 2;

/** How much of the list is mounted before its height is known. */
const FIRST_ROWS = 40;

/**
 * Rows of one height: what is in view follows from two numbers, so the cost does not grow with the list. (A measuring virtualiser
 * makes an object for each row, which for 50 000 of them is felt at every change.)
 */
export function useRows({ count, rowHeight, scroller, overscan = 8 }: RowsOptions): Rows {
  const [range, setRange] = useState({ from: 0, to: FIRST_ROWS });
  const update = useEvent((): void => {
    const element = scroller.current;
    if (element === null) return;
    const first = Math.floor(element.scrollTop / rowHeight);
    // In steps, so that a slow scroll does not render at every pixel, and always as many.
    const from = Math.max(0, Math.floor((first - overscan) / STEP) * STEP);
    const to = from + Math.ceil(element.clientHeight / rowHeight / STEP + 1) * STEP + 2 * overscan;
    setRange((known) => (known.from === from && known.to === to ? known : { from, to }));
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    update();
    element.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", update);
      observer.disconnect();
    };
  }, [scroller, update]);
  // Fewer rows than before may leave the view where there is nothing.
  useLayoutEffect(update, [count, rowHeight, update]);
  const reveal = useEvent((row: number): void => {
    const element = scroller.current;
    if (element === null) return;
    const top = row * rowHeight;
    const height = element.clientHeight;
    const isFar = top < element.scrollTop - height || top > element.scrollTop + 2 * height;
    if (isFar) element.scrollTop = top - (height - rowHeight) / 2;
    else if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + height) {
      element.scrollTop = top + rowHeight - height;
    }
  });
  return {
    from: Math.min(range.from, count),
    to: Math.min(count, range.to),
    slots: range.to - range.from,
    totalHeight: count * rowHeight,
    reveal,
  };
}
