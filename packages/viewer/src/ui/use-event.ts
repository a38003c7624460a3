import { useCallback, useLayoutEffect, useRef } from "react";

/** A handler that is one and the same function for memoised children, and does what the newest render gave it to do. */
export function useEvent<Args extends unknown[], Result>(
  handler: (...args: Args) => Result,
): (...args: Args) => Result {
  const latest = useRef(handler);
  useLayoutEffect(() => {
    latest.current = handler;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}
