import { memory } from "../exporters/memory.ts";
import { registerExporter } from "../exporters/named.ts";

registerExporter("memory", memory);

export { memory, type MemoryExporter } from "../exporters/memory.ts";
export {
  TraceAssertionError,
  expectTrace,
  type ScorePattern,
  type TraceExpectation,
  type TraceSelection,
} from "./expect-trace.ts";
export { readTraces, type Observed, type ObservedTrace, type Recorded } from "./observed.ts";
export {
  inAnyOrder,
  including,
  type AsymmetricMatcher,
  type ChildList,
  type Expected,
  type ObservationPattern,
} from "./pattern.ts";
export { printTraces } from "./print.ts";
