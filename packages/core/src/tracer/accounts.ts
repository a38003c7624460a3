import { ByteBudget } from "../pipeline/budget.ts";
import { Ledger, sumDrops } from "../pipeline/ledger.ts";
import type { DestinationStats, FlushResult, TracerStats } from "./api.ts";
import type { Engine } from "./engine.ts";
import type { OpenObservations } from "./open-observations.ts";

/** What one tracer has counted, under however many configurations. */
export class Accounts {
  readonly observations: Ledger = new Ledger();
  readonly scores: Ledger = new Ledger();
  readonly budget: ByteBudget = new ByteBudget();
  afterEnd = 0;
  evicted = 0;
  readonly #open: OpenObservations;

  constructor(open: OpenObservations) {
    this.#open = open;
  }

  /** Observations that have ended and are not settled: in the pipeline or in a queue. */
  get queued(): number {
    return this.observations.queued + this.observations.open - this.#open.size;
  }

  /** Observations and scores since the start of the process; `pending` as of now. */
  totals(): FlushResult {
    const ledgers = [this.observations, this.scores];
    const totals = { sent: 0, failed: 0, dropped: 0, pending: this.queued + this.scores.queued + this.scores.open };
    for (const { sent, dropped } of ledgers) {
      const failed = (dropped.rejected ?? 0) + (dropped.too_large ?? 0);
      totals.sent += sent;
      totals.failed += failed;
      totals.dropped += sumDrops(dropped) - failed;
    }
    return totals;
  }

  /** What has come to pass since `before`. */
  since(before: FlushResult): FlushResult {
    const { sent, failed, dropped, pending } = this.totals();
    return { sent: sent - before.sent, failed: failed - before.failed, dropped: dropped - before.dropped, pending };
  }

  stats(engine: Engine | undefined): TracerStats {
    const { observations, scores } = this;
    const destinations = engine?.pipeline.destinations.map((destination) => destination.stats()) ?? [];
    const sum = (pick: (stats: DestinationStats) => number): number =>
      destinations.reduce((total, stats) => total + pick(stats), 0);
    return {
      started: observations.started,
      open: this.#open.size,
      queued: this.queued,
      sent: observations.sent,
      dropped: { ...observations.dropped },
      unsampled: observations.unsampled,
      retried: sum(({ retried }) => retried),
      bytesHeld: this.budget.used,
      bytesSent: sum(({ bytesSent }) => bytesSent),
      afterEnd: this.afterEnd,
      evicted: this.evicted,
      truncated: engine?.pipeline.truncated ?? 0,
      maskFailed: engine?.pipeline.maskFailed ?? 0,
      scores: {
        started: scores.started,
        queued: scores.queued + scores.open,
        sent: scores.sent,
        dropped: { ...scores.dropped },
      },
      lastError: engine?.lastError,
      spool: engine?.config.spool?.stats(),
      destinations,
    };
  }
}
