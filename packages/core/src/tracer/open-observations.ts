import type { OpenObservation } from "../model/record.ts";
import { TraceUpdates } from "../model/trace-fields.ts";

interface OpenTrace {
  readonly updates: TraceUpdates;
  open: number;
}

/** What has started and not ended, least recently touched first, and the traces they belong to. */
export class OpenObservations {
  readonly #byId = new Map<string, OpenObservation>();
  readonly #traces = new Map<string, OpenTrace>();

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
    this.#byId.set(observation.id, observation);
    const trace = this.#traces.get(observation.traceId);
    if (trace) trace.open++;
    else this.#traces.set(observation.traceId, { updates: observation.updates, open: 1 });
  }

  touch(observation: OpenObservation): void {
    observation.touchedAt = performance.now();
    if (this.#byId.delete(observation.id)) this.#byId.set(observation.id, observation);
  }

  /** False when it had been removed before. A trace is forgotten with its last open observation. */
  remove(observation: OpenObservation): boolean {
    if (!this.has(observation)) return false;
    this.#byId.delete(observation.id);
    const trace = this.#traces.get(observation.traceId)!;
    trace.open--;
    if (trace.open === 0) this.#traces.delete(observation.traceId);
    return true;
  }

  updatesOf(traceId: string): TraceUpdates {
    return this.#traces.get(traceId)?.updates ?? new TraceUpdates();
  }

  /** The least recently touched ones that `isWanted`, at most `count`. */
  oldest(count: number, isWanted: (observation: OpenObservation) => boolean): OpenObservation[] {
    const found: OpenObservation[] = [];
    for (const observation of this.#byId.values()) {
      if (found.length >= count || !isWanted(observation)) break;
      found.push(observation);
    }
    return found;
  }

  all(): OpenObservation[] {
    return [...this.#byId.values()];
  }

  [Symbol.iterator](): IterableIterator<OpenObservation> {
    return this.#byId.values();
  }
}
