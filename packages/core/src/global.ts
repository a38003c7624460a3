import { resolveConfig, type Config, type TracerOptions } from "./config.ts";
import { configureLog, log, warnRarely } from "./log.ts";
import { slot } from "./slot.ts";
import type { Tracer } from "./tracer/api.ts";
import { SpanwiseTracer } from "./tracer/tracer.ts";

const UNCONFIGURED =
  "tracing is off: no destination. Set SPANWISE_BASE_URL (npx spanwise starts one on http://localhost:4777), Langfuse's keys, or baseUrl in init()";

/** The default tracer was made from the environment alone, because something asked for it before `init`. */
let isImplicit = false;

/**
 * Sets up the default tracer: the one that `observe`, `startObservation` and the adapters use. Called again, it takes the
 * new options and sends what the old ones have queued.
 * @throws SpanwiseConfigError for options that cannot work.
 */
export function init(options: TracerOptions = {}): Tracer {
  const config = resolveConfig(options);
  configureLog(config.logLevel, config.logger);
  sayWarnings(config);
  const existing = slot.tracer;
  if (existing instanceof SpanwiseTracer) {
    if (!isImplicit && existing.enabled) log.warn("init() was called again: the default tracer takes the new options");
    isImplicit = false;
    existing.configure(config);
    sayIfUnconfigured(config);
    return existing;
  }
  isImplicit = false;
  if (isTracer(existing)) {
    log.warn("init() was called in another copy of @spanwise/core: its tracer replaces the one there");
    void existing.shutdown().catch(() => {});
  }
  slot.tracer = new SpanwiseTracer(config);
  sayIfUnconfigured(config);
  return slot.tracer;
}

/** Once a minute for each variable, however many tracers are made. */
function sayWarnings({ warnings }: Config): void {
  for (const warning of warnings) warnRarely(warning, warning);
}

let hasSaid = false;

function sayIfUnconfigured(config: Config): void {
  if (!config.isUnconfigured || hasSaid) return;
  hasSaid = true;
  log.warn(UNCONFIGURED);
}

/** A tracer of its own, beside the default one. Its observations are never parents of another tracer's. */
export function createTracer(options: TracerOptions = {}): Tracer {
  // The log is the process's: another tracer changes it only where it was asked to.
  const config = resolveConfig(options);
  if (options.logLevel !== undefined || options.logger !== undefined) configureLog(config.logLevel, config.logger);
  sayWarnings(config);
  return new SpanwiseTracer(config);
}

/** The default tracer; made from the environment when `init` has not been called. Never throws. */
export function getTracer(): Tracer {
  if (isTracer(slot.tracer)) return slot.tracer;
  isImplicit = true;
  try {
    const config = resolveConfig({});
    configureLog(config.logLevel, config.logger);
    sayWarnings(config);
    slot.tracer = new SpanwiseTracer(config);
    sayIfUnconfigured(config);
  } catch (error) {
    log.error("tracing is off: the environment's settings cannot work", error);
    slot.tracer = new SpanwiseTracer(resolveConfig({ exporters: [], enabled: false }));
  }
  return slot.tracer;
}

/** Another version of this package may have put its tracer there: it is used if it has the shape. */
function isTracer(value: unknown): value is Tracer {
  const { startObservation, runWithObservation, flush, shutdown } = (value ?? {}) as Partial<Tracer>;
  return [startObservation, runWithObservation, flush, shutdown].every((method) => typeof method === "function");
}
