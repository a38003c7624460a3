import type { WriteBatch } from "../batch.ts";
import { StoreClosedError } from "../errors.ts";
import { costChanges } from "../../pricing/cost-changes.ts";
import type { ComputedCost } from "../prices.ts";
import type { Store } from "../store.ts";
import { MemoryAggregates } from "./aggregates.ts";
import { MemoryDatasets } from "./datasets.ts";
import { MemoryGroups } from "./groups.ts";
import { MemoryInstances } from "./instances.ts";
import { MemoryMedia } from "./media.ts";
import { MemoryObservations } from "./observations.ts";
import { MemoryPlatform } from "./platform.ts";
import { MemoryRetention } from "./retention.ts";
import { MemoryScores } from "./scores.ts";

/** Keeps everything in this process: for tests and for a server that should leave no file. Unbounded. */
export function createMemoryStore(): Store {
  const scores = new MemoryScores((projectId, traceId) => observations.getTraceHead(projectId, traceId));
  const observations: MemoryObservations = new MemoryObservations(scores);
  const media = new MemoryMedia();
  const datasets = new MemoryDatasets();
  const platform = new MemoryPlatform();

  const writes = {
    async writeBatch(projectId: string, batch: WriteBatch): Promise<void> {
      // All of them first: reading them may fail.
      const read = [...batch.observations];
      for (const observation of read) observations.write(projectId, observation);
      for (const score of batch.scores) scores.write(projectId, { ...score, projectId });
      for (const write of batch.media ?? []) media.write(projectId, write);
    },
    async writeCosts(projectId: string, traceId: string, costs: readonly ComputedCost[]): Promise<number> {
      const changed = costChanges(await observations.readRows(projectId, traceId), costs);
      for (const observation of changed) observations.write(projectId, observation);
      return changed.length;
    },
  };
  return untilClosed([
    observations,
    scores,
    media,
    new MemoryGroups(observations, scores),
    new MemoryAggregates(observations, scores),
    new MemoryRetention(observations, scores, media, [datasets, platform]),
    datasets,
    new MemoryInstances(observations),
    platform,
    writes,
  ]);
}

type Method = (...args: unknown[]) => Promise<unknown>;
type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

/** One object with the methods of all areas; after `close` each of them refuses. */
function untilClosed<Area extends object>(areas: readonly Area[]): Intersection<Area> & Pick<Store, "close"> {
  let closed = false;
  const store: Record<string, Method> = {};
  for (const area of areas) {
    const prototype = Object.getPrototypeOf(area) as object;
    for (const name of Object.getOwnPropertyNames(prototype === Object.prototype ? area : prototype)) {
      const method = Reflect.get(area, name) as Method;
      store[name] = async (...args) => {
        if (closed) throw new StoreClosedError("The store is closed.");
        return method.apply(area, args);
      };
    }
  }
  store["close"] = async () => {
    closed = true;
  };
  return store as unknown as Intersection<Area> & Pick<Store, "close">;
}
