import { activeContext, runWithContext } from "../context/context.ts";
import { parseTraceparent } from "../model/traceparent.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceAttributes } from "../model/types.ts";
import { capture } from "../serialize/capture.ts";

/** Every observation that `fn` starts carries these. Nested calls merge: tags unite, metadata merges by top key. */
export function propagateAttributes<T>(attributes: TraceAttributes, fn: () => T): T {
  const context = activeContext();
  const captured = capture(attributes).value as TraceAttributes;
  return runWithContext({ ...context, trace: mergeTraceAttributes(context?.trace, captured) }, fn);
}

type HeadersLike = { get(name: string): string | null } | Record<string, string | readonly string[] | undefined>;

/**
 * Goes on with the trace of an incoming request (`traceparent`): the first observation inside is the application's root under
 * the caller's span. A missing or broken header starts a new trace.
 */
export function continueTrace<T>(headers: HeadersLike, fn: () => T): T {
  const parent = parseTraceparent(headerOf(headers));
  if (!parent) return fn();
  return runWithContext({ ...activeContext(), remote: parent, traceId: undefined, observationId: undefined }, fn);
}

function headerOf(headers: HeadersLike): string | null | undefined {
  if (typeof headers.get === "function") return (headers as { get(name: string): string | null }).get("traceparent");
  const value = (headers as Record<string, string | readonly string[] | undefined>).traceparent;
  return typeof value === "object" ? value[0] : value;
}
