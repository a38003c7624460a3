import { useQuery } from "@tanstack/react-query";
import { withQuery } from "../routes.ts";
import { fetchTraces } from "./client.ts";
import { getJson } from "./http.ts";
import type { MetricsQuery, MetricsResponse } from "./types.ts";
import { useProject } from "./use-project.ts";

/** A page of numbers is renewed so often, however much arrives. */
const INTERVAL_MS = 15_000;

/** Points of each chart: a bar about each 10 px. */
const BUCKETS = 60;

export function useMetrics(query: (Pick<MetricsQuery, "from" | "by" | "q"> & { to: number | undefined }) | null) {
  const project = useProject();
  return useQuery({
    queryKey: ["metrics", project, query],
    queryFn: ({ signal }) =>
      getJson<MetricsResponse>(
        withQuery("/api/metrics", {
          project,
          from: query?.from,
          // An open end is now, as it is when asked.
          to: query?.to ?? Math.ceil(Date.now() / 60_000) * 60_000,
          by: query?.by,
          q: query?.q,
          buckets: BUCKETS,
        }),
        signal,
      ),
    enabled: query !== null,
    refetchInterval: INTERVAL_MS,
    placeholderData: (previous) => previous,
  });
}

/** When the project's oldest trace began: where "all time" begins. `null` for an empty project. */
export function useOldestTrace(isWanted: boolean) {
  const project = useProject();
  return useQuery({
    queryKey: ["oldest", project],
    queryFn: async ({ signal }) =>
      (await fetchTraces({ project, sort: "start", limit: 1 }, signal)).data[0]?.startTime ?? null,
    enabled: isWanted,
  });
}
