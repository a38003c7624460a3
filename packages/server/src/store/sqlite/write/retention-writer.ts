import type Database from "libsql";
import type { RetentionWrites } from "../../retention.ts";
import type { Sync } from "../../store.ts";
import type { BlobSweeper } from "../payload/blob-sweeper.ts";
import type { TraceDeleter } from "./trace-deleter.ts";

/** Traces that one step deletes, and texts that it looks at: some tens of milliseconds. */
const TRACES_A_STEP = 50;
const BLOBS_A_STEP = 1000;
/** Free pages given back to the file system in one step. */
const PAGES_A_STEP = 1000;
/** The oldest go until this part of the limit is left, so that it is not reached again at once. */
const KEPT_PART = 0.9;

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
  const projects = database.prepare("SELECT DISTINCT project_id AS id FROM trace_summaries");
  const oldest = database.prepare(
    "SELECT trace_id AS id, start_time AS start FROM trace_summaries WHERE project_id = ? AND start_time < ? ORDER BY start_time LIMIT ?",
  );
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0]);
  const usedBytes = (): number => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  const dropKeys = database.prepare("DELETE FROM api_keys WHERE project_id = ?");
  const dropRest = [
    ...OF_PROJECT.map((table) => database.prepare(`DELETE FROM ${table} WHERE project_id = ?`)),
    database.prepare("DELETE FROM projects WHERE id = ?"),
  ];
  let isShrinking = false;

  /** The oldest of all projects. */
  const findOldest = (before: number): { projectId: string; id: string; start: number }[] =>
    (projects.all() as { id: string }[])
      .flatMap(({ id: projectId }) =>
        (oldest.all([projectId, before, TRACES_A_STEP]) as { id: string; start: number }[]).map((row) => ({
          ...row,
          projectId,
        })),
      )
      .sort((a, b) => a.start - b.start)
      .slice(0, TRACES_A_STEP);

  return {
    deleteTraces(projectId, traceIds) {
      const deleted = traceIds.filter((traceId) => deleter.delete(projectId, traceId)).length;
      forget();
      while (sweeper.sweep(BLOBS_A_STEP));
      return deleted;
    },

    deleteProjectStep(projectId) {
      dropKeys.run([projectId]);
      const traces = oldest.all([projectId, Number.MAX_VALUE, TRACES_A_STEP]) as { id: string }[];
      for (const { id } of traces) deleter.delete(projectId, id);
      if (traces.length === 0) for (const statement of dropRest) statement.run([projectId]);
      forget();
      const moreBlobs = sweeper.sweep(BLOBS_A_STEP);
      database.exec(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`);
      return { deletedTraces: traces.length, isDone: traces.length === 0 && !moreBlobs };
    },

    pruneStep({ before, maxBytes }) {
      const tooLarge = maxBytes !== null && usedBytes() > maxBytes * (isShrinking ? KEPT_PART : 1);
      isShrinking = tooLarge;
      const traces = tooLarge ? findOldest(Number.MAX_VALUE) : before === null ? [] : findOldest(before);
      for (const { projectId, id } of traces) deleter.delete(projectId, id);
      if (traces.length > 0) forget();
      const moreBlobs = sweeper.sweep(BLOBS_A_STEP);
      database.exec(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`);
      return { deletedTraces: traces.length, isDone: traces.length === 0 && !moreBlobs };
    },
  };
}
