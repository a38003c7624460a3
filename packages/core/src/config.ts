import { platform } from "#platform";
import { SpanwiseConfigError } from "./errors.ts";
import { langfuse } from "./exporters/langfuse.ts";
import { spanwise } from "./exporters/spanwise.ts";
import type { Logger, LogLevel } from "./log.ts";
import type { Exporter } from "./pipeline/destination.ts";
import type { Mask } from "./serialize/mask.ts";
import { findRelease } from "./util/release.ts";

/** Everything is optional: option, then `SPANWISE_` variable, then `LANGFUSE_` variable, then the default. */
export interface TracerOptions {
  /** A Spanwise server. With `publicKey` and `secretKey` from the same source; never mixed with the environment's. */
  baseUrl?: string | undefined;
  publicKey?: string | undefined;
  secretKey?: string | undefined;
  /** Several destinations at once, in place of `baseUrl`. */
  exporters?: readonly Exporter[] | undefined;
  /** Default: true when a destination is known. `SPANWISE_ENABLED`, `LANGFUSE_TRACING_ENABLED`. */
  enabled?: boolean | undefined;
  /** Observations that make a batch. Default 512. `SPANWISE_FLUSH_AT`, `LANGFUSE_FLUSH_AT`. */
  flushAt?: number | undefined;
  /** Milliseconds. Default 1000, on loopback 200. `SPANWISE_FLUSH_INTERVAL` (ms), `LANGFUSE_FLUSH_INTERVAL` (s). */
  flushInterval?: number | undefined;
  /** Bytes held in memory, after compression. Default 128 MiB. */
  maxQueueBytes?: number | undefined;
  /** Bytes of one request before compression. Default 4 MiB. */
  maxBatchBytes?: number | undefined;
  /** Bytes of one field (input, output, metadata) as JSON; longer ones are cut. Default 1 MiB. */
  maxValueBytes?: number | undefined;
  /** Milliseconds that a batch waits for a backend to come back. Default 10 minutes. */
  maxAgeMs?: number | undefined;
  /** Observations open at once; the longest untouched are exported as `incomplete` beyond it. Default 10 000. */
  maxOpen?: number | undefined;
  /** Milliseconds without a touch after which an open observation is exported as `incomplete`. Default 1 h. */
  maxOpenMs?: number | undefined;
  /** Milliseconds for one request. Default 10 000. `SPANWISE_TIMEOUT_MS`. */
  timeoutMs?: number | undefined;
  /** Milliseconds. Default 10 000. */
  flushTimeoutMs?: number | undefined;
  /** Milliseconds. Default 10 000. */
  shutdownTimeoutMs?: number | undefined;
  /** 0 to 1, the share of traces that is recorded. Default 1. `SPANWISE_SAMPLE_RATE`, `LANGFUSE_SAMPLE_RATE`. */
  sampleRate?: number | undefined;
  /** Gets a private copy of every user-supplied field before anything is queued; see `docs/masking.md`. */
  mask?: Mask | undefined;
  /** Default `default`. `SPANWISE_ENVIRONMENT`, `LANGFUSE_TRACING_ENVIRONMENT`. */
  environment?: string | undefined;
  /** Default: the commit that CI or the host names. `SPANWISE_RELEASE`, `LANGFUSE_RELEASE`. */
  release?: string | undefined;
  version?: string | undefined;
  /** Base64 data URIs become attachments that are uploaded apart; the payload keeps a reference. Default true. */
  media?: boolean | undefined;
  /** Announces running observations. Default: on for a Spanwise server on loopback. `SPANWISE_LIVE`. */
  live?: boolean | undefined;
  logger?: Logger | undefined;
  /** Default `warn`. `SPANWISE_LOG_LEVEL`. */
  logLevel?: LogLevel | undefined;
  /** Called when records are lost: reason, how many, and for which destination. */
  onDrop?: ((loss: { reason: string; count: number; destination: string }) => void) | undefined;
  /** Used for every request in place of the platform's own. */
  fetch?: typeof fetch | undefined;
}

export interface Config {
  readonly exporters: readonly Exporter[];
  readonly enabled: boolean;
  /** Nobody said where to and nobody switched it off: worth one line. */
  readonly isUnconfigured: boolean;
  readonly flushAt: number;
  readonly flushIntervalMs: number | undefined;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly maxValueBytes: number;
  readonly maxAgeMs: number;
  readonly maxOpen: number;
  readonly maxOpenMs: number;
  readonly timeoutMs: number;
  readonly flushTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  readonly sampleRate: number;
  readonly mask: Mask | undefined;
  readonly environment: string;
  readonly release: string | undefined;
  readonly version: string | undefined;
  readonly serviceName: string;
  readonly media: boolean;
  readonly live: boolean | undefined;
  readonly logger: Logger | undefined;
  readonly logLevel: LogLevel;
  readonly onDrop: TracerOptions["onDrop"];
  readonly fetch: typeof fetch | undefined;
}

/** The longest timer there is, 25 days. Larger bounds are none. */
const MAX_NUMBER = 2 ** 31 - 1;
const MIB = 1024 * 1024;
const LOG_LEVELS: readonly string[] = ["debug", "info", "warn", "error", "silent"];

function env(name: string): string | undefined {
  const value = platform.env(name)?.trim();
  return value === "" ? undefined : value;
}

export function resolveConfig(options: TracerOptions): Config {
  const exporters = chooseExporters(options);
  const wanted = options.enabled ?? flagFrom("SPANWISE_ENABLED") ?? flagFrom("LANGFUSE_TRACING_ENABLED");
  const logLevel = options.logLevel ?? env("SPANWISE_LOG_LEVEL")?.toLowerCase() ?? "warn";
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new SpanwiseConfigError(`logLevel must be one of ${LOG_LEVELS.join(", ")}, got "${logLevel}"`);
  }
  const langfuseSeconds = numberFrom("LANGFUSE_FLUSH_INTERVAL");
  const flushInterval =
    options.flushInterval ??
    numberFrom("SPANWISE_FLUSH_INTERVAL") ??
    (langfuseSeconds === undefined ? undefined : langfuseSeconds * 1000);
  return {
    exporters,
    enabled: exporters.length > 0 && wanted !== false,
    isUnconfigured: exporters.length === 0 && wanted !== false,
    flushAt: atLeast(
      1,
      "flushAt",
      options.flushAt ?? numberFrom("SPANWISE_FLUSH_AT") ?? numberFrom("LANGFUSE_FLUSH_AT") ?? 512,
    ),
    flushIntervalMs: flushInterval === undefined ? undefined : atLeast(0, "flushInterval", flushInterval),
    maxQueueBytes: atLeast(1, "maxQueueBytes", options.maxQueueBytes ?? 128 * MIB),
    maxBatchBytes: atLeast(1, "maxBatchBytes", options.maxBatchBytes ?? 4 * MIB),
    maxValueBytes: atLeast(1024, "maxValueBytes", options.maxValueBytes ?? MIB),
    maxAgeMs: atLeast(0, "maxAgeMs", options.maxAgeMs ?? 600_000),
    maxOpen: atLeast(1, "maxOpen", options.maxOpen ?? 10_000),
    maxOpenMs: atLeast(1, "maxOpenMs", options.maxOpenMs ?? 3_600_000),
    timeoutMs: atLeast(1, "timeoutMs", options.timeoutMs ?? numberFrom("SPANWISE_TIMEOUT_MS") ?? 10_000),
    flushTimeoutMs: atLeast(0, "flushTimeoutMs", options.flushTimeoutMs ?? 10_000),
    shutdownTimeoutMs: atLeast(0, "shutdownTimeoutMs", options.shutdownTimeoutMs ?? 10_000),
    sampleRate: rate(
      options.sampleRate ?? numberFrom("SPANWISE_SAMPLE_RATE") ?? numberFrom("LANGFUSE_SAMPLE_RATE") ?? 1,
    ),
    mask: options.mask,
    environment: options.environment ?? env("SPANWISE_ENVIRONMENT") ?? env("LANGFUSE_TRACING_ENVIRONMENT") ?? "default",
    release: options.release ?? env("SPANWISE_RELEASE") ?? env("LANGFUSE_RELEASE") ?? findRelease(env),
    version: options.version,
    serviceName: env("OTEL_SERVICE_NAME") ?? env("npm_package_name") ?? "unknown_service",
    media: options.media ?? true,
    live: options.live ?? flagFrom("SPANWISE_LIVE"),
    logger: options.logger,
    logLevel: logLevel as LogLevel,
    onDrop: options.onDrop,
    fetch: options.fetch,
  };
}

/** A destination is URL and keys from one source: the options, or one family of variables. */
function chooseExporters(options: TracerOptions): readonly Exporter[] {
  if (options.exporters) return options.exporters;
  const { baseUrl, publicKey, secretKey } = options;
  if (baseUrl !== undefined) return [spanwise({ baseUrl, publicKey, secretKey })];
  if (publicKey !== undefined || secretKey !== undefined) {
    throw new SpanwiseConfigError(
      "publicKey and secretKey need a baseUrl: keys are never sent to a server nobody named",
    );
  }
  const listed = env("SPANWISE_EXPORTERS");
  if (listed !== undefined) return listed.split(",").map((name) => exporterFromEnvironment(name.trim()));
  if (env("SPANWISE_BASE_URL") !== undefined) return [exporterFromEnvironment("spanwise")];
  if (env("LANGFUSE_PUBLIC_KEY") !== undefined && env("LANGFUSE_SECRET_KEY") !== undefined) {
    return [exporterFromEnvironment("langfuse")];
  }
  return [];
}

function exporterFromEnvironment(name: string): Exporter {
  switch (name) {
    case "spanwise":
      return spanwise({
        baseUrl: env("SPANWISE_BASE_URL") ?? "http://localhost:4777",
        publicKey: env("SPANWISE_PUBLIC_KEY"),
        secretKey: env("SPANWISE_SECRET_KEY"),
      });
    case "langfuse":
      return langfuse({
        baseUrl: env("LANGFUSE_BASE_URL") ?? env("LANGFUSE_BASEURL") ?? env("LANGFUSE_HOST"),
        publicKey: env("LANGFUSE_PUBLIC_KEY"),
        secretKey: env("LANGFUSE_SECRET_KEY"),
      });
    default:
      throw new SpanwiseConfigError(`SPANWISE_EXPORTERS: unknown exporter "${name}". Known: spanwise, langfuse`);
  }
}

function flagFrom(name: string): boolean | undefined {
  const value = env(name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (["true", "1", "yes", "on"].includes(value)) return true;
  if (["false", "0", "no", "off"].includes(value)) return false;
  throw new SpanwiseConfigError(`${name} must be true or false, got "${value}"`);
}

function numberFrom(name: string): number | undefined {
  const value = env(name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new SpanwiseConfigError(`${name} must be a number, got "${value}"`);
  return number;
}

function atLeast(least: number, name: string, value: number): number {
  if (typeof value === "number" && value >= least) return Math.min(value, MAX_NUMBER);
  throw new SpanwiseConfigError(`${name} must be a number of at least ${least}, got ${String(value)}`);
}

function rate(value: number): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new SpanwiseConfigError(`sampleRate must be between 0 and 1, got ${String(value)}`);
}
