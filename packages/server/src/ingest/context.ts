import type { BodyBudget, BodyLimits } from "../http/body.ts";
import type { ChangeBus } from "../live/bus.ts";
import type { InstanceWatch } from "../live/instances.ts";
import type { IngestMonitor } from "../settings/ingest-monitor.ts";
import type { ProjectPrices } from "../pricing/project-prices.ts";
import type { IntakeThread } from "./intake/intake-thread.ts";
import type { Store } from "../store/store.ts";

/** What the routes that take data in share. */
export interface IngestContext {
  store: Store;
  bus: ChangeBus;
  instances: InstanceWatch;
  prices: ProjectPrices;
  monitor: IngestMonitor;
  limits: BodyLimits;
  budget: BodyBudget;
  /** `null` where the store is not written by a thread of its own. */
  thread: IntakeThread | null;
}
