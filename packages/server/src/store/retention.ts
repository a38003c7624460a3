import type { RetentionSettings } from "../api/settings.ts";

/** What one step of pruning did. */
export interface PruneStep {
  deletedTraces: number;
  isDone: boolean;
}

export interface RetentionWrites {
  /**
   * Deletes some of the traces that began before a time (all projects'), or of the oldest while the file holds more than `maxBytes`, and
   * gives room back. Short, so that what is taken in meanwhile does not wait long: call it until it is done.
   */
  pruneStep(limits: { before: number | null; maxBytes: number | null }): Promise<PruneStep>;
  /**
   * Deletes some of the traces with all that belongs to them; what is shared with others stays. Short, as `pruneStep`: a large trace is gone for
   * all who ask for traces before all of its observations are. What comes for it from then on is a new trace.
   */
  deleteTracesStep(projectId: string, traceIds: readonly string[]): Promise<PruneStep>;
  /**
   * Deletes a project with its keys and some of its traces, and when there are none left all else of it. Short, as `pruneStep`: call it until it is done.
   * From the first step on the project is not there, and none of this id can be made until the last.
   */
  deleteProjectStep(projectId: string): Promise<PruneStep>;
  /** Goes on with what the steps above have begun and came to no end with, as their process was killed; with large traces of this one, too. */
  finishDeletionStep(): Promise<PruneStep>;
}

export interface MaintenanceReads {
  /** What is wrong with the file, nothing when it is sound. Reads all of it. */
  checkIntegrity(): Promise<string[]>;
}

/** Deletes traces with all that belongs to them. @returns how many there were. */
export async function deleteTraces(
  store: RetentionWrites,
  projectId: string,
  traceIds: readonly string[],
): Promise<number> {
  return (await takeSteps(() => store.deleteTracesStep(projectId, traceIds))).deletedTraces;
}

/** Deletes a project with all that is in it. @returns the number of its traces. */
export async function deleteProject(store: RetentionWrites, projectId: string): Promise<number> {
  return (await takeSteps(() => store.deleteProjectStep(projectId))).deletedTraces;
}

/** Ends what was being deleted when a process was killed. */
export async function finishDeletions(store: RetentionWrites): Promise<void> {
  await takeSteps(() => store.finishDeletionStep());
}

const DAY_MS = 86_400_000;

/**
 * Deletes what the settings do not keep.
 *
 * @param options.now epoch milliseconds.
 * @param options.maxMs after this much it stops between two steps, and is not done.
 */
export async function prune(
  store: RetentionWrites,
  { maxAgeDays, maxBytes }: RetentionSettings,
  { now = Date.now(), maxMs = Infinity }: { now?: number; maxMs?: number } = {},
): Promise<PruneStep> {
  const limits = { before: maxAgeDays === null ? null : now - maxAgeDays * DAY_MS, maxBytes };
  return takeSteps(() => store.pruneStep(limits), maxMs);
}

async function takeSteps(takeStep: () => Promise<PruneStep>, maxMs = Infinity): Promise<PruneStep> {
  const end = Date.now() + maxMs;
  let deletedTraces = 0;
  for (;;) {
    const step = await takeStep();
    deletedTraces += step.deletedTraces;
    if (step.isDone || Date.now() >= end) return { deletedTraces, isDone: step.isDone };
  }
}
