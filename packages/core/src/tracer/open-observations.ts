import type { OpenObservation } from "../model/record.ts";
import { TraceUpdates } from "../model/trace-fields.ts";
import { RecentMap } from "../util/recent-map.ts";

interface OpenTrace {
  readonly updates: TraceUpdates;
  open: number;
}

/** What has started and not ended, least recently touched first, and the traces they belong to. */
export class OpenObservations {
  readonly #byId = new RecentMap<OpenObservation>();
  readonly #traces = new RecentMap<OpenTrace>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): OpenObservation | undefined {
    return this.#byId.get(id);
  }

  has(observation: OpenObservation): boolean {
    return this.#byId.get(observation.id) === observation;
  }

  add(observation: OpenObservation): void {
    this.#byId.add(observation.id, observation);
    const trace = this.#traces.get(observation.traceId);
    if (trace) trace.open++;
    else this.#traces.add(observation.traceId, { updates: observation.updates, open: 1 });
  }

  touch(observation: OpenObservation): void {
    this.#byId.use(observation.id);
  }

  /** False when it had been removed before. A trace is forgotten with its last open observation. */
  remove(observation: OpenObservation): boolean {
    if (!this.#byId.take(observation.id)) return false;
    const trace = this.#traces.get(observation.traceId)!;
    trace.open--;
    if (trace.open === 0) this.#traces.take(observation.traceId);
    return true;
  }

  updatesOf(traceId: string): TraceUpdates {
    return this.#traces.get(traceId)?.updates ?? new TraceUpdates();
  }

  /** The least recently touched ones, at most `count` and none that was touched after `until`, by `performance.now()`. */
  oldest(count?: number, until?: number): OpenObservation[] {
    return this.#byId.oldest(count, until).map(({ value }) => value);
  }
}
