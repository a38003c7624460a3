import type { StoredObservation } from "../../model/observation.ts";
import {
  MAX_CHANGED_ROWS,
  MAX_OPEN_INSTANCES,
  asIncomplete,
  asRunning,
  isLeftOpen,
  isMarkedSilent,
  lastSignIn,
  type InstanceChange,
  type InstanceReads,
  type InstanceWrites,
  type OpenInstance,
} from "../instances.ts";
import type { MemoryObservations } from "./observations.ts";

export class MemoryInstances implements InstanceReads, InstanceWrites {
  readonly #observations: MemoryObservations;

  constructor(observations: MemoryObservations) {
    this.#observations = observations;
  }

  async listOpenInstances(): Promise<OpenInstance[]> {
    const found = new Map<string, OpenInstance>();
    for (const { projectId, row } of this.#observations.all()) {
      if (row.instanceId === null || !(isLeftOpen(row) || isMarkedSilent(row))) continue;
      found.set(JSON.stringify([projectId, row.instanceId]), { projectId, instanceId: row.instanceId });
    }
    return [...found.values()].slice(0, MAX_OPEN_INSTANCES);
  }

  async markSilent(projectId: string, instanceId: string, lastHeardAt: number | null): Promise<InstanceChange> {
    return this.#change(projectId, instanceId, isLeftOpen, (row, lastSignAt) =>
      asIncomplete(row, Math.max(lastHeardAt ?? 0, lastSignAt)),
    );
  }

  async markHeard(projectId: string, instanceId: string): Promise<InstanceChange> {
    return this.#change(projectId, instanceId, isMarkedSilent, asRunning);
  }

  async #change(
    projectId: string,
    instanceId: string,
    isConcerned: (row: StoredObservation) => boolean,
    toChanged: (row: StoredObservation, lastSignAt: number) => StoredObservation,
  ): Promise<InstanceChange> {
    const concerned = [...this.#observations.all()]
      .filter((one) => one.projectId === projectId && one.row.instanceId === instanceId && isConcerned(one.row))
      .slice(0, MAX_CHANGED_ROWS)
      .map(({ row }) => row);
    const traceIds = [...new Set(concerned.map((row) => row.traceId))];
    const lastSigns = new Map<string, number>();
    for (const traceId of traceIds) {
      lastSigns.set(traceId, lastSignIn(await this.#observations.readRows(projectId, traceId), instanceId));
    }
    for (const row of concerned) {
      this.#observations.write(projectId, toChanged(row, lastSigns.get(row.traceId) ?? 0));
    }
    return { traceIds, isDone: concerned.length < MAX_CHANGED_ROWS };
  }
}
