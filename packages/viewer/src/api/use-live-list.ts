import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { distinctRows, mergeRows, type RowKind } from "../model/live-rows.ts";
import { useEvent } from "../ui/use-event.ts";
import type { LiveChange } from "./live.ts";
import type { Page } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";

/** Newest pages read after a change until they meet what is known; more than that and the list starts anew. */
const MAX_CATCH_UP_PAGES = 4;

/** Traces outside the newest page whose rows are read again after one change, and after all may have changed. */
const MAX_OTHERS = 20;
const MAX_OTHERS_AFTER_RESET = 400;

/** A busy server reports five times a second; the list is read at most this often. */
const MIN_INTERVAL_MS = 300;

type Pages<T> = InfiniteData<Page<T>, string | null>;

export interface LiveListSource<T> extends RowKind<T> {
  /** Names all that the answer depends on: project, query, range, order. */
  queryKey: readonly unknown[];
  fetchPage: (cursor: string | null, signal?: AbortSignal) => Promise<Page<T>>;
  /** Rows of these traces as they are now. */
  fetchOf: (traceIds: readonly string[]) => Promise<T[]>;
  traceIdOf: (row: T) => string;
  isRunning: (row: T) => boolean;
  /** Only then can new rows be sorted in; in another order they wait until asked for. */
  isNewestFirst: boolean;
}

export interface LiveList<T> {
  rows: readonly T[];
  /** New rows held back; `release` shows them. */
  waitingCount: number;
  release: () => void;
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/** A list kept up to date. While `hold` is true new rows wait, so that nothing moves under the reader. */
export function useLiveList<T>(source: LiveListSource<T>, hold: boolean): LiveList<T> {
  const { queryKey, idOf, isNewestFirst } = source;
  const queryClient = useQueryClient();
  const [waiting, setWaitingState] = useState<readonly T[]>([]);
  const isHeld = hold || !isNewestFirst;
  // What a refresh that is under way has to see as it is now, not as it was when the refresh began.
  const now = useRef({ waiting, isHeld, queryKey });
  useEffect(() => {
    now.current.isHeld = isHeld;
    now.current.queryKey = queryKey;
  }, [isHeld, queryKey]);
  const setWaiting = (next: readonly T[]): void => {
    now.current.waiting = next;
    setWaitingState(next);
  };
  useEffect(() => setWaiting([]), [queryKey]);
  const refresh = useRef({ running: false, next: null as LiveChange | null });

  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => source.fetchPage(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

  const rowsOf = (pages: Pages<T> | undefined): T[] =>
    distinctRows(pages?.pages.flatMap((page) => page.data) ?? [], idOf);
  const rows = useMemo(
    () => distinctRows(query.data?.pages.flatMap((page) => page.data) ?? [], idOf),
    [query.data, idOf],
  );
  const shownNow = (): T[] => rowsOf(queryClient.getQueryData<Pages<T>>(queryKey));
  const show = (shown: readonly T[]): void => {
    queryClient.setQueryData<Pages<T>>(queryKey, (data) => ({
      pages: [{ data: [...shown], nextCursor: data?.pages.at(-1)?.nextCursor ?? null }],
      pageParams: [null],
    }));
  };

  const readChanges = async (change: LiveChange): Promise<void> => {
    const key = queryKey;
    const before = shownNow();
    const known = new Set([...before, ...now.current.waiting].map(idOf));
    const fresh = await readHead(source, known);
    if (fresh === "gap") {
      setWaiting([]);
      await queryClient.resetQueries({ queryKey });
      return;
    }
    const read = new Set(fresh.map(idOf));
    const named = new Set(change.traceIds);
    const others = before
      .filter((row) => !read.has(idOf(row)))
      .filter((row) => isConcerned(change, named, row, source))
      .map((row) => source.traceIdOf(row));
    const again = [...new Set(others)].slice(0, change.isReset === true ? MAX_OTHERS_AFTER_RESET : MAX_OTHERS);
    for (let at = 0; at < again.length; at += MAX_OTHERS) {
      // oxlint-disable-next-line no-await-in-loop -- a busy server is asked a part at a time
      const changed = await source.fetchOf(again.slice(at, at + MAX_OTHERS));
      fresh.push(...changed.filter((row) => known.has(idOf(row))));
    }
    // Another query was asked meanwhile: the answer is about the old one.
    if (now.current.queryKey !== key) return;
    const state = { shown: shownNow(), waiting: now.current.waiting };
    const next = mergeRows(state, fresh, now.current.isHeld && state.shown.length > 0, source);
    show(next.shown);
    setWaiting(next.waiting);
  };

  /** One refresh at a time; what is reported meanwhile is covered by one more. */
  const refreshFor = async (change: LiveChange): Promise<void> => {
    const state = refresh.current;
    if (state.running) {
      state.next = joinChanges(state.next, change);
      return;
    }
    state.running = true;
    try {
      for (let current: LiveChange | null = change; current !== null; current = state.next) {
        state.next = null;
        const startedAt = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
        await readChanges(current);
        if (state.next === null) break;
        // oxlint-disable-next-line no-await-in-loop -- as above
        await new Promise((resolve) => setTimeout(resolve, MIN_INTERVAL_MS - (performance.now() - startedAt)));
      }
    } catch {
      // The next change or poll tries again; what is shown stays.
    } finally {
      refresh.current = { running: false, next: null };
    }
  };

  useLiveChanges((change) => {
    if (query.data !== undefined) void refreshFor(change);
    else if (query.isError) void query.refetch();
  });

  const release = useEvent(() => {
    if (isNewestFirst) show(mergeRows({ shown: shownNow(), waiting: now.current.waiting }, [], false, source).shown);
    else void queryClient.resetQueries({ queryKey });
    setWaiting([]);
  });
  const loadMore = useEvent(() => {
    if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  });
  return {
    rows,
    waitingCount: waiting.length,
    release,
    isLoading: query.isPending,
    error: query.data === undefined ? query.error : null,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore,
  };
}

function joinChanges(a: LiveChange | null, b: LiveChange): LiveChange {
  if (a === null) return b;
  return {
    traceIds: a.traceIds === null || b.traceIds === null ? null : [...a.traceIds, ...b.traceIds],
    isReset: a.isReset === true || b.isReset === true,
  };
}

function isConcerned<T>(
  { traceIds, isReset }: LiveChange,
  named: ReadonlySet<string>,
  row: T,
  source: LiveListSource<T>,
): boolean {
  if (isReset === true) return true;
  return traceIds === null ? source.isRunning(row) : named.has(source.traceIdOf(row));
}

/** The newest rows down to the first known one, or "gap" when that is further than the bound. */
async function readHead<T>(source: LiveListSource<T>, known: ReadonlySet<string>): Promise<T[] | "gap"> {
  const fresh: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_CATCH_UP_PAGES; page++) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const answer: Page<T> = await source.fetchPage(cursor);
    fresh.push(...answer.data);
    cursor = answer.nextCursor;
    if (cursor === null || known.size === 0 || answer.data.some((row) => known.has(source.idOf(row)))) return fresh;
  }
  // In another order than by time, new rows are anywhere: what the first pages hold is all that is told.
  return source.isNewestFirst ? "gap" : fresh;
}
