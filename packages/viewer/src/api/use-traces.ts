import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { mergeTraces, releaseWaiting } from "../model/trace-list.ts";
import { fetchTrace, fetchTraces } from "./client.ts";
import type { LiveChange } from "./live.ts";
import type { TraceListResponse, TraceSummary } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";

/** Newest pages read after a change until they meet what is known; more than that and the list starts anew. */
const MAX_CATCH_UP_PAGES = 4;

/** Changed traces outside the newest page that are read one by one. */
const MAX_SINGLE_READS = 5;

type Pages = InfiniteData<TraceListResponse, string | null>;

export interface TraceList {
  traces: readonly TraceSummary[];
  /** New traces held back; `release` shows them. */
  waitingCount: number;
  release: () => void;
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/** The trace list, kept up to date. While `hold` is true new traces wait, so that rows do not move under the reader. */
export function useTraces(project: string, hold: boolean): TraceList {
  const queryClient = useQueryClient();
  const queryKey = useMemo(() => ["traces", project] as const, [project]);
  const [waiting, setWaitingState] = useState<readonly TraceSummary[]>([]);
  // What a refresh that is under way has to see as it is now, not as it was when the refresh began.
  const now = useRef({ waiting, hold });
  useEffect(() => {
    now.current.hold = hold;
  }, [hold]);
  const setWaiting = (next: readonly TraceSummary[]): void => {
    now.current.waiting = next;
    setWaitingState(next);
  };
  const refresh = useRef({ running: false, again: false });

  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchTraces({ project, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

  const traces = useMemo(() => distinct(query.data?.pages.flatMap((page) => page.data) ?? []), [query.data]);

  const shownNow = (): TraceSummary[] =>
    distinct(queryClient.getQueryData<Pages>(queryKey)?.pages.flatMap((page) => page.data) ?? []);

  const show = (shown: readonly TraceSummary[]): void => {
    queryClient.setQueryData<Pages>(queryKey, (data) => ({
      pages: [{ data: [...shown], nextCursor: data?.pages.at(-1)?.nextCursor ?? null }],
      pageParams: [null],
    }));
  };

  const readChanges = async (change: LiveChange): Promise<void> => {
    const before = shownNow();
    const known = new Set([...before, ...now.current.waiting].map((trace) => trace.traceId));
    const fresh = await readHead(project, known);
    if (fresh === "gap") {
      setWaiting([]);
      await queryClient.resetQueries({ queryKey });
      return;
    }
    const read = new Set(fresh.map((trace) => trace.traceId));
    const running = before.filter((trace) => trace.status === "running").map((trace) => trace.traceId);
    const others = (change.traceIds ?? running)
      .filter((id) => known.has(id) && !read.has(id))
      .slice(0, MAX_SINGLE_READS);
    const single = await Promise.allSettled(others.map(async (id) => (await fetchTrace(project, id)).trace));
    for (const result of single) if (result.status === "fulfilled") fresh.push(result.value);

    const state = { shown: shownNow(), waiting: now.current.waiting };
    const next = mergeTraces(state, fresh, now.current.hold && state.shown.length > 0);
    show(next.shown);
    setWaiting(next.waiting);
  };

  /** One refresh at a time; what is reported meanwhile is covered by one more. */
  const refreshFor = async (change: LiveChange): Promise<void> => {
    if (refresh.current.running) {
      refresh.current.again = true;
      return;
    }
    refresh.current.running = true;
    try {
      await readChanges(change);
      while (refresh.current.again) {
        refresh.current.again = false;
        // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
        await readChanges({ traceIds: null });
      }
    } catch {
      // The next change or poll tries again; what is shown stays.
    } finally {
      refresh.current = { running: false, again: false };
    }
  };

  useLiveChanges((change) => {
    if (query.data !== undefined) void refreshFor(change);
    else if (query.isError) void query.refetch();
  });

  return {
    traces,
    waitingCount: waiting.length,
    release: () => {
      show(releaseWaiting({ shown: shownNow(), waiting: now.current.waiting }).shown);
      setWaiting([]);
    },
    isLoading: query.isPending,
    error: query.data === undefined ? query.error : null,
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
  };
}

/** The newest traces down to the first known one, or "gap" when that is further than the bound. */
async function readHead(project: string, known: ReadonlySet<string>): Promise<TraceSummary[] | "gap"> {
  const fresh: TraceSummary[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_CATCH_UP_PAGES; page++) {
    const answer: TraceListResponse = await fetchTraces({ project, cursor });
    fresh.push(...answer.data);
    cursor = answer.nextCursor;
    if (cursor === null || known.size === 0 || answer.data.some((trace) => known.has(trace.traceId))) return fresh;
  }
  return "gap";
}

function distinct(traces: readonly TraceSummary[]): TraceSummary[] {
  return [...new Map(traces.map((trace) => [trace.traceId, trace])).values()];
}
