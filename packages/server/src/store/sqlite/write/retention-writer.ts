import type Database from "libsql";
import type { PruneStep, RetentionWrites } from "../../retention.ts";
import type { Sync } from "../../store.ts";
import type { BlobSweeper } from "../payload/blob-sweeper.ts";
import type { BegunDeletions } from "./begun-deletions.ts";
import { Shrinker } from "./shrinker.ts";
import { StepSize, takeWhileTime } from "./step-size.ts";
import type { TraceDeleter } from "./trace-deleter.ts";

/** Traces that one step looks at; it deletes as many as it has time for. */
const TRACES_A_STEP = 50;
/** Texts that one step looks at. Each may lie in a pack of its own, which is opened and packed again: a millisecond and more. */
const BLOBS_A_STEP = { least: 8, first: 100, most: 2000 };
/** Free pages given back to the file system in one step. */
const PAGES_A_STEP = { least: 16, first: 500, most: 4000 };

/** What a project has beside traces and keys. */
const OF_PROJECT = [
  "scores",
  "media_parts",
  "media_links",
  "media",
  "dataset_run_items",
  "dataset_runs",
  "dataset_items",
  "datasets",
  "rollups",
  "rollups_by_row",
  "terms",
  "prices",
  "begun_deletions",
];

/** @param forget called when rows are gone that are kept in memory. */
export function createRetentionWrites(
  database: Database.Database,
  deleter: TraceDeleter,
  begun: BegunDeletions,
  sweeper: BlobSweeper,
  forget: () => void,
): Sync<RetentionWrites> {
  // From one project to the next: DISTINCT would walk over all traces.
  const projects = database.prepare(
    `WITH RECURSIVE p (id) AS (SELECT min(project_id) FROM trace_summaries
       UNION ALL SELECT (SELECT min(project_id) FROM trace_summaries WHERE project_id > p.id) FROM p WHERE p.id IS NOT NULL)
     SELECT id FROM p WHERE id IS NOT NULL`,
  );
  const oldest = database.prepare(
    "SELECT trace_id AS id, start_time AS start, observations FROM trace_summaries WHERE project_id = ? AND start_time < ? ORDER BY start_time LIMIT ?",
  );
  const hideProject = [
    database.prepare("DELETE FROM api_keys WHERE project_id = ?"),
    database.prepare("DELETE FROM projects WHERE id = ?"),
  ];
  const dropRest = OF_PROJECT.map((table) => database.prepare(`DELETE FROM ${table} WHERE project_id = ?`));
  const shrinker = new Shrinker(database);
  const blobs = new StepSize(BLOBS_A_STEP);
  const pages = new StepSize(PAGES_A_STEP);

  /** @returns whether there are more. */
  const sweep = (): boolean => blobs.take((size) => sweeper.sweep(size));
  const giveBack = (): void => void pages.take((size) => database.exec(`PRAGMA incremental_vacuum(${size})`));

  /** The oldest of all projects. */
  const findOldest = (before: number): OldTrace[] =>
    (projects.all() as { id: string }[])
      .flatMap(({ id: projectId }) =>
        (oldest.all([projectId, before, TRACES_A_STEP]) as Omit<OldTrace, "projectId">[]).map((row) => ({
          ...row,
          projectId,
        })),
      )
      .sort((a, b) => a.start - b.start)
      .slice(0, TRACES_A_STEP);

  /** The oldest that have as many observations. */
  const findFirst = (observations: number): OldTrace[] => {
    let sum = 0;
    return findOldest(Number.MAX_VALUE).filter((trace) => {
      const isNeeded = sum < observations;
      sum += trace.observations;
      return isNeeded;
    });
  };

  /** As many as there is time for. @returns those that are gone, and whether none of them is there any more. */
  const deleteSome = <T extends { projectId: string; id: string }>(
    traces: readonly T[],
  ): [gone: T[], isDone: boolean] => {
    const gone: T[] = [];
    let isPart = false;
    const looked = takeWhileTime(traces, (trace) => {
      const deletion = deleter.delete(trace.projectId, trace.id);
      if (deletion === "gone") gone.push(trace);
      isPart ||= deletion === "part";
    });
    if (gone.length > 0) forget();
    return [gone, looked === traces.length && !isPart];
  };

  /** What is left of a large trace goes before anything else is begun. @returns `null` when there is none. */
  const goOn = (): PruneStep | null => (deleter.deleteHidden() ? { deletedTraces: 0, isDone: false } : null);

  const writes: Sync<RetentionWrites> = {
    finishDeletionStep() {
      const unfinished = goOn();
      if (unfinished !== null) return unfinished;
      const { next } = begun;
      if (next === undefined) return { deletedTraces: 0, isDone: !sweep() };
      const { projectId, traceId } = next;
      if (traceId === null) return { ...writes.deleteProjectStep(projectId), isDone: false };
      const deletion = deleter.delete(projectId, traceId);
      if (deletion === "gone") forget();
      if (deletion !== "part") begun.end(next);
      return { deletedTraces: deletion === "gone" ? 1 : 0, isDone: false };
    },

    deleteTracesStep(projectId, traceIds) {
      const unfinished = goOn();
      if (unfinished !== null) return unfinished;
      const [gone, isDone] = deleteSome(traceIds.map((id) => ({ projectId, id })));
      // What is left of them, if they were large, and their texts go in the next steps.
      return { deletedTraces: gone.length, isDone: isDone && gone.length === 0 && !sweep() };
    },

    deleteProjectStep(projectId) {
      const unfinished = goOn();
      if (unfinished !== null) return unfinished;
      begun.note({ projectId, traceId: null });
      for (const statement of hideProject) statement.run([projectId]);
      const traces = oldest.all([projectId, Number.MAX_VALUE, TRACES_A_STEP]) as { id: string }[];
      const [gone] = deleteSome(traces.map(({ id }) => ({ projectId, id })));
      if (traces.length === 0) {
        for (const statement of dropRest) statement.run([projectId]);
        begun.end({ projectId, traceId: null });
        forget();
      }
      const isDone = traces.length === 0 && !sweep();
      giveBack();
      return { deletedTraces: gone.length, isDone };
    },

    pruneStep({ before, maxBytes }) {
      const unfinished = goOn();
      if (unfinished !== null) return unfinished;
      const old = before === null ? [] : findOldest(before);
      const isShrinking = old.length === 0 && shrinker.left > 0;
      const traces = isShrinking ? findFirst(shrinker.left) : old;
      const [gone] = deleteSome(traces);
      // None of them gone, the first has lost a part.
      if (isShrinking && (gone.length > 0 || traces.length === 0)) {
        shrinker.note(gone.reduce((sum, { observations }) => sum + observations, 0));
      }
      let isDone = traces.length === 0 && !sweep() && !shrinker.mergeStep();
      giveBack();
      if (isDone && maxBytes !== null && shrinker.begin(maxBytes)) isDone = findOldest(Number.MAX_VALUE).length === 0;
      return { deletedTraces: gone.length, isDone };
    },
  };
  return writes;
}

interface OldTrace {
  projectId: string;
  id: string;
  start: number;
  observations: number;
}
