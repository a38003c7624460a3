import type { Exporter } from "../pipeline/destination.ts";
import { spanwiseConvention } from "./conventions/langfuse.ts";
import { endpointExporter, type EndpointOptions } from "./langfuse-endpoint.ts";

export type SpanwiseExporterOptions = EndpointOptions;

/** A Spanwise server: OTLP with Langfuse's attributes and a few of its own, scores through `/api/public/ingestion`. */
export function spanwise(options: SpanwiseExporterOptions): Exporter {
  const endpoint = {
    name: "spanwise",
    spansPath: "/v1/traces",
    scoresPath: "/api/public/ingestion",
    headers: {},
    convention: spanwiseConvention,
    canBeLive: true,
  };
  return endpointExporter(endpoint, options);
}
