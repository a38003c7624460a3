import type { TraceDetail } from "../../api/types.ts";
import { compareRows, describeTrace, findRoot } from "../../query/summary.ts";
import type { ObservationReads, ObservationRecord } from "../observations.ts";
import { toRecord } from "../record.ts";
import type { ScoreReads } from "../scores.ts";
import type { Sync } from "../store.ts";
import { decodeObservation, decodePayload, type PayloadRow, type PayloadValue, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";
import { BlobReader } from "./payload/blob-reader.ts";
import { DensityReader } from "./read/density-reader.ts";
import { FacetReader } from "./read/facet-reader.ts";
import { ListReader } from "./read/list-reader.ts";
import { NameIndex } from "./read/name-index.ts";
import { Runner, sql, type Sql } from "./read/sql.ts";
import { OF_TRACE, WITH_PAYLOAD, checkStoredRows } from "./row-reader.ts";

type Row = Record<string, SqlValue>;

/** What reads of observations share. */
export interface ReadContext {
  runner: Runner;
  blobs: BlobReader;
  names: NameIndex;
  scores: Sync<ScoreReads>;
  lists: ListReader;
}

export function createReadContext(
  database: Database.Database,
  scores: Sync<ScoreReads>,
  watch?: (statement: Sql) => void,
): ReadContext {
  const runner = new Runner(database, watch);
  const names = new NameIndex(runner);
  const blobs = new BlobReader(database);
  return { runner, names, blobs, scores, lists: new ListReader(runner, names, blobs) };
}

export function createObservationReads(context: ReadContext): Sync<ObservationReads> {
  const { runner, blobs, scores, lists } = context;
  const facets = new FacetReader(runner, lists.selector);
  const densities = new DensityReader(runner, lists);
  const readText = (value: PayloadRow[string]): string | null => blobs.text(value as PayloadValue);

  return {
    listTraces: (projectId, options) => lists.listTraces(projectId, options),
    listObservations: (projectId, options) => lists.listObservations(projectId, options),

    countFacets: (projectId, target, selection) => facets.countFacets(projectId, target, selection),
    density: (projectId, target, selection, buckets) => densities.density(projectId, target, selection, buckets),

    getTrace(projectId, traceId, maxRows): TraceDetail | null {
      checkStoredRows(runner, projectId, traceId, maxRows);
      const stored = runner.all<Row>(sql(`SELECT o.* FROM observation_rows o WHERE ${OF_TRACE}`, projectId, traceId));
      const rows = stored.map(decodeObservation).toSorted(compareRows);
      const root = findRoot(rows);
      if (root === undefined) return null;
      const payload = runner.get<PayloadRow>(
        sql(
          `SELECT p.trace_metadata FROM observation_rows o JOIN observation_payloads p ON p.obs = o.rid WHERE ${OF_TRACE} AND o.id = ?`,
          projectId,
          traceId,
          root.id,
        ),
      );
      const metadata = readText(payload?.["trace_metadata"] ?? null);
      return describeTrace(projectId, rows, scores.listScores(projectId, traceId), metadata);
    },

    getTraceHead(projectId, traceId): TraceDetail["trace"] | null {
      const row = runner.get<PayloadRow>(
        sql(
          `SELECT t.rid, t.public, t.version, p.trace_metadata FROM trace_summaries t
           LEFT JOIN observation_payloads p ON p.obs = t.root WHERE t.project_id = ? AND t.trace_id = ?`,
          projectId,
          traceId,
        ),
      );
      if (row === undefined) return null;
      const metadata = readText(row["trace_metadata"] ?? null);
      return {
        ...lists.trace(projectId, Number(row["rid"])),
        metadata: metadata === null ? null : (JSON.parse(metadata) as Record<string, unknown>),
        public: row["public"] === 1,
        version: typeof row["version"] === "string" ? row["version"] : null,
      };
    },

    getObservation(projectId, traceId, id, head): ObservationRecord | null {
      const row = runner.get<PayloadRow>(sql(`${WITH_PAYLOAD} WHERE ${OF_TRACE} AND o.id = ?`, projectId, traceId, id));
      if (row === undefined) return null;
      const own = scores.listScores(projectId, traceId).filter((score) => score.observationId === id);
      // One more than asked for tells that there is more.
      const maxChars = head === undefined ? undefined : head + 1;
      const payload = decodePayload(row, (value) => blobs.text(value, maxChars));
      return toRecord(decodeObservation(row as Row), payload, own);
    },
  };
}
