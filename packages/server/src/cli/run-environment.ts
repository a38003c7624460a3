import { basicOf, type Credentials } from "./api-client.ts";

/** What stands for keys where the server asks for none: any will do, and those of a `.env` must not be sent. */
const PLACEHOLDER: Credentials = { publicKey: "pk-local", secretKey: "sk-local" };

/**
 * Variables that make every SDK we know of send to `url` and nowhere else. They win over a `.env` file: loaders do not replace what
 * is set, which is why there are empty ones among them.
 */
export function runEnvironment(url: string, credentials: Credentials | null): Record<string, string> {
  const keys = credentials ?? PLACEHOLDER;
  // Values of the headers variable are percent-encoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter
  const headers = credentials === null ? "" : `Authorization=${encodeURIComponent(basicOf(credentials))}`;
  return {
    SPANWISE_EXPORTERS: "spanwise",
    SPANWISE_ENABLED: "true",
    SPANWISE_BASE_URL: url,
    SPANWISE_PUBLIC_KEY: keys.publicKey,
    SPANWISE_SECRET_KEY: keys.secretKey,
    // The three spellings of Langfuse's SDKs, newest first.
    LANGFUSE_BASE_URL: url,
    LANGFUSE_HOST: url,
    LANGFUSE_BASEURL: url,
    LANGFUSE_PUBLIC_KEY: keys.publicKey,
    LANGFUSE_SECRET_KEY: keys.secretKey,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: headers,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers,
    OTEL_TRACES_EXPORTER: "otlp",
    // Only traces are taken here.
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    TRACELOOP_BASE_URL: url,
    TRACELOOP_HEADERS: headers,
    PHOENIX_COLLECTOR_ENDPOINT: url,
  };
}
