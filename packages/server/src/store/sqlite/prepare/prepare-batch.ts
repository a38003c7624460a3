import type { ObservationPayload, StoredObservation } from "../../../model/observation.ts";
import { rememberLast } from "../../../search/metadata.ts";
import type { WriteBatch } from "../../batch.ts";
import { PAYLOAD_FIELDS, encodeObservation } from "../columns.ts";
import { CellTableBuilder } from "./cell-table.ts";
import { cutPayload } from "./cut-payload.ts";
import { encodeBatch, type EncodedBatch } from "./encode-batch.ts";
import { ROW_WIDTH, type BlobKind, type PreparedValue } from "./prepared.ts";
import { termsOf } from "./terms.ts";
import { TextTable } from "./text-table.ts";

const KINDS: readonly BlobKind[] = PAYLOAD_FIELDS.map(([field]) =>
  field === "input" || field === "output" ? "text" : field === "resource" ? "common" : "data",
);
/** Events and links have a time or an id each, and never come again: hashing and counting tens of thousands of them takes a second. */
const REPEATS = PAYLOAD_FIELDS.map(([field]) => field !== "events" && field !== "span");
const METADATA = PAYLOAD_FIELDS.findIndex(([field]) => field === "metadata");
const TRACE_METADATA = PAYLOAD_FIELDS.findIndex(([field]) => field === "traceMetadata");

/** Runs where the batch comes from, so that the one thread that writes does only what needs the database. */
export function prepareBatch(projectId: string, batch: WriteBatch): EncodedBatch {
  const texts = new TextTable(projectId);
  const terms = new TermTable();
  const rows = new CellTableBuilder(ROW_WIDTH);
  const tables: Tables = { texts, terms, rows, last: [] };
  for (const observation of batch.observations) prepare(observation, tables);
  const encoded = encodeBatch({
    scores: batch.scores,
    media: batch.media,
    bytes: batch.bytes + texts.wordBytes,
    rows: rows.build(),
    texts: texts.build(),
    terms: terms.terms,
    termLists: terms.lists,
  });
  texts.release();
  return encoded;
}

interface Tables {
  texts: TextTable;
  terms: TermTable;
  rows: CellTableBuilder;
  /** By payload field: rows of a request, and those of a trace, have texts in common. */
  last: ({ text: string; value: PreparedValue } | undefined)[];
}

const readMetadata = rememberLast();
const readTraceMetadata = rememberLast();

/** In the order of {@link ROW_WIDTH}. */
function prepare(observation: StoredObservation, { texts, terms, rows, last }: Tables): void {
  const { payload } = observation;
  for (const value of encodeObservation(observation)) rows.push(value);
  const values = PAYLOAD_FIELDS.map(([field], index) => {
    const text = payload[field];
    const before = last[index];
    if (text !== null && before?.text === text) return before.value;
    const value = cutPayload(KINDS[index] ?? "data", text, texts, REPEATS[index]);
    if (text !== null) last[index] = { text, value };
    return value;
  });
  for (const value of values) rows.push(value);
  const metadata = readMetadata(payload.metadata);
  const traceMetadata = readTraceMetadata(payload.traceMetadata);
  rows.push(isMetadataInRow(payload, values) ? null : JSON.stringify({ ...traceMetadata, ...metadata }));
  rows.push(terms.addList(termsOf(observation, [metadata, traceMetadata])));
}

/** Metadata that is not in the row as text cannot be asked for its keys: they are kept beside it. */
function isMetadataInRow({ traceMetadata }: ObservationPayload, values: readonly PreparedValue[]): boolean {
  return traceMetadata === null && !Array.isArray(values[METADATA]) && !Array.isArray(values[TRACE_METADATA]);
}

/** Numbers the distinct terms of a batch, and lists of them. */
class TermTable {
  readonly terms: [field: string, value: string][] = [];
  readonly lists: number[][] = [];
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #listNumbers = new Map<string, number>();

  addList(terms: readonly [field: string, value: string][]): number {
    const list = terms.map(([field, value]) => this.#add(field, value));
    const key = list.join();
    let number = this.#listNumbers.get(key);
    if (number === undefined) this.#listNumbers.set(key, (number = this.lists.push(list) - 1));
    return number;
  }

  #add(field: string, value: string): number {
    let values = this.#numbers.get(field);
    if (values === undefined) this.#numbers.set(field, (values = new Map()));
    let number = values.get(value);
    if (number === undefined) values.set(value, (number = this.terms.push([field, value]) - 1));
    return number;
  }
}
