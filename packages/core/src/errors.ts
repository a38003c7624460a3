/** A setting that cannot work. Thrown when a tracer or an exporter is made, never later. */
export class SpanwiseConfigError extends Error {
  override readonly name = "SpanwiseConfigError";
  readonly code = "SPANWISE_CONFIG";
}
