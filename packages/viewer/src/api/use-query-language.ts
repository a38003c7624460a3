import { useQuery } from "@tanstack/react-query";
import { fetchFacets, fetchQueryFields, type Target } from "./client.ts";
import type { QueryField } from "./types.ts";
import { useProject } from "./use-project.ts";

/** Counts in completion and facets may be this old. */
const FACETS_FRESH_MS = 15_000;

const NO_FIELDS: QueryField[] = [];
const NO_VALUES: { value: string; count: number }[] = [];

/** What the query bar completes. Read when the bar is first used, and kept. */
export function useQueryFields(target: Target, isWanted: boolean): readonly QueryField[] {
  const project = useProject();
  const { data } = useQuery({
    queryKey: ["query-fields", project, target],
    queryFn: ({ signal }) => fetchQueryFields(project, target, signal),
    enabled: isWanted,
  });
  return data ?? NO_FIELDS;
}

export interface FacetSelection {
  q: string;
  from?: number;
  to?: number;
}

/** Values with counts of each facet field, among what the selection holds without that field. */
export function useFacets(target: Target, { q, from, to }: FacetSelection, isWanted: boolean) {
  const project = useProject();
  return useQuery({
    queryKey: ["facets", project, target, q, from, to],
    queryFn: ({ signal }) =>
      fetchFacets(
        { project, target, q, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
        signal,
      ),
    enabled: isWanted,
    staleTime: FACETS_FRESH_MS,
    placeholderData: (previous) => previous,
  });
}

/** Values of one field that are in the project, most frequent first: for completion. */
export function useFieldValues(
  target: Target,
  field: string | null,
  isWanted: boolean,
): readonly { value: string; count: number }[] {
  const { data } = useFacets(target, { q: "" }, isWanted && field !== null);
  return data?.find((facet) => facet.field === field)?.values ?? NO_VALUES;
}
