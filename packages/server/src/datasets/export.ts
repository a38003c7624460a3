import { parseOrNull } from "../http/json-body.ts";
import { csvCell, csvRow } from "../query/export/csv.ts";
import type { StoredDatasetItem } from "../model/dataset.ts";
import type { Store } from "../store/store.ts";
import { toExample } from "./fine-tuning/example.ts";
import { NoChatError } from "./fine-tuning/types.ts";

/** Items read at one time: some megabytes, where inputs are long conversations. */
const PAGE_ITEMS = 100;

/** Which items: as they were when the export began, so that pages fit together while others write. */
export interface ExportScope {
  projectId: string;
  datasetId: string;
  asOf: number;
}

type LineWriter = (item: StoredDatasetItem) => string | null;

/** One JSON object a line, with every field of the item. */
export const jsonLine: LineWriter = (item) => {
  const { input, expectedOutput, metadata, ...small } = item;
  const texts = { input, expectedOutput, metadata };
  // The texts are JSON already: what is in them stays exact.
  const members = Object.entries(texts).map(([key, text]) => `"${key}":${text ?? "null"}`);
  return `${JSON.stringify(small).slice(0, -1)},${members.join(",")}}\n`;
};

const CSV_COLUMNS = [
  "id",
  "input",
  "expectedOutput",
  "metadata",
  "status",
  "sourceTraceId",
  "sourceObservationId",
  "createdAt",
] as const satisfies readonly (keyof StoredDatasetItem)[];

export const CSV_HEAD: string = csvRow(CSV_COLUMNS);

/** JSON strings as their text, everything else as JSON, times in ISO 8601. */
export const csvLine: LineWriter = (item) => {
  const cells = CSV_COLUMNS.map((column): string => {
    const value = item[column];
    if (value === null) return "";
    if (typeof value === "number") return new Date(value).toISOString();
    const isJson = column === "input" || column === "expectedOutput" || column === "metadata";
    return csvCell(isJson && value.startsWith('"') ? (JSON.parse(value) as string) : value);
  });
  return csvRow(cells);
};

/** A training example; `null` for an item that is none, and for those that are archived. */
export const fineTuningLine: LineWriter = (item) => {
  if (item.status === "ARCHIVED") return null;
  try {
    return `${JSON.stringify(toExample(parseOrNull(item.input), parseOrNull(item.expectedOutput)))}\n`;
  } catch (error) {
    if (error instanceof NoChatError) return null;
    throw error;
  }
};

/** How many items `write` leaves out. Reads all of them: a header has to be sent before the first line. */
export async function countSkipped(store: Store, scope: ExportScope, write: LineWriter): Promise<number> {
  let skipped = 0;
  for await (const items of pagesOf(store, scope)) {
    for (const item of items) if (write(item) === null) skipped += 1;
  }
  return skipped;
}

/** The lines as they are read: one page is held at a time, however large the dataset. */
export function streamLines(store: Store, scope: ExportScope, head: string, write: LineWriter): ReadableStream {
  const encoder = new TextEncoder();
  const pages = pagesOf(store, scope);
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (head !== "") controller.enqueue(encoder.encode(head));
      },
      async pull(controller) {
        const { done, value } = await pages.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value.map((item) => write(item) ?? "").join("")));
      },
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* pagesOf(store: Store, { projectId, datasetId, asOf }: ExportScope) {
  for (let offset = 0; ; offset += PAGE_ITEMS) {
    const page = { limit: PAGE_ITEMS, offset };
    const { data } = await store.listDatasetItems(projectId, { datasetId, asOf }, page);
    if (data.length > 0) yield data;
    if (data.length < PAGE_ITEMS) return;
  }
}
