import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { distinctRows } from "../model/live-rows.ts";
import { useEvent } from "../ui/use-event.ts";
import type { Page } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";

/** A list of sums is read again at most this often, however many traces arrive. */
const REFRESH_INTERVAL_MS = 3_000;

export interface PageSource<T> {
  /** Names all that the answer depends on. */
  queryKey: readonly unknown[];
  fetchPage: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>;
  idOf: (row: T) => string;
}

export interface PageList<T> {
  rows: readonly T[];
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/**
 * A list that is read page by page. What arrives meanwhile is read while nobody has gone beyond the first page; `hold` stops that,
 * so that nothing moves under the reader.
 */
export function usePageList<T>({ queryKey, fetchPage, idOf }: PageSource<T>, hold: boolean): PageList<T> {
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const rows = useMemo(
    () => distinctRows(query.data?.pages.flatMap((page) => page.data) ?? [], idOf),
    [query.data, idOf],
  );
  useLiveChanges(() => {
    if (hold || pending.current !== undefined || (query.data?.pages.length ?? 0) > 1) return;
    pending.current = setTimeout(() => {
      pending.current = undefined;
      void query.refetch();
    }, REFRESH_INTERVAL_MS);
  });
  useEffect(() => () => clearTimeout(pending.current), []);
  const loadMore = useEvent(() => {
    if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  });
  return {
    rows,
    isLoading: query.isPending,
    error: query.data === undefined ? query.error : null,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore,
  };
}
