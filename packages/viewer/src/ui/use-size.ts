import { type RefObject, useLayoutEffect, useState, useSyncExternalStore } from "react";

/** The element's content width in CSS pixels; 0 before the first measurement. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

const media = new Map<string, { subscribe: (onChange: () => void) => () => void; matches: () => boolean }>();

/** One list a query for the page's life: it is asked at every render. */
function mediaOf(query: string) {
  const known = media.get(query);
  if (known !== undefined) return known;
  const list = window.matchMedia(query);
  const made = {
    subscribe: (onChange: () => void): (() => void) => {
      list.addEventListener("change", onChange);
      return () => list.removeEventListener("change", onChange);
    },
    matches: () => list.matches,
  };
  media.set(query, made);
  return made;
}

export function useMedia(query: string): boolean {
  const { subscribe, matches } = mediaOf(query);
  return useSyncExternalStore(subscribe, matches);
}

/** One column: the detail pane then covers the tree. Also in the style sheets. */
export const PHONE = "(max-width: 760px)";
