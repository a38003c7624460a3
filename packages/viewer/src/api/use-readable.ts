import { useQueries, useQuery } from "@tanstack/react-query";
import { callWorker } from "../workers/client.ts";
import type { LargeValue } from "../workers/protocol.ts";
import type { LoadedObservation } from "./use-trace.ts";

export interface Readable {
  value: unknown;
  /** Parts of it were left out; the JSON view has them. */
  isCut: boolean;
  isLoading: boolean;
}

/** A large value with its longest texts and lists cut, by the worker. */
function cutQuery(value: LargeValue | undefined, isWanted: boolean) {
  return {
    queryKey: ["cut", value?.document, value?.entry] as const,
    queryFn: () => callWorker("cutValue", [value as LargeValue]),
    enabled: value !== undefined && isWanted,
    structuralSharing: false,
  };
}

/** As `cutQuery`, once it is wanted. */
export function useCutValue(value: LargeValue, isWanted: boolean) {
  return useQuery(cutQuery(value, isWanted));
}

/** Input and output as values small enough to be drawn as a conversation. Large ones are cut in the worker. */
export function useReadable({ detail, large }: LoadedObservation): { input: Readable; output: Readable } {
  const [input, output] = useQueries({ queries: [cutQuery(large["input"], true), cutQuery(large["output"], true)] });
  const readable = (name: "input" | "output", cut: { data: unknown; isPending: boolean } | undefined): Readable =>
    large[name] === undefined
      ? { value: detail[name], isCut: false, isLoading: false }
      : { value: cut?.data, isCut: true, isLoading: cut?.isPending ?? true };
  return { input: readable("input", input), output: readable("output", output) };
}
