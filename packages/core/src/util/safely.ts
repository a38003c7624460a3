import { log } from "../log.ts";

/**
 * Runs our own code inside somebody else's call: what it throws is logged at `debug` and becomes `undefined`. Telemetry
 * never throws into the application (DESIGN, invariant 1).
 */
export function safely<T>(what: string, fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    swallow(what, error);
    return undefined;
  }
}

/** For hot methods, which cannot afford a closure for {@link safely}. */
export function swallow(what: string, error: unknown): void {
  log.debug(`${what} failed`, error);
}
