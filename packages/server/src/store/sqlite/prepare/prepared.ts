import type { WriteBatch } from "../../batch.ts";
import type { SqlValue } from "../columns.ts";
import type { RowObjects } from "./summed-row.ts";

/**
 * What is found by full-text search, what is kept only, and what all rows of a process have in common. Each has blobs of its own. The
 * common ones are few, and nobody counts who uses them: they stay.
 */
export type BlobKind = "text" | "data" | "common";

/** Distinct texts of a batch that become blobs, in columns. */
export interface PreparedTexts {
  texts: string[];
  kinds: BlobKind[];
  /** See `hashOf`. */
  hashes: string[];
  /** What the index is given. `null` for texts that are not searched, and for those which came lately and hence are there already. */
  words: (string | null)[];
}

/** A payload's column: short text as it is, else literals and numbers of {@link PreparedTexts} from 1 on; signs as in a recipe. */
export type PreparedValue = string | null | (string | number)[];

export interface PreparedObservation {
  /** In the order of `OBSERVATION_COLUMNS`. */
  values: SqlValue[];
  objects: RowObjects;
  /** In the order of `PAYLOAD_FIELDS`. */
  payload: PreparedValue[];
  metadataKeys: string | null;
  /** Numbers of {@link PreparedBatch.terms}. */
  terms: number[];
}

/** A batch with all that needs no database done: cut into texts, these hashed and their words gathered. */
export interface PreparedBatch extends Omit<WriteBatch, "observations"> {
  prepared: PreparedObservation[];
  texts: PreparedTexts;
  /** Distinct, as `[field, value]`. */
  terms: [field: string, value: string][];
}
