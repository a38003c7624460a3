import type { Config } from "../config.ts";
import { log, warnRarely } from "../log.ts";
import { createInstanceId } from "../model/ids.ts";
import type { DropReason } from "./api.ts";
import { ByteBudget } from "../pipeline/budget.ts";
import type { DestinationContext } from "../pipeline/destination.ts";
import type { Ledger } from "../pipeline/ledger.ts";
import { Pipeline } from "../pipeline/pipeline.ts";

/** What one configuration sets up. A second `init` makes a new one and drains the old. */
export interface Engine {
  readonly config: Config;
  readonly budget: ByteBudget;
  readonly pipeline: Pipeline;
  readonly hasLive: boolean;
  lastError: string | undefined;
  /** Says that a record was refused before it reached a destination. */
  refuse(reason: DropReason): void;
}

/** Made when it is needed first: a process that is off draws no random bytes. */
let instanceId: string | undefined;

export function createEngine(config: Config, observations: Ledger, scores: Ledger): Engine {
  const budget = new ByteBudget(config.maxQueueBytes);
  instanceId ??= createInstanceId();
  const key = createInstanceId();
  const onDrop = (destination: string, reason: string, count: number): void => {
    warnRarely(`${key} drop ${destination} ${reason}`, `${destination}: lost ${count} records (${reason})`);
    try {
      config.onDrop?.({ destination, reason, count });
    } catch (error) {
      warnRarely("onDrop", `onDrop threw: ${String(error)}`);
    }
  };
  const context: DestinationContext = {
    budget,
    settings: config,
    spool: config.spool,
    resource: {
      serviceName: config.serviceName,
      environment: config.environment,
      release: config.release,
      version: config.version,
      instanceId,
    },
    hasOpen: () => observations.open > 0,
    onError(destination, message) {
      engine.lastError = `${destination}: ${message}`;
      warnRarely(`${key} error ${destination}`, `${destination}: ${message}`);
    },
    onDrop,
  };
  const destinations = config.exporters.map((exporter) => exporter.connect(context));
  const { mask, media, maxValueBytes } = config;
  const engine: Engine = {
    config,
    budget,
    pipeline: new Pipeline({ destinations, budget, observations, scores, mask, media, maxValueBytes }),
    hasLive: destinations.some(({ live }) => live),
    lastError: undefined,
    refuse: (reason) => onDrop("tracer", reason, 1),
  };
  const hosts = config.exporters.map(({ name, host }) => (host === undefined ? name : `${name} at ${host}`));
  log.info(`tracing to ${hosts.join(" and ")}`);
  return engine;
}
