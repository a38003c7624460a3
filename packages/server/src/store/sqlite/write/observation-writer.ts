import type Database from "libsql";
import type { StoredObservation } from "../../../model/observation.ts";
import { factsOf } from "../../../query/trace-facts.ts";
import {
  OBSERVATION_COLUMNS,
  PAYLOAD_FIELDS,
  decodeObservation,
  decodePayload,
  encodeObservation,
} from "../columns.ts";
import type { PayloadRow, PayloadValue, SqlValue } from "../columns.ts";
import type { BlobReader } from "../payload/blob-reader.ts";
import type { BlobWriter } from "../payload/blob-writer.ts";
import { Lru } from "../payload/lru.ts";
import { TermWriter } from "./term-writer.ts";
import { indexedMetadata } from "../../../search/metadata.ts";
import { termsOf } from "./terms.ts";
import { TraceState } from "./trace-state.ts";
import { TraceSummaryWriter } from "./trace-summary-writer.ts";

/** Rows whose facts are kept of the traces written last, so that a trace that grows is not read again for each batch. ~400 bytes each. */
const MAX_ROWS_IN_MEMORY = 150_000;

type Row = Record<string, SqlValue>;

/** Called with a row that comes, and with the one whose place it takes. */
export type RowListener = (projectId: string, after: StoredObservation, before: Row | undefined) => void;

/** Writes observations and, at the end of the transaction, what is computed from them. */
export class ObservationWriter {
  readonly #blobs: BlobWriter;
  readonly #terms: TermWriter;
  readonly #summaries: TraceSummaryWriter;
  readonly #states = new Lru<string, TraceState>(MAX_ROWS_IN_MEMORY, (state) => state.size + 1);
  readonly #touched = new Set<TraceState>();
  readonly #onRow: RowListener;
  readonly #findTrace;
  readonly #insertTrace;
  readonly #insertRow;
  readonly #updateRow;
  readonly #findRow;
  readonly #rowsOfTrace;
  readonly #putPayload;
  readonly #noteRefs;
  readonly #dropRefs;
  readonly #reader: BlobReader;

  constructor(database: Database.Database, blobs: BlobWriter, reader: BlobReader, onRow: RowListener) {
    this.#reader = reader;
    this.#blobs = blobs;
    this.#onRow = onRow;
    this.#terms = new TermWriter(database);
    this.#summaries = new TraceSummaryWriter(database);
    const columns = ["trace", "project_id", ...OBSERVATION_COLUMNS];
    this.#findTrace = database.prepare("SELECT rid FROM trace_summaries WHERE project_id = ? AND trace_id = ?");
    this.#insertTrace = this.#summaries.prepareInsert();
    this.#insertRow = database.prepare(
      `INSERT INTO observation_rows (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    this.#updateRow = database.prepare(
      `UPDATE observation_rows SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE rid = ?`,
    );
    this.#findRow = database.prepare("SELECT * FROM observation_rows WHERE rid = ?");
    this.#rowsOfTrace = database.prepare(
      "SELECT o.*, p.* FROM observation_rows o JOIN observation_payloads p ON p.obs = o.rid WHERE o.trace = ?",
    );
    const payload = ["obs", ...PAYLOAD_FIELDS.map(([, column]) => column), "metadata_keys"];
    this.#putPayload = database.prepare(
      `INSERT OR REPLACE INTO observation_payloads (${payload.join(", ")}) VALUES (${payload.map(() => "?").join(", ")})`,
    );
    this.#noteRefs = database.prepare(
      "INSERT OR IGNORE INTO blob_candidates SELECT blob FROM blob_refs WHERE owner = ?",
    );
    this.#dropRefs = database.prepare("DELETE FROM blob_refs WHERE owner = ?");
  }

  write(projectId: string, observation: StoredObservation): void {
    const state = this.#stateOf(projectId, observation.traceId);
    const stored = state.facts.rows.get(observation.id);
    if (stored !== undefined && observation.rank < stored.rank) return;
    const values = [state.rid, projectId, ...encodeObservation(observation)];
    let rid: number;
    if (stored === undefined) {
      this.#onRow(projectId, observation, undefined);
      rid = Number(this.#insertRow.run(values).lastInsertRowid);
    } else {
      ({ rid } = stored);
      this.#onRow(projectId, observation, this.#findRow.get([rid]) as Row);
      this.#updateRow.run([...values, rid]);
      this.#noteRefs.run([rid]);
      this.#dropRefs.run([rid]);
    }
    this.#writePayload(projectId, rid, observation);
    const terms = termsOf(observation).map(([field, value]) => this.#terms.idOf(projectId, field, value));
    state.put(factsOf(rid, terms, observation));
    this.#touched.add(state);
  }

  /** At the end of a call, inside its savepoint: writes what its rows add up to. */
  flush(): void {
    for (const state of this.#touched) {
      this.#summaries.write(state.rid, state.facts.summarize());
      for (const term of state.changedTerms) {
        if (state.hasTerm(term)) this.#terms.link(state.rid, term);
        else this.#terms.unlink(state.rid, term);
      }
      state.changedTerms.clear();
      // Weighed anew: it has grown.
      this.#states.set(keyOf(state.projectId, state.traceId), state);
    }
    this.#touched.clear();
  }

  /** After a rollback, or when rows were removed: what is kept in memory is read again. */
  reset(): void {
    this.#states.clear();
    this.#touched.clear();
    this.#terms.reset();
  }

  #stateOf(projectId: string, traceId: string): TraceState {
    const key = keyOf(projectId, traceId);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const found = this.#findTrace.get([projectId, traceId]) as { rid: number } | undefined;
    const rid = found?.rid ?? Number(this.#insertTrace.run([projectId, traceId]).lastInsertRowid);
    const state = new TraceState(projectId, traceId, rid);
    if (found !== undefined) this.#load(state);
    this.#states.set(key, state);
    return state;
  }

  #load(state: TraceState): void {
    for (const row of this.#rowsOfTrace.iterate([state.rid]) as IterableIterator<PayloadRow>) {
      const payload = decodePayload(row, (value) => this.#reader.text(value));
      const observation = { ...decodeObservation(row as Row), payload };
      const terms = termsOf(observation).map(([field, value]) => this.#terms.idOf(state.projectId, field, value));
      state.put(factsOf(Number(row["rid"]), terms, observation));
    }
    state.changedTerms.clear();
  }

  #writePayload(projectId: string, rid: number, { payload }: StoredObservation): void {
    const refs = new Set<number>();
    const values: PayloadValue[] = PAYLOAD_FIELDS.map(([field]) => {
      const kind = field === "input" || field === "output" ? "text" : "data";
      return this.#blobs.write(projectId, kind, payload[field], refs);
    });
    this.#putPayload.run([rid, ...values, metadataKeys(payload, values)]);
    this.#blobs.hold(rid, refs);
  }
}

/** Metadata that is not in the row as text cannot be asked for its keys: they are kept beside it. */
function metadataKeys(
  { metadata, traceMetadata }: StoredObservation["payload"],
  values: readonly PayloadValue[],
): string | null {
  const inRow = PAYLOAD_FIELDS.every(
    ([field], index) => (field !== "metadata" && field !== "traceMetadata") || !(values[index] instanceof Uint8Array),
  );
  if (inRow && traceMetadata === null) return null;
  return JSON.stringify({ ...indexedMetadata(traceMetadata), ...indexedMetadata(metadata) });
}

function keyOf(projectId: string, traceId: string): string {
  return `${projectId}\n${traceId}`;
}
