import { platform } from "#platform";
import { SpanwiseConfigError } from "./errors.ts";
import { langfuse } from "./exporters/langfuse.ts";
import { spanwise } from "./exporters/spanwise.ts";
import type { Logger, LogLevel } from "./log.ts";
import type { Exporter } from "./pipeline/destination.ts";
import type { Mask } from "./serialize/mask.ts";
import { slot } from "./slot.ts";
import type { Spool } from "./transport/spool.ts";
import { checkTypes, isGiven, refuse } from "./util/check.ts";
import { env, environmentOf } from "./util/env.ts";
import { findRelease } from "./util/release.ts";
import { safely } from "./util/safely.ts";

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
  /** Default: the commit that CI or the host names; empty for none. `SPANWISE_RELEASE`, `LANGFUSE_RELEASE`. */
  release?: string | undefined;
  version?: string | undefined;
  /** Base64 of pictures, recordings and files, bytes and Blobs are uploaded apart; the payload keeps a reference. Default true. See `docs/media.md`. */
  media?: boolean | undefined;
  /** Announces running observations. Default: on for a Spanwise server on loopback. `SPANWISE_LIVE`. */
  live?: boolean | undefined;
  /**
   * Keeps on disk what is not delivered, for the next process: a directory, or `spool()` of `@spanwise/core/spool`. Node, Bun
   * and Deno. Default off. `SPANWISE_SPOOL_DIR`. See `docs/delivery.md`.
   */
  spool?: Spool | string | undefined;
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
  readonly spool: Spool | undefined;
  readonly logger: Logger | undefined;
  readonly logLevel: LogLevel;
  readonly onDrop: TracerOptions["onDrop"];
  readonly fetch: typeof fetch | undefined;
  /** Variables that could not be used: one line each. */
  readonly warnings: readonly string[];
}

/** The longest timer there is, 25 days. Larger bounds are none. */
const MAX_NUMBER = 2 ** 31 - 1;
const MIB = 1024 * 1024;
/** More of a variable's value is not repeated in a log line. */
const MAX_SHOWN_CHARS = 40;
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];
const TRUE: readonly string[] = ["true", "1", "yes", "on"];
const FALSE: readonly string[] = ["false", "0", "no", "off"];

type NumberOption = {
  [K in keyof TracerOptions]-?: TracerOptions[K] extends number | undefined ? K : never;
}[keyof TracerOptions];
/** Options with an upper end of their own; a larger value is a mistake. The others are cut to {@link MAX_NUMBER}. */
const MOST: Partial<Record<NumberOption, number>> = { sampleRate: 1 };
/** Langfuse's variable is in seconds. */
const SCALES: Readonly<Record<string, number>> = { LANGFUSE_FLUSH_INTERVAL: 1000 };

/**
 * @throws SpanwiseConfigError for an option that cannot work, and for a destination in the environment that cannot: there is nothing
 * to fall back to. Any other variable that cannot be read is told in `warnings` and passed over: a typing mistake in a deployment
 * must not keep the application from starting.
 */
export function resolveConfig(options: TracerOptions): Config {
  checkTypes(options, "", TYPES);
  checkObjects(options);
  const warnings: string[] = [];

  /** The first variable with a value that `read` takes. */
  const fromEnv = <T>(read: (value: string, name: string) => T | undefined, ...names: string[]): T | undefined => {
    for (const name of names) {
      const value = env(name);
      if (value === undefined) continue;
      const result = read(value, name);
      if (result !== undefined) return result;
      warnings.push(`${name}="${value.slice(0, MAX_SHOWN_CHARS)}" cannot be used`);
    }
    return undefined;
  };
  const flag = (...names: string[]): boolean | undefined => fromEnv(toFlag, ...names);
  const number = <D>(key: NumberOption, least: number, fallback: D, ...names: string[]): number | D =>
    numberOption(key, options[key], least) ??
    fromEnv((value, name) => toBound(Number(value) * (SCALES[name] ?? 1), key, least), ...names) ??
    fallback;

  const exporters = chooseExporters(options);
  const switches = ["SPANWISE_ENABLED", "LANGFUSE_TRACING_ENABLED"];
  // A switch that cannot be read is off: who set it most likely wanted nothing to leave.
  const wanted = options.enabled ?? flag(...switches) ?? (switches.some(env) ? false : undefined);
  const { logLevel } = options;
  if (logLevel !== undefined && !isLogLevel(logLevel)) {
    refuse("logLevel", `one of ${LOG_LEVELS.join(", ")}`, logLevel);
  }
  return {
    exporters,
    enabled: exporters.length > 0 && wanted !== false,
    isUnconfigured: exporters.length === 0 && wanted !== false,
    flushAt: number("flushAt", 1, 512, "SPANWISE_FLUSH_AT", "LANGFUSE_FLUSH_AT"),
    flushIntervalMs: number("flushInterval", 0, undefined, "SPANWISE_FLUSH_INTERVAL", "LANGFUSE_FLUSH_INTERVAL"),
    maxQueueBytes: number("maxQueueBytes", 1, 128 * MIB),
    maxBatchBytes: number("maxBatchBytes", 1, 4 * MIB),
    maxValueBytes: number("maxValueBytes", 1024, MIB),
    maxAgeMs: number("maxAgeMs", 0, 600_000),
    maxOpen: number("maxOpen", 1, 10_000),
    maxOpenMs: number("maxOpenMs", 1, 3_600_000),
    timeoutMs: number("timeoutMs", 1, 10_000, "SPANWISE_TIMEOUT_MS"),
    flushTimeoutMs: number("flushTimeoutMs", 0, 10_000),
    shutdownTimeoutMs: number("shutdownTimeoutMs", 0, 10_000),
    sampleRate: number("sampleRate", 0, 1, "SPANWISE_SAMPLE_RATE", "LANGFUSE_SAMPLE_RATE"),
    mask: options.mask,
    environment: environmentOf(options.environment),
    // An empty one is none, whatever the environment says.
    release: (options.release ?? (env("SPANWISE_RELEASE") || env("LANGFUSE_RELEASE") || findRelease(env))) || undefined,
    version: options.version || undefined,
    serviceName: env("OTEL_SERVICE_NAME") ?? env("npm_package_name") ?? "unknown_service",
    media: options.media ?? true,
    live: options.live ?? flag("SPANWISE_LIVE"),
    spool: chooseSpool(options.spool, warnings),
    logger: options.logger,
    logLevel:
      logLevel ??
      fromEnv(
        (value) => (isLogLevel(value.toLowerCase()) ? (value.toLowerCase() as LogLevel) : undefined),
        "SPANWISE_LOG_LEVEL",
      ) ??
      "warn",
    onDrop: options.onDrop,
    fetch: options.fetch,
    warnings,
  };
}

/** What is not a number, by what it must be. */
const TYPES = {
  enabled: "boolean",
  media: "boolean",
  live: "boolean",
  mask: "function",
  onDrop: "function",
  fetch: "function",
  environment: "string",
  release: "string",
  version: "string",
} as const satisfies Partial<Record<keyof TracerOptions, string>>;

function checkObjects({ exporters, logger }: TracerOptions): void {
  if (isGiven(exporters) && !safely("exporters", () => exporters.every((item) => typeof item.connect === "function"))) {
    refuse("exporters", "like [spanwise({ baseUrl })]", exporters);
  }
  if (isGiven(logger) && !safely("logger", () => typeof logger.warn === "function")) {
    refuse("logger", "an object with debug, info, warn, error", logger);
  }
}

/** A directory is enough where the runtime has files. The variable alone is passed over where it has none. */
function chooseSpool(given: TracerOptions["spool"], warnings: string[]): Spool | undefined {
  const dir = given ?? env("SPANWISE_SPOOL_DIR");
  if (typeof dir !== "string") {
    if (dir === undefined || safely("spool", () => typeof dir.open === "function")) return dir;
    refuse("spool", `a path or spool() of ${SPOOL_MODULE}`, dir);
  }
  if (!slot.createSpool) platform.load(SPOOL_MODULE);
  if (slot.createSpool) return slot.createSpool(dir);
  const advice = `import { spool } from "${SPOOL_MODULE}" and give spool({ dir }); it needs Node 20.16, Bun or Deno 2`;
  if (given !== undefined) throw new SpanwiseConfigError(`spool: ${advice}`);
  warnings.push(`SPANWISE_SPOOL_DIR is passed over: ${advice}`);
  return undefined;
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
  if (listed !== undefined) {
    const names = listed.split(",").map((name) => name.trim().toLowerCase());
    return [...new Set(names)].filter(Boolean).map(exporterFromEnvironment);
  }
  if (env("SPANWISE_BASE_URL") !== undefined) return [exporterFromEnvironment("spanwise")];
  if (env("LANGFUSE_PUBLIC_KEY") !== undefined && env("LANGFUSE_SECRET_KEY") !== undefined) {
    return [exporterFromEnvironment("langfuse")];
  }
  return [];
}

const SPOOL_MODULE = "@spanwise/core/spool";

/** Exporters that the main entry does not carry. They are loaded when the variable names them, where the runtime can do that. */
const MODULES: Partial<Record<string, string>> = {
  otlp: "@spanwise/core/otlp",
  console: "@spanwise/core/console",
  memory: "@spanwise/core/testing",
};

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
    default: {
      const module = MODULES[name];
      if (module && !slot.exporters?.has(name)) platform.load(module);
      const create = slot.exporters?.get(name);
      if (create) return create();
      throw new SpanwiseConfigError(
        module
          ? `SPANWISE_EXPORTERS: "${name}" needs its module. Import "${module}" before init(), or by node --import`
          : `SPANWISE_EXPORTERS: unknown exporter "${name}". Known: spanwise, langfuse, ${Object.keys(MODULES).join(", ")}`,
      );
    }
  }
}

function toFlag(value: string): boolean | undefined {
  const word = value.toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined;
}

function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel);
}

function numberOption(key: NumberOption, value: number | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  const bound = toBound(value, key, least);
  if (bound !== undefined) return bound;
  const range = key in MOST ? `between ${least} and ${MOST[key]}` : `of at least ${least}`;
  refuse(key, `a number ${range}`, value);
}

/** `undefined` for what is no number or outside of the option's range. */
function toBound(value: number, key: NumberOption, least: number): number | undefined {
  if (typeof value !== "number" || !(value >= least)) return undefined;
  const most = MOST[key];
  return most === undefined ? Math.min(value, MAX_NUMBER) : value <= most ? value : undefined;
}
