import { log } from "../log.ts";
import { isObservationId, isTraceId } from "../model/ids.ts";
import type { ParentReference } from "../model/types.ts";

/**
 * The active OpenTelemetry span, read through the global that `@opentelemetry/api` 1.x registers: no dependency on it.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */
const API = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
/** https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/suppress-tracing.ts */
const SUPPRESS_KEY = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
}

interface OtelGlobal {
  context?: { active(): OtelContext; with<T>(context: OtelContext, fn: () => T): T };
}

interface OtelSpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote?: boolean;
  traceState?: { get(key: string): string | undefined };
}

interface OtelSpan {
  spanContext(): OtelSpanContext;
}

/** Our own requests are no spans of the application's. */
export function withoutOpenTelemetry<T>(fn: () => T): T {
  const context = (globalThis as { [API]?: OtelGlobal })[API]?.context;
  return context ? context.with(context.active().setValue(SUPPRESS_KEY, true), fn) : fn();
}

export function activeOpenTelemetrySpan(): ParentReference | undefined {
  const api = (globalThis as { [API]?: OtelGlobal })[API];
  const span = api?.context?.active().getValue(SPAN_KEY) as OtelSpan | undefined;
  if (typeof span?.spanContext !== "function") return undefined;
  const context = span.spanContext();
  const { traceId, spanId: observationId } = context;
  if (!isTraceId(traceId) || !isObservationId(observationId)) return undefined;
  const sampled = isUndecided(context) ? undefined : (context.traceFlags & 1) === 1;
  if (sampled === false) sayUnsampled();
  return { traceId, observationId, sampled };
}

/**
 * Sentry without its tracing sets a span that nobody started, in whose flags nothing is said; "not sampled" is in its state.
 * https://github.com/getsentry/sentry-javascript/blob/10.0.0/packages/opentelemetry/src/utils/getSamplingDecision.ts
 */
function isUndecided({ traceFlags, isRemote, traceState }: OtelSpanContext): boolean {
  if (traceFlags !== 0 || isRemote !== true || !("__SENTRY__" in globalThis)) return false;
  return traceState?.get?.("sentry.sampled_not_recording") !== "1";
}

let isSaid = false;

function sayUnsampled(): void {
  if (isSaid) return;
  isSaid = true;
  log.warn("nothing is recorded below an OpenTelemetry span that is not sampled (by Sentry's tracesSampleRate, say)");
}
