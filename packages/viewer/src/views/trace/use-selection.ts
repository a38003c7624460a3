import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import { withParameter } from "../../ui/url.ts";
import { useEvent } from "../../ui/use-event.ts";

/**
 * Choices that follow each other faster are a burst, as from a held arrow key (one each 33 ms). Browsers allow few address changes
 * in a row (Chromium 200 in 10 s, Safari 100 in 30 s) and the server has better to do than to read a payload a row.
 */
const BURST_MS = 120;

/** The address's parameter that names the selected observation. */
const PARAMETER = "o";

export interface Selection {
  /** What is chosen now; `null` before anything was. */
  chosenId: string | null;
  /** False during a burst: what costs a request waits for its end. A choice on its own settles at once. */
  isSettled: boolean;
  /** The same function for the component's life. */
  choose: (id: string | null) => void;
}

/** The selected observation, shared with the address: a choice is written there, and what comes from there is chosen. */
export function useSelection(): Selection {
  const [params, setParams] = useSearchParams();
  const linkedId = params.get(PARAMETER);
  const [chosenId, setChosenId] = useState(linkedId);
  const [isSettled, setIsSettled] = useState(true);
  const lastChoiceAt = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const writtenId = useRef(linkedId);

  const settle = useEvent((id: string | null): void => {
    setIsSettled(true);
    if (writtenId.current === id) return;
    writtenId.current = id;
    setParams((previous) => withParameter(previous, PARAMETER, id), { replace: true });
  });
  const choose = useEvent((id: string | null): void => {
    const now = performance.now();
    const isBurst = now - lastChoiceAt.current < BURST_MS;
    lastChoiceAt.current = now;
    clearTimeout(timer.current);
    setChosenId(id);
    if (!isBurst) {
      settle(id);
      return;
    }
    setIsSettled(false);
    timer.current = setTimeout(() => settle(id), BURST_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // Written by somebody else: a link, or the browser's own buttons.
    if (linkedId === writtenId.current) return;
    clearTimeout(timer.current);
    writtenId.current = linkedId;
    setChosenId(linkedId);
    setIsSettled(true);
  }, [linkedId]);
  return { chosenId, isSettled, choose };
}
