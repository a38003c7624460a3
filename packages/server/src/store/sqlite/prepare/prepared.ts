import type { WriteBatch } from "../../batch.ts";
import { OBSERVATION_COLUMNS, PAYLOAD_FIELDS, type SqlValue } from "../columns.ts";
import { cellsOf, type CellList, type CellTable } from "./cell-table.ts";
import type { TextBytes } from "./text-bytes.ts";

/**
 * What is found by full-text search, what is kept only, and what all rows of a process have in common. Each has blobs of its own. The
 * common ones are few, and nobody counts who uses them: they stay.
 */
export type BlobKind = "text" | "data" | "common";

/** Distinct texts of a batch that become blobs, in columns. */
export interface PreparedTexts {
  texts: TextBytes;
  kinds: BlobKind[];
  /** See `hashOf`. */
  hashes: string[];
  /** What the index is given. None for texts that are not searched, and for those which came lately and hence are there already. */
  words: TextBytes;
}

/** A payload's column: short text as it is, else literals and numbers of {@link PreparedTexts} from 1 on; signs as in a recipe. */
export type PreparedValue = string | null | CellList;

export interface PreparedObservation {
  /** In the order of `OBSERVATION_COLUMNS`. */
  values: SqlValue[];
  /** In the order of `PAYLOAD_FIELDS`. */
  payload: PreparedValue[];
  metadataKeys: string | null;
  /** Numbers of {@link PreparedBatch.terms}. */
  terms: readonly number[];
}

/** A batch with all that needs no database done: cut into texts, these hashed and their words gathered. */
export interface PreparedBatch extends Omit<WriteBatch, "observations"> {
  /** A row for each observation: see {@link observationAt}. */
  rows: CellTable;
  texts: PreparedTexts;
  /** Distinct, as `[field, value]`. */
  terms: [field: string, value: string][];
  /** Distinct lists of numbers of terms: rows of a kind have the same. */
  termLists: number[][];
}

const PAYLOAD_AT = OBSERVATION_COLUMNS.length;
const METADATA_KEYS_AT = PAYLOAD_AT + PAYLOAD_FIELDS.length;
const TERM_LIST_AT = METADATA_KEYS_AT + 1;
/** Columns of {@link PreparedBatch.rows}: those of the row, of its payload, the keys of its metadata, and a number of a list of terms. */
export const ROW_WIDTH = TERM_LIST_AT + 1;

export function observationAt({ rows, termLists }: PreparedBatch, row: number): PreparedObservation {
  const [metadataKeys, termList] = cellsOf(rows, row, METADATA_KEYS_AT, ROW_WIDTH);
  return {
    values: cellsOf(rows, row, 0, PAYLOAD_AT) as SqlValue[],
    payload: cellsOf(rows, row, PAYLOAD_AT, METADATA_KEYS_AT) as PreparedValue[],
    metadataKeys: metadataKeys as string | null,
    terms: termLists[termList as number] ?? [],
  };
}
