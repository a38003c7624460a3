import type Database from "libsql";
import { factsOf, type RowFacts, type TraceFactsSummary } from "../../../query/trace-facts.ts";
import { OBSERVATION_COLUMNS, PAYLOAD_FIELDS, decodeObservation, decodePayload } from "../columns.ts";
import type { PayloadRow, SqlValue } from "../columns.ts";
import type { BlobReader } from "../payload/blob-reader.ts";
import type { BlobNames, BlobWriter } from "../payload/blob-writer.ts";
import { Recent } from "../payload/recent.ts";
import { rowCount } from "../prepare/cell-table.ts";
import { observationAt, type PreparedBatch, type PreparedObservation } from "../prepare/prepared.ts";
import { summedRow, type SummedRow } from "../prepare/summed-row.ts";
import { termsOf } from "../prepare/terms.ts";
import { BulkInsert } from "./bulk-insert.ts";
import { rolledRow, type RollupWriter } from "./rollup-writer.ts";
import { SparseInsert } from "./sparse-insert.ts";
import { TermWriter } from "./term-writer.ts";
import { indexedMetadata } from "../../../search/metadata.ts";
import { TraceState } from "./trace-state.ts";
import { TraceSums } from "./trace-sums.ts";
import { TraceSummaryWriter } from "./trace-summary-writer.ts";
import { SUMMARY_VALUES, ownValues, valuesOfSummary, type SummaryValues } from "./trace-values.ts";

/**
 * Rows whose facts are kept of the traces written last, so that a trace that grows is not read again for each batch; about a kilobyte each. The
 * one that is being written stays, however large.
 */
const MAX_ROWS_IN_MEMORY = 20_000;

type Row = Record<string, SqlValue>;

const COLUMNS = [...OBSERVATION_COLUMNS, "trace", "project_id"];

/** Of closed lists, or the same on nearly all rows. */
const WORD_COLUMNS = ["project_id", "type", "level", "status", "environment"];

/** A row that came in this call, and the one whose place it takes. */
interface Change {
  state: TraceState;
  observation: SummedRow;
  facts: RowFacts;
  before: { row: SummedRow; facts: RowFacts } | null;
}

interface StoredTrace extends SummaryValues {
  rid: number;
  start_time: number;
  duration: number;
}

/** Writes observations and, at the end of the transaction, what is computed from them. */
export class ObservationWriter {
  readonly #blobs: BlobWriter;
  readonly #terms: TermWriter;
  readonly #summaries: TraceSummaryWriter;
  readonly #states = new Recent<string, TraceState>(MAX_ROWS_IN_MEMORY, (state) => state.size + 1);
  /** Of this call. */
  readonly #touched = new Map<string, TraceState>();
  readonly #rollups: RollupWriter;
  #changes: Change[] = [];
  readonly #findTrace;
  readonly #insertRow;
  readonly #updateRow;
  readonly #findRow;
  readonly #setRepeats;
  readonly #setSummedAsTrace;
  readonly #rowsOfTrace;
  readonly #putPayload;
  readonly #noteRefs;
  readonly #noteBlob;
  readonly #dropRefs;
  readonly #reader: BlobReader;

  constructor(database: Database.Database, blobs: BlobWriter, reader: BlobReader, rollups: RollupWriter) {
    this.#reader = reader;
    this.#blobs = blobs;
    this.#rollups = rollups;
    this.#terms = new TermWriter(database);
    this.#summaries = new TraceSummaryWriter(database);
    this.#insertRow = new SparseInsert(database, "observation_rows", COLUMNS, WORD_COLUMNS);
    this.#findTrace = database.prepare(
      `SELECT rid, start_time, duration, ${SUMMARY_VALUES} FROM trace_summaries WHERE project_id = ? AND trace_id = ?`,
    );
    this.#updateRow = database.prepare(
      `UPDATE observation_rows SET ${COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE rid = ?`,
    );
    this.#setRepeats = database.prepare("UPDATE observation_rows SET repeats_usage = ? WHERE rid = ?");
    this.#setSummedAsTrace = database.prepare("UPDATE trace_summaries SET summed_as_trace = 1 WHERE rid = ?");
    this.#findRow = database.prepare("SELECT * FROM observation_rows WHERE rid = ?");
    this.#rowsOfTrace = database.prepare(
      "SELECT o.*, p.* FROM observation_rows o JOIN observation_payloads p ON p.obs = o.rid WHERE o.trace = ?",
    );
    const payload = ["obs", ...PAYLOAD_FIELDS.map(([, column]) => column), "metadata_keys"];
    this.#putPayload = new BulkInsert(database, "observation_payloads", payload, "REPLACE");
    this.#noteRefs = database.prepare(
      "INSERT OR IGNORE INTO blob_candidates (blob, project_id) SELECT blob, ? FROM blob_refs WHERE owner = ?",
    );
    this.#noteBlob = database.prepare("INSERT OR IGNORE INTO blob_candidates (blob, project_id) VALUES (?, ?)");
    this.#dropRefs = database.prepare("DELETE FROM blob_refs WHERE owner = ?");
  }

  write(projectId: string, batch: PreparedBatch): void {
    const blobs = this.#blobs.put(batch.texts);
    const termIds = batch.terms.map(([field, value]) => this.#terms.idOf(projectId, field, value));
    for (let row = 0; row < rowCount(batch.rows); row++)
      this.#write(projectId, observationAt(batch, row), blobs, termIds);
  }

  #write(projectId: string, prepared: PreparedObservation, blobs: BlobNames, termIds: readonly number[]): void {
    const row = summedRow(prepared.values);
    const state = this.#stateOf(projectId, row.traceId);
    const stored = state.facts.rows.get(row.id);
    const refs = new Set<number>();
    const payload = prepared.payload.map((value) => this.#blobs.write(projectId, value, blobs, refs));
    if (stored !== undefined && row.rank < stored.rank) {
      // Its texts may be nobody's.
      for (const blob of refs) this.#noteBlob.run([blob, projectId]);
      return;
    }
    const values = [...prepared.values, state.rid, projectId];
    let rid: number;
    let before: Change["before"] = null;
    if (stored === undefined) {
      rid = this.#insertRow.run(values);
    } else {
      ({ rid } = stored);
      // Its earlier form may have come in this call.
      this.#flushRows();
      before = { row: decodeObservation(this.#findRow.get([rid]) as Row), facts: stored };
      this.#updateRow.run([...values, rid]);
      this.#noteRefs.run([projectId, rid]);
      this.#dropRefs.run([rid]);
    }
    this.#putPayload.add(rid, ...payload, prepared.metadataKeys);
    this.#blobs.hold(rid, refs);
    const terms = prepared.terms.map((number) => termIds[number] ?? 0);
    const facts = factsOf(rid, terms, row);
    state.put(facts);
    if (stored === undefined) this.#states.grow(1);
    this.#touched.set(keyOf(projectId, row.traceId), state);
    this.#changes.push({ state, observation: row, facts, before });
  }

  /** At the end of a call: writes what its rows add up to. */
  flush(): void {
    this.#flushRows();
    const replaced = this.#replacedRows();
    const summaries = [...this.#touched.values()].map((state) => {
      const summary = state.facts.summarize();
      const values = valuesOfSummary(summary);
      if (state.written !== null) {
        const sums = (): TraceSums => state.sums(replaced.get(state) ?? []);
        this.#rollups.moveRows(state.projectId, sums, state.values, values);
      }
      state.values = values;
      return { state, summary };
    });
    for (const change of this.#changes) this.#rollUp(change);
    this.#changes = [];
    for (const { state, summary } of summaries) {
      for (const facts of state.findChangedRepeats()) this.#changeRepeats(state, facts);
      this.#rollUpTrace(state, summary);
      for (const term of state.changedTerms) {
        if (state.hasTerm(term)) this.#terms.link(state.rid, term);
        else this.#terms.unlink(state.rid, term);
      }
      state.changedTerms.clear();
    }
    this.#terms.flush();
    this.#touched.clear();
  }

  #flushRows(): void {
    this.#putPayload.flush();
    this.#blobs.flushRefs();
  }

  /** What rows of this call replaced and the sums have still, by trace. */
  #replacedRows(): ReadonlyMap<TraceState, RowFacts[]> {
    const replaced = new Map<TraceState, RowFacts[]>();
    for (const { state, before } of this.#changes) {
      if (before?.facts.repeatsUsage === undefined) continue;
      const rows = replaced.get(state);
      if (rows === undefined) replaced.set(state, [before.facts]);
      else rows.push(before.facts);
    }
    return replaced;
  }

  /** When all rows of the call are known, as an agent's numbers count only where no call reports its own. */
  #rollUp({ state, observation, facts, before }: Change): void {
    const wasRepeated = before?.facts.repeatsUsage === true;
    if (before !== null) this.#count(state, before.row, wasRepeated, -1);
    const isRepeated = state.facts.repeatsUsage(facts);
    facts.repeatsUsage = isRepeated;
    this.#count(state, observation, isRepeated, 1);
    if (isRepeated !== wasRepeated) this.#setRepeats.run([Number(isRepeated), facts.rid]);
  }

  /** An agent that came before the calls below it, say: its numbers leave the sums of its hour. */
  #changeRepeats(state: TraceState, facts: RowFacts): void {
    const row = decodeObservation(this.#findRow.get([facts.rid]) as Row);
    this.#count(state, row, facts.repeatsUsage === true, -1);
    facts.repeatsUsage = state.facts.repeatsUsage(facts);
    this.#count(state, row, facts.repeatsUsage, 1);
    this.#setRepeats.run([Number(facts.repeatsUsage), facts.rid]);
  }

  #count({ projectId, values, keptSums }: TraceState, row: SummedRow, repeatsUsage: boolean, sign: 1 | -1): void {
    const rolled = rolledRow(row, values, repeatsUsage);
    this.#rollups.addRow(projectId, rolled, sign);
    keptSums?.add(rolled, sign);
  }

  #rollUpTrace(state: TraceState, summary: TraceFactsSummary): void {
    const { projectId, written } = state;
    const { startTime, durationMs } = this.#summaries.write(state, summary);
    if (written?.startTime === startTime && written.durationMs === durationMs) return;
    if (written !== null) this.#rollups.addTrace(projectId, written.startTime, written.durationMs, -1);
    this.#rollups.addTrace(projectId, startTime, durationMs, 1);
    state.written = { startTime, durationMs };
  }

  /** After a rollback, or when rows were removed: what is kept in memory is read again. */
  reset(): void {
    this.#states.clear();
    this.#touched.clear();
    this.#changes = [];
    this.#putPayload.reset();
    this.#terms.reset();
    this.#summaries.reset();
  }

  #stateOf(projectId: string, traceId: string): TraceState {
    const key = keyOf(projectId, traceId);
    const known = this.#touched.get(key) ?? this.#states.get(key);
    if (known !== undefined) return known;
    const found = this.#findTrace.get([projectId, traceId]) as StoredTrace | undefined;
    const state = new TraceState(projectId, traceId, found?.rid ?? this.#summaries.takeRid());
    if (found !== undefined) {
      state.written = { startTime: found.start_time, durationMs: found.duration };
      state.values = valuesOfSummary(found);
      this.#load(state, found.summed_as_trace === 1);
    }
    this.#states.set(key, state);
    return state;
  }

  /** @param isSummed its rows are in the sums under its values; else, once, they are brought there. */
  #load(state: TraceState, isSummed: boolean): void {
    for (const row of this.#rowsOfTrace.iterate([state.rid]) as IterableIterator<PayloadRow>) {
      const payload = decodePayload(row, (value) => this.#reader.text(value));
      const observation = decodeObservation(row as Row);
      const metadata = [payload.metadata, payload.traceMetadata].map(indexedMetadata);
      const terms = termsOf(observation, metadata).map(([field, value]) =>
        this.#terms.idOf(state.projectId, field, value),
      );
      const facts = factsOf(Number(row["rid"]), terms, observation);
      facts.repeatsUsage = row["repeats_usage"] === 1;
      state.put(facts);
      const sums = (): TraceSums => new TraceSums([facts]);
      if (!isSummed) this.#rollups.moveRows(state.projectId, sums, ownValues(observation), state.values);
    }
    if (!isSummed) this.#setSummedAsTrace.run([state.rid]);
    state.changedTerms.clear();
  }
}

function keyOf(projectId: string, traceId: string): string {
  return `${projectId}\n${traceId}`;
}
