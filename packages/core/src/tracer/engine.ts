import type { Config } from "../config.ts";
import { log } from "../log.ts";
import { createTraceIdRandom } from "../model/ids.ts";
import { ByteBudget } from "../pipeline/budget.ts";
import type { DestinationContext } from "../pipeline/destination.ts";
import type { Ledger } from "../pipeline/ledger.ts";
import { Pipeline } from "../pipeline/pipeline.ts";

/** A destination's troubles are logged once in this time; the counters have them all. */
const LOG_EVERY_MS = 60_000;

/** What one configuration sets up. A second `init` makes a new one and drains the old. */
export interface Engine {
  readonly config: Config;
  readonly budget: ByteBudget;
  readonly pipeline: Pipeline;
  readonly hasLive: boolean;
  lastError: string | undefined;
  /** The last request of some destination failed: waiting for it at exit would be in vain. */
  isFailing(): boolean;
}

export function createEngine(config: Config, observations: Ledger, scores: Ledger): Engine {
  const budget = new ByteBudget(config.maxQueueBytes);
  const quietUntil = new Map<string, number>();
  const sayOnce = (key: string, message: string): void => {
    if ((quietUntil.get(key) ?? 0) > Date.now()) return;
    quietUntil.set(key, Date.now() + LOG_EVERY_MS);
    log.warn(message);
  };
  const context: DestinationContext = {
    budget,
    settings: config,
    resource: {
      serviceName: config.serviceName,
      environment: config.environment,
      release: config.release,
      version: config.version,
      instanceId: createTraceIdRandom(),
    },
    onError(destination, message) {
      engine.lastError = `${destination}: ${message}`;
      sayOnce(`error ${destination}`, `${destination}: ${message}`);
    },
    onDrop(destination, reason, count) {
      sayOnce(`drop ${destination} ${reason}`, `${destination}: lost ${count} records (${reason})`);
      try {
        config.onDrop?.({ destination, reason, count });
      } catch (error) {
        log.error("onDrop threw", error);
      }
    },
  };
  const destinations = config.exporters.map((exporter) => exporter.connect(context));
  const { mask, media, maxValueBytes } = config;
  const engine: Engine = {
    config,
    budget,
    pipeline: new Pipeline({ destinations, budget, observations, scores, mask, media, maxValueBytes }),
    hasLive: destinations.some(({ live }) => live),
    lastError: undefined,
    isFailing: () => destinations.some((destination) => destination.isFailing),
  };
  const hosts = config.exporters.map(({ name, host }) => (host === undefined ? name : `${name} at ${host}`));
  log.info(`tracing to ${hosts.join(" and ")}`);
  return engine;
}
