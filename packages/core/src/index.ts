export { createTracer, getTracer, init } from "./global.ts";
export {
  flush,
  getActiveObservation,
  runWithObservation,
  shutdown,
  startObservation,
  updateActiveObservation,
} from "./default-tracer.ts";
export { SpanwiseConfigError } from "./errors.ts";
export { spanwise } from "./exporters/spanwise.ts";
export { langfuse } from "./exporters/langfuse.ts";
export { memory } from "./exporters/memory.ts";
export { createTraceId } from "./model/ids.ts";
export { observe, startActiveObservation } from "./tracer/observe.ts";
export { continueTrace, propagateAttributes } from "./tracer/propagate.ts";

export type { TracerOptions } from "./config.ts";
export type { EndpointOptions } from "./exporters/langfuse-endpoint.ts";
export type { LangfuseExporterOptions } from "./exporters/langfuse.ts";
export type { MemoryExporter } from "./exporters/memory.ts";
export type { SpanwiseExporterOptions } from "./exporters/spanwise.ts";
export type { OtlpProtocol } from "./exporters/otlp/lane.ts";
export type { Logger, LogLevel } from "./log.ts";
export type * from "./model/types.ts";
export type { ObservationRecord, ScoreRecord, TelemetryRecord, TraceFields, TraceView } from "./model/record.ts";
export type {
  DeliverySettings,
  Destination,
  DestinationContext,
  Exporter,
  ResourceInfo,
} from "./pipeline/destination.ts";
export type { Receipt } from "./pipeline/ledger.ts";
export type { Media as MediaUpload, MediaContext } from "./serialize/media.ts";
export type { Mask, MaskRecord } from "./serialize/mask.ts";
export type * from "./tracer/api.ts";
export type { ObserveOptions, StartActiveOptions } from "./tracer/observe.ts";
