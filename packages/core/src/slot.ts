import { platform } from "#platform";
import type { ContextStorage } from "./context/storage.ts";
import type { Exporter } from "./pipeline/destination.ts";
import type { Tracer } from "./tracer/api.ts";
import type { Spool } from "./transport/spool.ts";

/**
 * What a process has one of, whatever number of copies of this package are loaded (ESM beside CJS, two versions): the
 * context, the default tracer and the exporters by name. All are used by shape only.
 */
interface Slot {
  readonly context: ContextStorage;
  /** Somebody has run something in it. */
  isContextUsed?: boolean | undefined;
  tracer?: Tracer | undefined;
  /** Exporters that `SPANWISE_EXPORTERS` may name, made known by their own modules. */
  exporters?: Map<string, () => Exporter> | undefined;
  /** Made known by `@spanwise/core/spool`. */
  createSpool?: ((dir: string) => Spool) | undefined;
}

const KEY = Symbol.for("spanwise.v1");

function isSlot(value: unknown): value is Slot {
  const context = (value as Partial<Slot> | undefined)?.context;
  return typeof context?.getStore === "function" && typeof context.run === "function";
}

function findSlot(): Slot {
  const globals = globalThis as { [KEY]?: unknown };
  const existing = globals[KEY];
  if (isSlot(existing)) return existing;
  const created: Slot = { context: platform.createContextStorage() };
  Object.defineProperty(globals, KEY, { value: created, enumerable: false, configurable: true, writable: false });
  return created;
}

export const slot: Slot = findSlot();
