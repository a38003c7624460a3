import type { Dataset, DatasetItem, DatasetItemRow, DatasetRow, DatasetRun, DatasetRunRow } from "../api/datasets.ts";
import type { Page } from "../api/lists.ts";
import { HttpError } from "../http/errors.ts";
import { parseOrNull } from "../http/json-body.ts";
import type { Query } from "../http/query.ts";
import type { StoredDataset, StoredDatasetItem, StoredDatasetRun } from "../model/dataset.ts";
import type { Counted, NumberedPage } from "../store/datasets.ts";
import { MAX_ROW_PAYLOAD_CHARS, headOf } from "../store/row-bounds.ts";

// The viewer's shapes: JSON texts parsed, times as they are.

export function datasetAnswer(projectId: string, dataset: StoredDataset): Dataset {
  return {
    ...dataset,
    projectId,
    metadata: parseOrNull(dataset.metadata),
    inputSchema: parseOrNull(dataset.inputSchema),
    expectedOutputSchema: parseOrNull(dataset.expectedOutputSchema),
  };
}

export function itemAnswer(item: StoredDatasetItem): DatasetItem {
  return {
    ...item,
    input: parseOrNull(item.input),
    expectedOutput: parseOrNull(item.expectedOutput),
    metadata: parseOrNull(item.metadata),
  };
}

export function runAnswer(run: StoredDatasetRun): DatasetRun {
  return { ...run, metadata: parseOrNull(run.metadata) };
}

// Rows of lists: a page of 200 items, each of which may be as large as a request, has the beginning of each payload.

const DATASET_PAYLOADS = ["metadata", "inputSchema", "expectedOutputSchema"] as const;
const ITEM_PAYLOADS = ["input", "expectedOutput", "metadata"] as const;
const RUN_PAYLOADS = ["metadata"] as const;

export function datasetRow(projectId: string, dataset: StoredDataset): DatasetRow {
  return cutRow(dataset, DATASET_PAYLOADS, (rest) => datasetAnswer(projectId, rest));
}

export function itemRow(item: StoredDatasetItem): DatasetItemRow {
  return cutRow(item, ITEM_PAYLOADS, itemAnswer);
}

export function runRow(run: StoredDatasetRun): DatasetRunRow {
  return cutRow(run, RUN_PAYLOADS, runAnswer);
}

/** @param answer of the row without what is cut. */
function cutRow<F extends string, Stored extends Record<F, string | null>, Answer extends Record<F, unknown>>(
  stored: Stored,
  payloads: readonly F[],
  answer: (stored: Stored) => Answer,
): Answer & { truncated?: F[] } {
  const truncated = payloads.filter((field) => (stored[field]?.length ?? 0) > MAX_ROW_PAYLOAD_CHARS);
  if (truncated.length === 0) return answer(stored);
  const heads = Object.fromEntries(
    truncated.map((field) => [field, headOf(stored[field] ?? "", MAX_ROW_PAYLOAD_CHARS)]),
  );
  const nothing = Object.fromEntries(truncated.map((field) => [field, null]));
  return { ...answer({ ...stored, ...nothing }), ...heads, truncated };
}

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** `limit` and `cursor`, which names where the next page begins; of rows. @throws {HttpError} 400. */
export function readCursorPage(query: Query): NumberedPage {
  const limit = query.whole("limit", 1, MAX_PAGE, DEFAULT_PAGE);
  const cursor = query.text("cursor");
  const head = MAX_ROW_PAYLOAD_CHARS;
  if (cursor === undefined) return { limit, offset: 0, head };
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!/^\d{1,15}$/.test(text)) throw new HttpError(400, "bad_cursor", "The cursor is not one this server gave out.");
  return { limit, offset: Number(text), head };
}

export function pageAnswer<T>({ data, total }: Counted<T>, { offset }: NumberedPage): Page<T> {
  const next = offset + data.length;
  return { data, nextCursor: next < total ? Buffer.from(String(next)).toString("base64url") : null };
}
