import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { fetchObservation, fetchTrace, isNotFound } from "./client.ts";
import type { ObservationSummary } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";

/** A trace that is not there may be on its way: how long and how often to look. */
const ARRIVAL_WAIT_MS = 15_000;
const ARRIVAL_INTERVAL_MS = 1_000;

/** A trace is read again at most this often, however many events name it. */
const REFRESH_INTERVAL_MS = 500;

/** How long a read payload stays in memory after it was last shown. */
const PAYLOAD_KEPT_MS = 120_000;

export function useTrace(traceId: string) {
  const openedAt = useRef(Date.now());
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = useQuery({
    queryKey: ["trace", traceId],
    queryFn: ({ signal }) => fetchTrace(traceId, signal),
    // Of a large running trace only what changed is new to React, so unchanged rows do not render again.
    structuralSharing: true,
    refetchInterval: ({ state }) =>
      isNotFound(state.error) && Date.now() - openedAt.current < ARRIVAL_WAIT_MS ? ARRIVAL_INTERVAL_MS : false,
  });
  const { refetch } = query;
  const isOpen = query.data?.trace.status === "running" || query.data === undefined;
  useLiveChanges(({ traceIds }) => {
    const concerned = traceIds === null ? isOpen : traceIds.includes(traceId);
    if (!concerned || pending.current !== undefined) return;
    pending.current = setTimeout(() => {
      pending.current = undefined;
      void refetch();
    }, REFRESH_INTERVAL_MS);
  });
  useEffect(() => () => clearTimeout(pending.current), []);
  return query;
}

/** The payload belongs to a state of the observation: when that changes, it is read again. */
function observationQuery(observation: ObservationSummary) {
  const { traceId, id, status, endTime } = observation;
  return {
    queryKey: ["observation", traceId, id, status, endTime] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => fetchObservation(traceId, id, signal),
    gcTime: PAYLOAD_KEPT_MS,
  };
}

export function useObservation(observation: ObservationSummary) {
  const query = useQuery({ ...observationQuery(observation), placeholderData: keepPreviousData });
  // What is shown meanwhile has to be the same observation in its earlier state, never another one.
  return query.data === undefined || query.data.id === observation.id ? query : { ...query, data: undefined };
}

function prefetchObservation(queryClient: QueryClient, observation: ObservationSummary): void {
  void queryClient.prefetchQuery(observationQuery(observation)).catch(() => {
    // Only a head start: the real read shows the error.
  });
}

/** Time the pointer rests on a row before its payload is read ahead. */
const HOVER_MS = 80;

/** Reads an observation's payload ahead when the pointer rests on its row. */
export function usePrefetch(): { enter: (observation: ObservationSummary) => void; leave: () => void } {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const leave = (): void => clearTimeout(timer.current);
  return {
    enter: (observation) => {
      leave();
      timer.current = setTimeout(() => prefetchObservation(queryClient, observation), HOVER_MS);
    },
    leave,
  };
}
