import { SpanwiseConfigError } from "../errors.ts";
import { log } from "../log.ts";
import { refuse } from "../util/check.ts";
import { env } from "../util/env.ts";
import { safely } from "../util/safely.ts";
import { checkHeaders, checkProtocol } from "./check-options.ts";
import type { OtlpProtocol } from "./otlp/lane.ts";

/**
 * OpenTelemetry's variables for an OTLP exporter and for the Resource:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter and .../configuration/sdk-environment-variables. The variable of the
 * traces signal replaces the general one, headers included.
 */

export const DEFAULT_ENDPOINT = "http://localhost:4318";
export const TRACES_PATH = "/v1/traces";

export type OtlpCompression = "gzip" | "none";

interface Found {
  /** The variable, for messages. */
  name: string;
  value: string;
}

function find(setting: string): Found | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_TRACES_${setting}`, `OTEL_EXPORTER_OTLP_${setting}`]) {
    const value = env(name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** The variable that names the endpoint and the URL to send to: the general one is a base, the one for traces is taken as it is. */
export function endpointFromEnvironment(): { name: string; url: string } {
  const traces = env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (traces !== undefined) return { name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url: traces };
  const base = env("OTEL_EXPORTER_OTLP_ENDPOINT") ?? DEFAULT_ENDPOINT;
  return { name: "OTEL_EXPORTER_OTLP_ENDPOINT", url: tracesUrl(base) };
}

/** `/v1/traces` under the base's path; a query stays behind it. */
export function tracesUrl(base: string): string {
  // What is no URL is refused later, by its own name.
  const url = safely("endpoint", () => new URL(base));
  if (!url) return base;
  url.pathname = url.pathname.replace(/\/+$/, "") + TRACES_PATH;
  return url.href;
}

/** @throws SpanwiseConfigError for a list that cannot be read: without its headers a backend would refuse everything. */
export function headersFromEnvironment(): Record<string, string> {
  const found = find("HEADERS");
  if (!found) return {};
  const headers = parsePairs(found.value);
  // The value is not quoted: it holds a key.
  if (!headers) {
    throw new SpanwiseConfigError(`${found.name} must be like "name=value,other=value", with values percent-encoded`);
  }
  return checkHeaders(headers, found.name);
}

export function protocolFromEnvironment(): OtlpProtocol {
  const found = find("PROTOCOL");
  return found ? checkProtocol(found.value, found.name) : "http/protobuf";
}

/** Milliseconds; 0 is no limit. */
export function timeoutFromEnvironment(): number | undefined {
  const found = find("TIMEOUT");
  return found && checkTimeout(Number(found.value), found.name);
}

/** The longest timer there is. */
const NO_LIMIT_MS = 2 ** 31 - 1;

export function checkTimeout(ms: number, where: string): number {
  if (!(typeof ms === "number" && ms >= 0)) refuse(where, "a number of milliseconds, 0 for no limit", ms);
  return ms === 0 ? NO_LIMIT_MS : Math.min(ms, NO_LIMIT_MS);
}

export function compressionFromEnvironment(): OtlpCompression | undefined {
  const found = find("COMPRESSION");
  return found && checkCompression(found.value, found.name);
}

export function checkCompression(value: string, where: string): OtlpCompression {
  if (value === "gzip" || value === "none") return value;
  return refuse(where, '"gzip" or "none"', value);
}

/** `OTEL_RESOURCE_ATTRIBUTES`; a list that cannot be read is left out whole, as the specification has it. */
export function resourceFromEnvironment(): Record<string, string> {
  const value = env("OTEL_RESOURCE_ATTRIBUTES");
  const attributes = value === undefined ? {} : parsePairs(value);
  if (!attributes)
    log.warn('OTEL_RESOURCE_ATTRIBUTES is left out: it must be like "key=value,other=value", percent-encoded');
  return { ...attributes };
}

export function serviceNameFromEnvironment(): string | undefined {
  return env("OTEL_SERVICE_NAME");
}

/** `key=value` pairs with commas between them and percent-encoded values; `undefined` when one of them is none. */
function parsePairs(list: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const item of list.split(",")) {
    if (item.trim() === "") continue;
    const equals = item.indexOf("=");
    const key = item.slice(0, Math.max(0, equals)).trim();
    const value = decode(item.slice(equals + 1).trim());
    if (key === "" || value === undefined) return undefined;
    pairs[key] = value;
  }
  return pairs;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
