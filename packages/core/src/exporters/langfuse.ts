import { SpanwiseConfigError } from "../errors.ts";
import type { Exporter } from "../pipeline/destination.ts";
import { checkTypes } from "../util/check.ts";
import { langfuseConvention } from "./conventions/langfuse.ts";
import { endpointExporter, type EndpointOptions } from "./langfuse-endpoint.ts";

export interface LangfuseExporterOptions extends Omit<EndpointOptions, "baseUrl"> {
  /** Default `https://cloud.langfuse.com`, Langfuse's own default. */
  baseUrl?: string | undefined;
}

const CLOUD = "https://cloud.langfuse.com";

/** Langfuse 3 and newer over OTLP. Keys are required: Langfuse answers 401 without them. */
export function langfuse(options: LangfuseExporterOptions): Exporter {
  checkTypes(options, "langfuse: ");
  if (!options.publicKey || !options.secretKey) {
    throw new SpanwiseConfigError("langfuse: publicKey and secretKey are needed (LANGFUSE_PUBLIC_KEY)");
  }
  const endpoint = {
    name: "langfuse",
    spansPath: "/api/public/otel/v1/traces",
    scoresPath: "/api/public/ingestion",
    // Without it Langfuse puts spans on a path that shows them minutes later (reference/langfuse.md section 0).
    headers: { "x-langfuse-ingestion-version": "4" },
    convention: langfuseConvention,
    canBeLive: false,
  };
  return endpointExporter(endpoint, { ...options, baseUrl: options.baseUrl ?? CLOUD });
}
