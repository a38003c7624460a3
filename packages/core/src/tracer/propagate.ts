import { activeContext, runWithContext } from "../context/context.ts";
import { parseTraceparent } from "../model/traceparent.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceAttributes } from "../model/types.ts";
import { capture } from "../serialize/capture.ts";
import { safely } from "../util/safely.ts";

/** Every observation that `fn` starts carries these. Nested calls merge: tags unite, metadata merges by top key. */
export function propagateAttributes<T>(attributes: TraceAttributes, fn: () => T): T {
  const context = activeContext();
  const captured = capture(attributes).value as TraceAttributes;
  const trace = mergeTraceAttributes(context?.trace, captured);
  const propagated = mergeTraceAttributes(context?.propagated, captured);
  return runWithContext({ ...context, trace, propagated }, fn);
}

type HeadersLike = { get(name: string): string | null } | Record<string, string | readonly string[] | null | undefined>;

/**
 * Goes on with the trace of an incoming request (`traceparent`): the first observation inside is the application's root under
 * the caller's span. A missing or broken header starts a new trace.
 */
export function continueTrace<T>(headers: HeadersLike | null | undefined, fn: () => T): T {
  const parent = safely("continueTrace", () => parseTraceparent(headerOf(headers)));
  if (!parent) return fn();
  const context = activeContext();
  // Another trace begins here: what is active belongs to the one around.
  const fresh = { traceId: undefined, observationId: undefined, tracerId: undefined, claim: undefined, outer: undefined };
  return runWithContext({ ...context, ...fresh, trace: context?.propagated, remote: parent }, fn);
}

function headerOf(headers: HeadersLike | null | undefined): string | null | undefined {
  if (!headers) return undefined;
  if (typeof headers.get === "function") return (headers as { get(name: string): string | null }).get("traceparent");
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === "traceparent") ?? [];
  return Array.isArray(value) ? (value[0] as string) : (value as string | null | undefined);
}
