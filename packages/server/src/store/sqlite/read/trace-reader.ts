import type { FindResponse } from "../../../api/lists.ts";
import { MAX_FOUND, NOTHING_FOUND } from "../../groups.ts";
import { matchesText, toFtsQuery, tokenize, type TextPattern } from "../../../search/text.ts";
import type { ScoreReads } from "../../scores.ts";
import type { Sync } from "../../store.ts";
import { readSkeleton } from "./skeleton-reader.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Reads over all rows of one trace, of any size. */
export class TraceReader {
  readonly #runner: Runner;
  readonly #scores: Sync<ScoreReads>;

  constructor(runner: Runner, scores: Sync<ScoreReads>) {
    this.#runner = runner;
    this.#scores = scores;
  }

  skeleton(projectId: string, traceId: string): Uint8Array<ArrayBuffer> | null {
    const trace = this.#find(projectId, traceId);
    if (trace === undefined) return null;
    const scored = new Set(this.#scores.listScores(projectId, traceId).flatMap((score) => score.observationId ?? []));
    return readSkeleton(this.#runner, { projectId, traceId, trace }, scored);
  }

  /** First the texts of the index that lie in the trace's range, then the rows that name one of them. */
  find(projectId: string, traceId: string, pattern: TextPattern | null): FindResponse | null {
    const trace = this.#find(projectId, traceId);
    if (trace === undefined) return null;
    if (pattern === null) return NOTHING_FOUND;
    const refs = this.#runner.raw<[rid: number, blob: number]>(
      sql(
        "SELECT r.owner, r.blob FROM observation_rows o CROSS JOIN blob_refs r WHERE o.trace = ? AND r.owner = o.rid",
        trace,
      ),
    );
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    const inGroups = this.#inGroups(new Set(refs.map(([, blob]) => blob)));
    for (const blobs of [refs.map(([, blob]) => blob), [...inGroups.values()].flat()]) {
      for (const blob of blobs) {
        low = Math.min(low, blob);
        high = Math.max(high, blob);
      }
    }
    const hits = new Set(
      high === 0
        ? []
        : this.#runner
            .raw<[number]>(
              sql(
                "SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?",
                toFtsQuery(pattern),
                low,
                high,
              ),
            )
            .map(([rowid]) => rowid),
    );
    const found = new Set<number>();
    for (const [rid, blob] of refs) {
      if (hits.has(blob) || inGroups.get(blob)?.some((inner) => hits.has(inner)) === true) found.add(rid);
    }
    const rows = this.#runner.raw<[rid: number, id: string, name: string, start: number]>(
      sql("SELECT rid, id, name, start_time FROM observation_rows WHERE trace = ?", trace),
    );
    const ids = rows
      .filter(([rid, , name]) => found.has(rid) || matchesText(tokenize(name), pattern))
      .sort((a, b) => a[3] - b[3] || (a[1] < b[1] ? -1 : 1))
      .map(([, id]) => id);
    return { ids: ids.slice(0, MAX_FOUND), truncated: ids.length > MAX_FOUND };
  }

  /** What is in the groups among the blobs. */
  #inGroups(blobs: ReadonlySet<number>): Map<number, number[]> {
    const rows = this.#runner.raw<[group: number, blob: number]>(
      sql(
        "SELECT -owner, blob FROM blob_refs WHERE owner IN (SELECT -value FROM json_each(?))",
        JSON.stringify([...blobs]),
      ),
    );
    const groups = new Map<number, number[]>();
    for (const [group, blob] of rows) {
      const inner = groups.get(group);
      if (inner === undefined) groups.set(group, [blob]);
      else inner.push(blob);
    }
    return groups;
  }

  #find(projectId: string, traceId: string): number | undefined {
    const query: Sql = sql("SELECT rid FROM trace_summaries WHERE project_id = ? AND trace_id = ?", projectId, traceId);
    return this.#runner.get<{ rid: number }>(query)?.rid;
  }
}
