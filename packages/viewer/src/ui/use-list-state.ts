import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { type ListState, readListState, writeListState } from "../model/list-state.ts";
import { useEvent } from "./use-event.ts";

export interface ListStateControl extends ListState {
  /** Writes to the address. A change that one would want to go back from makes an entry in the history. */
  change: (change: Partial<ListState>, options?: { replace?: boolean }) => void;
}

/** The list's state, which lives in the address alone: query bar, facets, heads and links all write there. */
export function useListState(defaults: { range?: string } = {}): ListStateControl {
  const [params, setParams] = useSearchParams();
  const { range } = defaults;
  const state = useMemo(() => readListState(params, range === undefined ? {} : { range }), [params, range]);
  const change = useEvent((next: Partial<ListState>, options: { replace?: boolean } = {}): void => {
    setParams((previous) => writeListState(previous, next, defaults), { replace: options.replace ?? false });
  });
  return { ...state, change };
}
