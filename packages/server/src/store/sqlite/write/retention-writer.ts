import type Database from "libsql";
import type { RetentionWrites } from "../../retention.ts";
import type { Sync } from "../../store.ts";
import type { BlobSweeper } from "../payload/blob-sweeper.ts";
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
  "terms",
  "prices",
];

/** @param forget called when rows are gone that are kept in memory. */
export function createRetentionWrites(
  database: Database.Database,
  deleter: TraceDeleter,
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
  const dropKeys = database.prepare("DELETE FROM api_keys WHERE project_id = ?");
  const dropRest = [
    ...OF_PROJECT.map((table) => database.prepare(`DELETE FROM ${table} WHERE project_id = ?`)),
    database.prepare("DELETE FROM projects WHERE id = ?"),
  ];
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

  return {
    deleteTracesStep(projectId, traceIds) {
      let deletedTraces = 0;
      const looked = takeWhileTime(traceIds, (traceId) => {
        if (deleter.delete(projectId, traceId)) deletedTraces += 1;
      });
      if (deletedTraces > 0) forget();
      const isDone = looked === traceIds.length && deletedTraces === 0 && !sweep();
      return { deletedTraces, isDone };
    },

    deleteProjectStep(projectId) {
      dropKeys.run([projectId]);
      const traces = oldest.all([projectId, Number.MAX_VALUE, TRACES_A_STEP]) as { id: string }[];
      const deletedTraces = takeWhileTime(traces, ({ id }) => deleter.delete(projectId, id));
      if (traces.length === 0) for (const statement of dropRest) statement.run([projectId]);
      forget();
      const isDone = traces.length === 0 && !sweep();
      giveBack();
      return { deletedTraces, isDone };
    },

    pruneStep({ before, maxBytes }) {
      const old = before === null ? [] : findOldest(before);
      const isShrinking = old.length === 0 && shrinker.left > 0;
      const traces = isShrinking ? findFirst(shrinker.left) : old;
      const deletedTraces = takeWhileTime(traces, ({ projectId, id }) => deleter.delete(projectId, id));
      if (isShrinking) {
        shrinker.note(traces.slice(0, deletedTraces).reduce((sum, { observations }) => sum + observations, 0));
      }
      if (deletedTraces > 0) forget();
      let isDone = traces.length === 0 && !sweep() && !shrinker.mergeStep();
      giveBack();
      if (isDone && maxBytes !== null && shrinker.begin(maxBytes)) isDone = findOldest(Number.MAX_VALUE).length === 0;
      return { deletedTraces, isDone };
    },
  };
}

interface OldTrace {
  projectId: string;
  id: string;
  start: number;
  observations: number;
}
