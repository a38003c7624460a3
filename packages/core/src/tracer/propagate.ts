import { activeContext, runWithContext } from "../context/context.ts";
import { parseTraceparent } from "../model/traceparent.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceAttributes } from "../model/types.ts";
import { safely } from "../util/safely.ts";
import { captureTrace } from "./capture-trace.ts";

/**
 * Every observation that `fn` starts carries these. Nested calls merge: tags unite, metadata merges by top key. A field that takes
 * the attributes beyond 256 KiB is left out and says so.
 */
export function propagateAttributes<T>(attributes: TraceAttributes, fn: () => T): T {
  const context = activeContext();
  const held = context?.propagatedBytes ?? 0;
  const { attributes: captured, bytes } = captureTrace(attributes, held);
  const trace = mergeTraceAttributes(context?.trace, captured);
  const propagated = mergeTraceAttributes(context?.propagated, captured);
  return runWithContext({ ...context, trace, propagated, propagatedBytes: held + bytes }, fn);
}

export type HeadersLike =
  | { get(name: string): string | null }
  | Record<string, string | readonly string[] | null | undefined>;

/**
 * Goes on with the trace of an incoming request (`traceparent`, in any spelling of its case): the first observation inside
 * is the application's root under the caller's span. An active trace is left; of its attributes only those of
 * `propagateAttributes` go along. Without a header, or with a broken one, `fn` runs as it would by itself. Never throws
 * anything but what `fn` throws.
 */
export function continueTrace<T>(headers: HeadersLike | null | undefined, fn: () => T): T {
  const remote = safely("continueTrace", () => parseTraceparent(headerOf(headers)));
  if (!remote) return fn();
  const context = activeContext();
  const left = { traceId: undefined, observationId: undefined, sampled: undefined, tracerId: undefined };
  const store = { ...context, ...left, claim: undefined, outer: undefined, trace: context?.propagated, remote };
  return runWithContext(store, fn);
}

const HEADER = "traceparent";

function headerOf(headers: HeadersLike | null | undefined): string | undefined {
  if (!headers) return undefined;
  if (typeof headers.get === "function") {
    const value: unknown = headers.get(HEADER);
    if (typeof value === "string") return value;
  }
  // A `Map` knows names only as they were written.
  const entries = headers instanceof Map ? [...(headers as Map<unknown, unknown>)] : Object.entries(headers);
  for (const [name, value] of entries) {
    if (String(name).toLowerCase() !== HEADER) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string") return first;
  }
  return undefined;
}
