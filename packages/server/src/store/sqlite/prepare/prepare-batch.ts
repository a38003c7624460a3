import type { ObservationPayload, StoredObservation } from "../../../model/observation.ts";
import { indexedMetadata } from "../../../search/metadata.ts";
import type { WriteBatch } from "../../batch.ts";
import { PAYLOAD_FIELDS, encodeObservation } from "../columns.ts";
import { cutPayload } from "./cut-payload.ts";
import type { BlobKind, PreparedBatch, PreparedObservation, PreparedValue } from "./prepared.ts";
import { termsOf } from "./terms.ts";
import { TextTable } from "./text-table.ts";

const KINDS: readonly BlobKind[] = PAYLOAD_FIELDS.map(([field]) =>
  field === "input" || field === "output" ? "text" : field === "resource" ? "common" : "data",
);
const METADATA = PAYLOAD_FIELDS.findIndex(([field]) => field === "metadata");
const TRACE_METADATA = PAYLOAD_FIELDS.findIndex(([field]) => field === "traceMetadata");

/** Runs where the batch comes from, so that the one thread that writes does only what needs the database. */
export function prepareBatch(projectId: string, batch: WriteBatch): PreparedBatch {
  const { observations, scores, media } = batch;
  const texts = new TextTable(projectId);
  const terms = new TermTable();
  const prepared = observations.map((observation) => prepare(observation, texts, terms));
  return {
    scores,
    media,
    bytes: batch.bytes + texts.wordChars,
    prepared,
    texts: texts.columns,
    terms: terms.terms,
  };
}

function prepare(observation: StoredObservation, texts: TextTable, terms: TermTable): PreparedObservation {
  const { payload } = observation;
  const values = PAYLOAD_FIELDS.map(([field], index) => cutPayload(KINDS[index] ?? "data", payload[field], texts));
  const metadata = indexedMetadata(payload.metadata);
  const traceMetadata = indexedMetadata(payload.traceMetadata);
  return {
    values: encodeObservation(observation),
    objects: { usage: observation.usage, cost: observation.cost, tags: observation.tags },
    payload: values,
    metadataKeys: isMetadataInRow(payload, values) ? null : JSON.stringify({ ...traceMetadata, ...metadata }),
    terms: termsOf(observation, [metadata, traceMetadata]).map(([field, value]) => terms.add(field, value)),
  };
}

/** Metadata that is not in the row as text cannot be asked for its keys: they are kept beside it. */
function isMetadataInRow({ traceMetadata }: ObservationPayload, values: readonly PreparedValue[]): boolean {
  return traceMetadata === null && !Array.isArray(values[METADATA]) && !Array.isArray(values[TRACE_METADATA]);
}

/** Numbers the distinct terms of a batch. */
class TermTable {
  readonly terms: [field: string, value: string][] = [];
  readonly #numbers = new Map<string, Map<string, number>>();

  add(field: string, value: string): number {
    let values = this.#numbers.get(field);
    if (values === undefined) this.#numbers.set(field, (values = new Map()));
    let number = values.get(value);
    if (number === undefined) values.set(value, (number = this.terms.push([field, value]) - 1));
    return number;
  }
}
