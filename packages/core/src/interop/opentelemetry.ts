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

interface OtelSpan {
  spanContext(): { traceId: string; spanId: string; traceFlags: number };
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
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!isTraceId(traceId) || !isObservationId(spanId)) return undefined;
  return { traceId, observationId: spanId, sampled: (traceFlags & 1) === 1 };
}
