import { capture } from "../serialize/capture.ts";
import { safely } from "../util/safely.ts";
import { tagOf } from "../util/tag-of.ts";
import type { Observation, Tracer } from "./api.ts";
import { endWithError } from "./settle.ts";

/** Items kept as the output; what a generator yields beyond is counted. */
const MAX_ITEMS = 1_000;
/** Estimated bytes of the items kept; one item more may be begun. */
const MAX_BYTES = 4 * 1024 * 1024;

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
  const items: unknown[] = [];
  let bytes = 0;
  let left = 0;
  const attributes = (): { output?: unknown } =>
    items.length > 0 ? { output: left > 0 ? [...items, `[${left} more items]`] : items } : {};

  // Copied when it is yielded: the reader may change it afterwards.
  const keep = (value: unknown): void => {
    if (!captureOutput) return;
    const captured = capture(value);
    bytes += captured.bytes;
    items.push(captured.value);
  };

  let isOver = false;
  const onResult = (method: string, result: IteratorResult<unknown>): void => {
    // Readers may ask again for the end.
    if (isOver) return;
    isOver = result.done === true;
    if (!result.done) {
      if (items.length < MAX_ITEMS && bytes < MAX_BYTES) keep(result.value);
      else left++;
    } else if (method === "return") {
      observation.end({ ...attributes(), status: "cancelled" });
    } else {
      if (result.value !== undefined) keep(result.value);
      observation.end(attributes());
    }
  };
  const onError = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    safely("observe", () => {
      observation.update(attributes());
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
      if (!(result instanceof Promise)) {
        onResult(method, result as IteratorResult<unknown>);
        return result;
      }
      return result.then(
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
