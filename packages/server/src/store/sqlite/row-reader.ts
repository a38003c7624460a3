import type { StoredObservation } from "../../model/observation.ts";
import { compareRows } from "../../query/summary.ts";
import { MAX_OPEN_BATCH_ROWS, UNLIMITED, type OpenBatchRow, type RowReads } from "../rows.ts";
import type { Sync } from "../store.ts";
import { checkTraceChars, checkTraceRows, payloadChars } from "../whole-rows.ts";
import { decodeObservation, decodePayload, type PayloadRow, type SqlValue } from "./columns.ts";
import type { BlobReader } from "./payload/blob-reader.ts";
import { sql, type Row, type Runner } from "./read/sql.ts";

/** The rows of one trace. Takes the project and the trace's id. */
export const OF_TRACE = "o.trace = (SELECT rid FROM trace_summaries WHERE project_id = ? AND trace_id = ?)";
export const WITH_PAYLOAD = "SELECT o.*, p.* FROM observation_rows o JOIN observation_payloads p ON p.obs = o.rid";

export function createRowReads(runner: Runner, blobs: BlobReader): Sync<RowReads> {
  // As the partial index `rows_open_batch` says it.
  const open = sql(
    `SELECT project_id AS projectId, trace_id AS traceId, id FROM observation_rows
     WHERE end_time IS NULL AND field_orders IS NOT NULL LIMIT ${MAX_OPEN_BATCH_ROWS}`,
  );
  return {
    listOpenBatchRows: () =>
      runner.all<Row & OpenBatchRow>(open).map(({ projectId, traceId, id }) => ({ projectId, traceId, id })),
    readRows(projectId, traceId, ids, { maxRows, maxChars } = UNLIMITED) {
      const some =
        ids === undefined ? sql("") : sql(" AND o.id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
      if (ids === undefined) checkStoredRows(runner, projectId, traceId, maxRows);
      const rows = runner.all<PayloadRow>(
        sql(`${WITH_PAYLOAD} WHERE ${OF_TRACE}${some.text}`, projectId, traceId, ...some.params),
      );
      let chars = 0;
      const whole = rows.map((row) => {
        const decoded = decodeWhole(row, blobs);
        chars += payloadChars(decoded);
        checkTraceChars(chars, maxChars);
        return decoded;
      });
      return whole.toSorted(compareRows);
    },
  };
}

/** Before any is read. @throws {TraceTooLargeError} */
export function checkStoredRows(runner: Runner, projectId: string, traceId: string, maxRows = Infinity): void {
  if (maxRows === Infinity) return;
  const stored = runner.get<{ observations: number }>(
    sql("SELECT observations FROM trace_summaries WHERE project_id = ? AND trace_id = ?", projectId, traceId),
  );
  checkTraceRows(stored?.observations ?? 0, maxRows);
}

/** A row of {@link WITH_PAYLOAD}. */
export function decodeWhole(row: PayloadRow, blobs: BlobReader): StoredObservation {
  const { hasInput: _, hasOutput: __, ...observation } = decodeObservation(row as Record<string, SqlValue>);
  return { ...observation, payload: decodePayload(row, (value) => blobs.text(value)) };
}
