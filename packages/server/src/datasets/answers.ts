import type { Dataset, DatasetItem, DatasetRun } from "../api/datasets.ts";
import type { Page } from "../api/lists.ts";
import { HttpError } from "../http/errors.ts";
import { parseOrNull } from "../http/json-body.ts";
import type { Query } from "../http/query.ts";
import type { StoredDataset, StoredDatasetItem, StoredDatasetRun } from "../model/dataset.ts";
import type { Counted, NumberedPage } from "../store/datasets.ts";

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

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** `limit` and `cursor`, which names where the next page begins. @throws {HttpError} 400. */
export function readCursorPage(query: Query): NumberedPage {
  const limit = query.whole("limit", 1, MAX_PAGE, DEFAULT_PAGE);
  const cursor = query.text("cursor");
  if (cursor === undefined) return { limit, offset: 0 };
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!/^\d{1,15}$/.test(text)) throw new HttpError(400, "bad_cursor", "The cursor is not one this server gave out.");
  return { limit, offset: Number(text) };
}

export function pageAnswer<T>({ data, total }: Counted<T>, { offset }: NumberedPage): Page<T> {
  const next = offset + data.length;
  return { data, nextCursor: next < total ? Buffer.from(String(next)).toString("base64url") : null };
}
