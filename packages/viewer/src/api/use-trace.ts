import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { fetchTrace, observationApiPath } from "./client.ts";
import { getJson, isNotFound } from "./http.ts";
import type { ObservationDetail, ObservationSummary } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";
import { useProject } from "./use-project.ts";

/** A trace that is not there may be on its way: how long and how often to look. */
const ARRIVAL_WAIT_MS = 15_000;
const ARRIVAL_INTERVAL_MS = 1_000;

/** A trace is read again at most this often, however many events name it. */
const REFRESH_INTERVAL_MS = 500;

/** How long a read payload stays in memory after it was last shown. */
const PAYLOAD_KEPT_MS = 120_000;

export function useTrace(traceId: string) {
  const project = useProject();
  const openedAt = useRef(Date.now());
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = useQuery({
    queryKey: ["trace", project, traceId],
    queryFn: ({ signal }) => fetchTrace(project, traceId, signal),
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
function observationQuery(project: string, observation: ObservationSummary) {
  const { traceId, id, status, endTime } = observation;
  return {
    queryKey: ["observation", project, traceId, id, status, endTime] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      getJson<ObservationDetail>(observationApiPath(project, traceId, id), signal),
    gcTime: PAYLOAD_KEPT_MS,
  };
}

/** The payload. While `isWanted` is false only what is in memory is shown, and nothing is asked for. */
export function useObservation(observation: ObservationSummary, isWanted: boolean) {
  const project = useProject();
  const query = useQuery({
    ...observationQuery(project, observation),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  // What is shown meanwhile has to be the same observation in its earlier state, never another one.
  return query.data === undefined || query.data.id === observation.id ? query : { ...query, data: undefined };
}

/** Time the pointer rests on a row before its payload is read ahead. */
const HOVER_MS = 80;

export interface Prefetch {
  enter: (observation: ObservationSummary) => void;
  leave: () => void;
}

/** Reads an observation's payload ahead when the pointer rests on its row. The same object for the component's life. */
export function usePrefetch(): Prefetch {
  const queryClient = useQueryClient();
  const project = useProject();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  return useMemo(() => {
    const leave = (): void => clearTimeout(timer.current);
    return {
      enter: (observation) => {
        leave();
        timer.current = setTimeout(() => prefetchObservation(queryClient, project, observation), HOVER_MS);
      },
      leave,
    };
  }, [queryClient, project]);
}

function prefetchObservation(queryClient: QueryClient, project: string, observation: ObservationSummary): void {
  void queryClient.prefetchQuery(observationQuery(project, observation)).catch(() => {
    // Only a head start: the real read shows the error.
  });
}
