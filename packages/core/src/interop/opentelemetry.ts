import { isObservationId, isTraceId } from "../model/ids.ts";
import type { ParentReference } from "../model/types.ts";

/**
 * The active OpenTelemetry span, read through the global that `@opentelemetry/api` 1.x registers: no dependency on it.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */
const API = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");

interface OtelGlobal {
  context?: { active(): { getValue(key: symbol): unknown } };
}

interface OtelSpan {
  spanContext(): { traceId: string; spanId: string; traceFlags: number };
}

export function activeOpenTelemetrySpan(): ParentReference | undefined {
  const api = (globalThis as { [API]?: OtelGlobal })[API];
  const span = api?.context?.active().getValue(SPAN_KEY) as OtelSpan | undefined;
  if (typeof span?.spanContext !== "function") return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!isTraceId(traceId) || !isObservationId(spanId)) return undefined;
  return { traceId, observationId: spanId, sampled: (traceFlags & 1) === 1 };
}
