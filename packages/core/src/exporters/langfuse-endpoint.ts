import type { ObservationRecord } from "../model/record.ts";
import type { Destination, DestinationContext, Exporter, ResourceInfo } from "../pipeline/destination.ts";
import { SpanwiseConfigError } from "../errors.ts";
import { refuseSecretInBrowser } from "../util/browser.ts";
import { checkTypes } from "../util/check.ts";
import { basicAuth, checkBaseUrl, isLoopback, keyOf } from "../util/url.ts";
import { VERSION } from "../version.ts";
import type { Convention } from "./attribute-writer.ts";
import { checkHeaders, checkProtocol } from "./check-options.ts";
import { resourceAttributes } from "./conventions/langfuse.ts";
import { HttpDestination } from "./http-destination.ts";
import { scoreLane } from "./langfuse-scores.ts";
import { otlpLane, type OtlpProtocol } from "./otlp/lane.ts";

export interface EndpointOptions {
  baseUrl: string;
  publicKey?: string | undefined;
  secretKey?: string | undefined;
  /** Sent with every request. */
  headers?: Record<string, string> | undefined;
  /** Default `http/protobuf`. */
  protocol?: OtlpProtocol | undefined;
}

/** How two servers that take Langfuse's attributes differ. */
interface Endpoint {
  name: string;
  spansPath: string;
  scoresPath: string;
  headers: Record<string, string>;
  convention: (resource: ResourceInfo) => Convention<ObservationRecord>;
  /** It takes announcements of running observations: by default when it is on this machine. */
  canBeLive: boolean;
}

const LOOPBACK_FLUSH_MS = 200;
const REMOTE_FLUSH_MS = 1000;

export function endpointExporter(endpoint: Endpoint, options: EndpointOptions): Exporter {
  const { name } = endpoint;
  checkTypes(options, `${name}: `);
  const baseUrl = checkBaseUrl(options.baseUrl, `${name}: baseUrl`);
  const publicKey = keyOf(options.publicKey, `${name}: publicKey`);
  const secretKey = keyOf(options.secretKey, `${name}: secretKey`);
  refuseSecretInBrowser(secretKey);
  if (!publicKey !== !secretKey) {
    throw new SpanwiseConfigError(`${name}: publicKey and secretKey belong together, one of them is missing`);
  }
  const headers: Record<string, string> = {
    "user-agent": `spanwise-js/${VERSION}`,
    ...endpoint.headers,
    ...(publicKey && secretKey && { authorization: basicAuth(publicKey, secretKey) }),
    ...checkHeaders(options.headers ?? {}, `${name}: headers`),
  };
  const loopback = isLoopback(baseUrl);
  const protocol = checkProtocol(options.protocol ?? "http/protobuf", `${name}: protocol`);

  return {
    name,
    host: new URL(baseUrl).host,
    connect(context: DestinationContext): Destination {
      const { settings, resource } = context;
      const compress = !loopback;
      const spans = otlpLane({
        url: baseUrl + endpoint.spansPath,
        headers,
        protocol,
        compress,
        convention: endpoint.convention(resource),
        resource: resourceAttributes(resource),
      });
      const scores = scoreLane(baseUrl + endpoint.scoresPath, headers, compress);
      const flushIntervalMs = settings.flushIntervalMs ?? (loopback ? LOOPBACK_FLUSH_MS : REMOTE_FLUSH_MS);
      const live = endpoint.canBeLive && (settings.live ?? loopback);
      const media = { baseUrl, headers };
      return new HttpDestination({ name, spans, scores, media, flushIntervalMs, live }, context);
    },
  };
}
