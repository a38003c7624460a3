import type { ObservationAttributes } from "../model/types.ts";
import type { Observation } from "../tracer/api.ts";
import type { RecordingHandle } from "../tracer/handle.ts";

/**
 * Has `describe` asked what is known so far when `observation` is exported as `incomplete`: at `shutdown`, at the end of the process,
 * beyond `maxOpen` and `maxOpenMs`. For what is collected from a stream and would otherwise be told at its end only. It must not
 * refer to the application's objects, since it is held until the observation ends; what it throws goes no further. The last one
 * that was given counts.
 */
export function whenLetGo(observation: Observation, describe: () => ObservationAttributes): void {
  // Not all handles record, and one may be of another version of this package.
  (observation as Partial<RecordingHandle>).whenLetGo?.(describe);
}
