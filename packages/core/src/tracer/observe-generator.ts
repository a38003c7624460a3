import { safely } from "../util/safely.ts";
import { isThenable } from "../util/is-thenable.ts";
import { tagOf } from "../util/tag-of.ts";
import type { Observation, Tracer } from "./api.ts";
import { RecordingHandle } from "./handle.ts";
import { OutputParts } from "./output-parts.ts";
import { endWithError } from "./settle.ts";

type AnyGenerator = Generator<unknown, unknown, unknown> | AsyncGenerator<unknown, unknown, unknown>;

/** The object a generator function returns, and nothing else that happens to be iterable. */
export function isGenerator(value: unknown): value is AnyGenerator {
  return /^(Async)?Generator$/.test(tagOf(value));
}

/**
 * Follows a generator in lockstep with its reader: the methods of this one object are replaced, its identity and prototype
 * stay. The observation ends when the iteration ends, breaks or throws; the body runs with the observation active.
 */
export function observeGenerator<T>(
  tracer: Tracer,
  observation: Observation,
  generator: T & AnyGenerator,
  captureOutput: boolean,
): T {
  const parts = new OutputParts();
  const keep = (value: unknown): void => {
    if (!captureOutput || !observation.recording) return;
    parts.with(value);
    // Another copy of this package does not know them.
    if (observation instanceof RecordingHandle) observation.update({ output: parts });
    else parts.take(true);
  };

  let isOver = false;
  const onResult = (method: string, result: IteratorResult<unknown>): void => {
    // Readers may ask again for the end.
    if (isOver) return;
    isOver = result.done === true;
    if (!result.done) keep(result.value);
    else if (method === "return") observation.end({ ...parts.whole(undefined), status: "cancelled" });
    else observation.end(parts.whole(captureOutput ? result.value : undefined));
  };
  const onError = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    safely("observe", () => {
      observation.update(parts.whole(undefined));
      endWithError(observation, error);
    });
  };

  for (const method of ["next", "return", "throw"] as const) {
    const original = generator[method] as (...args: unknown[]) => unknown;
    const wrapped = (...args: unknown[]): unknown => {
      let result: unknown;
      try {
        result = tracer.runWithObservation(observation, () => original.apply(generator, args));
      } catch (error) {
        onError(error);
        throw error;
      }
      if (!isThenable(result)) {
        onResult(method, result as IteratorResult<unknown>);
        return result;
      }
      return (result as Promise<IteratorResult<unknown>>).then(
        (settled: IteratorResult<unknown>) => {
          onResult(method, settled);
          return settled;
        },
        (error: unknown) => {
          onError(error);
          throw error;
        },
      );
    };
    Object.defineProperty(generator, method, { value: wrapped, configurable: true, writable: true });
  }
  return generator;
}
