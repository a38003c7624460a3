import { useQuery } from "@tanstack/react-query";
import { fetchDensity, type Target } from "./client.ts";
import type { FacetSelection } from "./use-query-language.ts";
import { useProject } from "./use-project.ts";

/** One bar about each 10 px of a wide screen. */
const BUCKETS = 120;

/** The strip is renewed so often, however many traces arrive. */
const INTERVAL_MS = 10_000;

export function useDensity(target: Target, { q, from, to }: FacetSelection) {
  const project = useProject();
  return useQuery({
    queryKey: ["density", project, target, q, from, to],
    queryFn: ({ signal }) =>
      fetchDensity(
        {
          project,
          target,
          q,
          buckets: BUCKETS,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        },
        signal,
      ),
    refetchInterval: INTERVAL_MS,
    placeholderData: (previous) => previous,
  });
}
