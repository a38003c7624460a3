import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { parseExact } from "../json/exact.ts";
import { statusOf, type TraceModel, idOf } from "../trace/model.ts";
import { callWorker } from "../workers/client.ts";
import type { LargeValue, LoadedText } from "../workers/protocol.ts";
import { fetchTraceHead, findInTrace, observationApiPath, skeletonPath } from "./client.ts";
import { isNotFound } from "./http.ts";
import type { ObservationDetail, TraceDetail } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";
import { useProject } from "./use-project.ts";

/** A trace that is not there may be on its way: how long and how often to look. */
const ARRIVAL_WAIT_MS = 15_000;
const ARRIVAL_INTERVAL_MS = 1_000;

/** A trace is read again at most this often, however many events name it. */
const REFRESH_INTERVAL_MS = 400;

/** How long a read payload stays in memory after it was last shown. */
const PAYLOAD_KEPT_MS = 120_000;

export interface LoadedTrace {
  head: TraceDetail;
  model: TraceModel;
}

/** What belongs to the whole trace, and the model of its observations, kept up to date while it runs. */
export function useTrace(traceId: string) {
  const project = useProject();
  const openedAt = useRef(Date.now());
  const readAt = useRef(0);
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = useQuery({
    queryKey: ["trace", project, traceId],
    queryFn: async ({ signal }): Promise<LoadedTrace> => {
      const [head, model] = await Promise.all([
        fetchTraceHead(project, traceId, signal),
        callWorker("loadTrace", [skeletonPath(project, traceId), Date.now()], signal),
      ]);
      return { head, model };
    },
    // Typed arrays are replaced as a whole: comparing them deeply would cost more than drawing what is in sight.
    structuralSharing: false,
    refetchInterval: ({ state }) =>
      isNotFound(state.error) && Date.now() - openedAt.current < ARRIVAL_WAIT_MS ? ARRIVAL_INTERVAL_MS : false,
  });
  const { refetch } = query;
  const isOpen = query.data === undefined || query.data.model.runningCount > 0;
  useLiveChanges(({ traceIds, isReset }) => {
    const concerned = isReset === true || (traceIds === null ? isOpen : traceIds.includes(traceId));
    if (!concerned || pending.current !== undefined) return;
    // The first change is shown at once; those that follow it wait for each other.
    const waitMs = Math.max(0, readAt.current + REFRESH_INTERVAL_MS - Date.now());
    pending.current = setTimeout(() => {
      pending.current = undefined;
      readAt.current = Date.now();
      void refetch();
    }, waitMs);
  });
  useEffect(() => () => clearTimeout(pending.current), []);
  return query;
}

/** An observation with its payload. Members that are large stay in the worker. */
export interface LoadedObservation {
  detail: ObservationDetail;
  large: Readonly<Record<string, LargeValue>>;
}

/** The payload belongs to a state of the observation: when that changes, it is read again. */
function observationQuery(project: string, model: TraceModel, index: number) {
  const { traceId } = model;
  const id = idOf(model, index);
  return {
    queryKey: ["observation", project, traceId, id, statusOf(model, index), model.durations[index]] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<LoadedObservation> =>
      read(await callWorker("loadObservation", [observationApiPath(project, traceId, id)], signal)),
    structuralSharing: false,
    gcTime: PAYLOAD_KEPT_MS,
  };
}

function read({ small, large }: LoadedText): LoadedObservation {
  // The server is of the same version as this page, and its types are the contract.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { detail: parseExact(small) as ObservationDetail, large };
}

/** The payload. While `isWanted` is false only what is in memory is shown, and nothing is asked for. */
export function useObservation(model: TraceModel, index: number, isWanted: boolean) {
  const project = useProject();
  const query = useQuery({
    ...observationQuery(project, model, index),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  // What is shown meanwhile has to be the same observation in its earlier state, never another one.
  const isSame = query.data === undefined || query.data.detail.id === idOf(model, index);
  return isSame ? query : { ...query, data: undefined };
}

/** Where the words occur in names, inputs and outputs, as the server finds them. */
export function useFind(traceId: string, text: string) {
  const project = useProject();
  return useQuery({
    queryKey: ["find", project, traceId, text],
    queryFn: ({ signal }) => findInTrace(project, traceId, text, signal),
    enabled: text.trim() !== "",
    gcTime: PAYLOAD_KEPT_MS,
    placeholderData: keepPreviousData,
  });
}

/** Time the pointer rests on a row before its payload is read ahead. */
const HOVER_MS = 80;

export interface Prefetch {
  enter: (model: TraceModel, index: number) => void;
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
      enter: (model, index) => {
        leave();
        timer.current = setTimeout(() => prefetch(queryClient, project, model, index), HOVER_MS);
      },
      leave,
    };
  }, [queryClient, project]);
}

function prefetch(queryClient: QueryClient, project: string, model: TraceModel, index: number): void {
  void queryClient.prefetchQuery(observationQuery(project, model, index)).catch(() => {
    // Only a head start: the real read shows the error.
  });
}
