import type { MaintenanceReads, PruneStep, RetentionWrites } from "../retention.ts";
import type { MemoryMedia } from "./media.ts";
import type { MemoryObservations } from "./observations.ts";
import type { MemoryScores } from "./scores.ts";

interface OfProjects {
  deleteOfProject(projectId: string): void;
}

/** Deletes; there is no file whose size could be kept. */
export class MemoryRetention implements RetentionWrites, MaintenanceReads {
  readonly #observations: MemoryObservations;
  readonly #scores: MemoryScores;
  readonly #media: MemoryMedia;
  readonly #others: readonly OfProjects[];

  /** @param others areas that have something of projects beside these. */
  constructor(
    observations: MemoryObservations,
    scores: MemoryScores,
    media: MemoryMedia,
    others: readonly OfProjects[],
  ) {
    this.#observations = observations;
    this.#scores = scores;
    this.#media = media;
    this.#others = others;
  }

  async deleteTracesStep(projectId: string, traceIds: readonly string[]): Promise<PruneStep> {
    return { deletedTraces: this.#delete(projectId, traceIds), isDone: true };
  }

  #delete(projectId: string, traceIds: readonly string[]): number {
    const deleted = traceIds.filter((traceId) => this.#observations.delete(projectId, traceId));
    for (const traceId of deleted) {
      this.#scores.deleteOfTrace(projectId, traceId);
      this.#media.deleteOfTrace(projectId, traceId);
    }
    return deleted.length;
  }

  async deleteProjectStep(projectId: string): Promise<PruneStep> {
    const all = this.#observations.select(projectId, "traces", {});
    const ids = all.map(({ trace }) => trace.summary.traceId);
    const deletedTraces = this.#delete(projectId, ids);
    for (const area of [this.#scores, this.#media, ...this.#others]) area.deleteOfProject(projectId);
    return { deletedTraces, isDone: true };
  }

  async finishDeletionStep(): Promise<PruneStep> {
    return { deletedTraces: 0, isDone: true };
  }

  async pruneStep({ before }: { before: number | null; maxBytes: number | null }): Promise<PruneStep> {
    let deletedTraces = 0;
    if (before !== null) {
      for (const projectId of this.#observations.projectIds()) {
        const old = this.#observations.select(projectId, "traces", { to: before });
        deletedTraces += this.#delete(
          projectId,
          old.map(({ trace }) => trace.summary.traceId),
        );
      }
    }
    return { deletedTraces, isDone: true };
  }

  async checkIntegrity(): Promise<string[]> {
    return [];
  }
}
