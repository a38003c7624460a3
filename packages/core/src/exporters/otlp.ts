import type { Destination, DestinationContext, Exporter, ResourceInfo } from "../pipeline/destination.ts";
import { SpanwiseConfigError } from "../errors.ts";
import { checkTypes, parseUrl } from "../util/check.ts";
import { isLoopback } from "../util/url.ts";
import { VERSION } from "../version.ts";
import { genAiConvention, GENERAL, PLAIN, spanName, type ResourceDefaults } from "./conventions/gen-ai.ts";
import { checkHeaders, checkProtocol } from "./check-options.ts";
import { HttpDestination } from "./http-destination.ts";
import {
  checkCompression,
  checkTimeout,
  compressionFromEnvironment,
  endpointFromEnvironment,
  headersFromEnvironment,
  protocolFromEnvironment,
  resourceFromEnvironment,
  serviceNameFromEnvironment,
  timeoutFromEnvironment,
  tracesUrl,
  type OtlpCompression,
} from "./otlp-environment.ts";
import { otlpLane, type OtlpProtocol } from "./otlp/lane.ts";
import type { Attribute } from "./otlp/span.ts";

/** What is left out comes from OpenTelemetry's `OTEL_EXPORTER_OTLP_*` variables, then from the defaults. */
export interface OtlpExporterOptions {
  /** Base URL of a collector or backend; `/v1/traces` is added. Default `http://localhost:4318`. */
  endpoint?: string | undefined;
  /** The whole URL, taken as it is. In place of `endpoint`. */
  url?: string | undefined;
  /**
   * Sent with every request. Headers of the environment are sent along only to an endpoint of the environment: a key never
   * goes to a URL that it was not given with.
   */
  headers?: Record<string, string> | undefined;
  /** Default `http/protobuf`. gRPC is not supported. */
  protocol?: OtlpProtocol | undefined;
  /**
   * Default `gzip`, on loopback `none`. What has to wait for a backend that is away is compressed in any case, to save memory,
   * and sent so.
   */
  compression?: OtlpCompression | undefined;
  /** Milliseconds for one request, 0 for no limit. Default: the tracer's `timeoutMs`. */
  timeoutMs?: number | undefined;
}

const LOOPBACK_FLUSH_MS = 200;
const REMOTE_FLUSH_MS = 1000;

/**
 * Any OpenTelemetry backend or collector, by OTLP over HTTP and the semantic conventions for generative AI. Scores and
 * attachments have no place there: they are counted as `unsupported`.
 *
 * @throws SpanwiseConfigError for settings that cannot work, the environment's too.
 * @example
 * init({ exporters: [otlp({ endpoint: "https://collector.example.com", headers: { "api-key": key } })] });
 */
export function otlp(options: OtlpExporterOptions = {}): Exporter {
  checkTypes(options, "otlp: ");
  const { url, isFromEnvironment } = endpointOf(options);
  const headers = {
    "user-agent": `spanwise-js/${VERSION}`,
    ...(isFromEnvironment && headersFromEnvironment()),
    ...checkHeaders(options.headers ?? {}, "otlp: headers"),
  };
  const protocol =
    options.protocol === undefined ? protocolFromEnvironment() : checkProtocol(options.protocol, "otlp: protocol");
  const isLocal = isLoopback(url);
  const compression =
    options.compression === undefined
      ? (compressionFromEnvironment() ?? (isLocal ? "none" : "gzip"))
      : checkCompression(options.compression, "otlp: compression");
  const timeoutMs =
    options.timeoutMs === undefined ? timeoutFromEnvironment() : checkTimeout(options.timeoutMs, "otlp: timeoutMs");
  const given = resourceFromEnvironment();
  const serviceName = serviceNameFromEnvironment();

  return {
    name: "otlp",
    host: new URL(url).host,
    connect(context: DestinationContext): Destination {
      const { settings } = context;
      const resource = resourceOf(context.resource, given, serviceName);
      const spans = otlpLane({
        url,
        headers,
        protocol,
        compress: compression === "gzip",
        convention: genAiConvention(resource.defaults),
        resource: resource.attributes,
        nameOf: spanName,
      });
      const flushIntervalMs = settings.flushIntervalMs ?? (isLocal ? LOOPBACK_FLUSH_MS : REMOTE_FLUSH_MS);
      const own = timeoutMs === undefined ? context : { ...context, settings: { ...settings, timeoutMs } };
      return new HttpDestination({ name: "otlp", spans, flushIntervalMs, live: false }, own);
    },
  };
}

function endpointOf({ url, endpoint }: OtlpExporterOptions): { url: string; isFromEnvironment: boolean } {
  if (url !== undefined && endpoint !== undefined) {
    throw new SpanwiseConfigError("otlp: give url, the whole address, or endpoint, its base, not both");
  }
  if (url !== undefined) return { url: checkUrl(url, "otlp: url"), isFromEnvironment: false };
  if (endpoint !== undefined) return { url: checkUrl(tracesUrl(endpoint), "otlp: endpoint"), isFromEnvironment: false };
  const found = endpointFromEnvironment();
  return { url: checkUrl(found.url, found.name), isFromEnvironment: true };
}

/** As it was given: a slash at its end may matter to the server. */
function checkUrl(value: string, where: string): string {
  const url = parseUrl(value, where);
  if (url.username || url.password) throw new SpanwiseConfigError(`${where} must not carry credentials: use headers`);
  return value;
}

/** The release of a service is its version, unless it has another. */
function resourceOf(
  info: ResourceInfo,
  given: Readonly<Record<string, string>>,
  serviceName: string | undefined,
): { attributes: readonly Attribute[]; defaults: ResourceDefaults } {
  // `default` is our word for "nobody said": the variable may say.
  const environment = info.environment === "default" ? given[GENERAL.environment] : info.environment;
  const version = info.version ?? info.release ?? given[GENERAL.serviceVersion];
  const attributes = new Map<string, string | undefined>([
    ...Object.entries(given),
    ["service.name", serviceName ?? given["service.name"] ?? info.serviceName],
    [GENERAL.serviceVersion, version],
    ["service.instance.id", given["service.instance.id"] ?? info.instanceId],
    [GENERAL.environment, environment],
    [PLAIN.release, info.release === version ? undefined : info.release],
    ["telemetry.sdk.name", "spanwise"],
    ["telemetry.sdk.language", "nodejs"],
    ["telemetry.sdk.version", VERSION],
  ]);
  const defaults = { environment: info.environment, release: info.release, version: info.version };
  return { attributes: [...attributes], defaults };
}
