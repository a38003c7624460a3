import type { Config } from "../config.ts";
import { log, warnRarely } from "../log.ts";
import { createInstanceId } from "../model/ids.ts";
import type { Accounts } from "./accounts.ts";
import type { DropReason } from "./api.ts";
import { SpanwiseConfigError } from "../errors.ts";
import type { Destination, DestinationContext } from "../pipeline/destination.ts";
import { GuardedDestination } from "../pipeline/guarded-destination.ts";
import { Pipeline } from "../pipeline/pipeline.ts";
import { ignoreRejection } from "../util/ignore-rejection.ts";
import { messageOf } from "../util/text.ts";

/** What one configuration sets up. A second `init` makes a new one and drains the old. */
export interface Engine {
  readonly config: Config;
  readonly pipeline: Pipeline;
  readonly hasLive: boolean;
  lastError: string | undefined;
  /** Says that a record was refused before it reached a destination. */
  refuse(reason: DropReason): void;
}

/** Made when it is needed first: a process that is off draws no random bytes. */
let instanceId: string | undefined;

/** The accounts are the tracer's: what an earlier configuration still holds counts. */
export function createEngine(config: Config, { budget, observations, scores }: Accounts): Engine {
  instanceId ??= createInstanceId();
  const key = createInstanceId();
  let isTelling = false;
  const onDrop = (destination: string, reason: string, count: number): void => {
    // What `onDrop` itself records, and loses, is in the counters only: it would be called without end.
    if (isTelling) return;
    warnRarely(`${key} drop ${destination} ${reason}`, `${destination}: lost ${count} records (${reason})`);
    isTelling = true;
    const failed = (error: unknown): void => warnRarely("onDrop", `onDrop threw: ${messageOf(error)}`);
    try {
      ignoreRejection(config.onDrop?.({ destination, reason, count }), failed);
    } catch (error) {
      failed(error);
    }
    isTelling = false;
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
  const destinations = config.exporters.map((exporter) => {
    const destination = exporter.connect(context) as Partial<Destination> | undefined;
    if (typeof destination?.pushObservation === "function")
      return new GuardedDestination(destination as Destination, onDrop);
    throw new SpanwiseConfigError(`exporter "${exporter.name}": connect() must return a destination`);
  });
  const { mask, media, maxValueBytes } = config;
  const engine: Engine = {
    config,
    pipeline: new Pipeline({ destinations, budget, observations, scores, mask, media, maxValueBytes }),
    hasLive: destinations.some(({ live }) => live),
    lastError: undefined,
    refuse: (reason) => onDrop("tracer", reason, 1),
  };
  const hosts = config.exporters.map(({ name, host }) => (host === undefined ? name : `${name} at ${host}`));
  log.info(`tracing to ${hosts.join(" and ")}`);
  return engine;
}
