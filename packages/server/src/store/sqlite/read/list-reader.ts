import type { ObservationListRow, Page, SortField } from "../../../api/lists.ts";
import type { TraceSummary } from "../../../api/types.ts";
import { previewOfHead } from "../../../mapping/preview.ts";
import type { QueryTarget } from "../../../query/language/ast.ts";
import { decodeCursor, encodeCursor, keyTypes, listOrder, type CursorKey } from "../../cursor.ts";
import { InvalidSortError } from "../../errors.ts";
import { toListRow, toTraceSummary } from "../../list-rows.ts";
import { boundTexts } from "../../row-bounds.ts";
import { DEFAULT_SORT, type ListOptions, type Selection } from "../../observations.ts";
import { decodeObservation, type PayloadValue, type SqlValue } from "../columns.ts";
import type { BlobReader } from "../payload/blob-reader.ts";
import type { NameIndex } from "./name-index.ts";
import { RowScores } from "./row-scores.ts";
import { ANY_ORDER, Selector } from "./selection.ts";
import { sql, type Row, type Runner, type Sql } from "./sql.ts";

/** Text of a payload that a preview is looked for in; a root's is made when it is written. */
const PREVIEW_SOURCE_CHARS = 16 * 1024;

const TRACE_SORT: Record<SortField, string | undefined> = {
  start: "start_time",
  duration: "duration",
  cost: "cost",
  tokens: "tokens",
  firstToken: "first_token",
  name: "name",
  errors: "errors",
  observations: "observations",
};

const OBSERVATION_SORT: Record<SortField, string | undefined> = {
  start: "start_time",
  duration: "duration",
  cost: "total_cost",
  tokens: "tokens",
  firstToken: "first_token",
  name: "name",
  errors: undefined,
  observations: undefined,
};

const NO_SCORES = { scores: [], scoreCount: 0 };

/** Pages of traces and of observations. */
export class ListReader {
  readonly selector: Selector;
  readonly #runner: Runner;
  readonly rowScores: RowScores;
  readonly #blobs: BlobReader;

  constructor(runner: Runner, names: NameIndex, blobs: BlobReader) {
    this.#runner = runner;
    this.selector = new Selector(runner, names);
    this.rowScores = new RowScores(runner);
    this.#blobs = blobs;
  }

  listTraces(projectId: string, options: ListOptions): Page<TraceSummary> {
    const { rids, nextCursor } = this.#page(projectId, "traces", options);
    return { data: rids.map((rid) => boundTexts(this.trace(projectId, rid))), nextCursor };
  }

  listObservations(projectId: string, options: ListOptions): Page<ObservationListRow> {
    const { rids, nextCursor } = this.#page(projectId, "observations", options);
    return { data: rids.map((rid) => this.#observation(projectId, rid)), nextCursor };
  }

  trace(projectId: string, rid: number): TraceSummary {
    const row = this.#runner.get(
      sql(
        `SELECT t.*, r.input_preview, r.output_preview FROM trace_summaries t
         LEFT JOIN observation_rows r ON r.rid = t.root WHERE t.rid = ?`,
        rid,
      ),
    ) as Row;
    return toTraceSummary(row, this.rowScores.ofTrace(projectId, String(row["trace_id"])));
  }

  /** All that is selected, as the FROM and WHERE of a statement. @param withTrace true when columns of `t` are read of observations. */
  selection(projectId: string, target: QueryTarget, selection: Selection, withTrace = true): Sql {
    return this.selector.select(projectId, target, selection, { ...ANY_ORDER, withTrace });
  }

  /** The statement of a page, without its rows' content, and the cursor of a page that ends with one of its rows. */
  pageStatement(
    projectId: string,
    target: QueryTarget,
    options: ListOptions,
  ): { statement: Sql; cursorOf: (row: Row) => string } {
    const sort = options.sort ?? DEFAULT_SORT;
    const { field, descending } = sort;
    const column = (target === "traces" ? TRACE_SORT : OBSERVATION_SORT)[field];
    if (column === undefined) throw new InvalidSortError(`Observations are not sorted by ${field}.`);
    const main = target === "traces" ? "t" : "o";
    const last = target === "traces" ? ["trace_id"] : ["id", "rid"];
    const key = [...new Set([column, "start_time", ...last])].map((name) => `${main}.${name}`);
    const list = listOrder(target, sort);
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, list, keyTypes(target, sort));
    const below = typeof after?.[0] === "number" ? after[0] : undefined;
    const wanted = { sort: column, descending, below, limit: options.limit + 1 };
    const selected = this.selector.select(projectId, target, options, wanted);
    const placeholders = key.map(() => "?").join(", ");
    const seek =
      after === undefined
        ? sql("")
        : sql(` AND (${key.join(", ")}) ${descending ? "<" : ">"} (${placeholders})`, ...after);
    const order = key.map((name) => `${name} ${descending ? "DESC" : "ASC"}`).join(", ");
    const columns = [`${main}.rid AS rid`, ...key.map((name, index) => `${name} AS k${index}`)].join(", ");
    const statement = sql(
      `SELECT ${columns} ${selected.text}${seek.text} ORDER BY ${order} LIMIT ?`,
      ...selected.params,
      ...seek.params,
      options.limit + 1,
    );
    const cursorOf = (row: Row): string => encodeCursor(list, key.map((_, index) => row[`k${index}`]) as CursorKey);
    return { statement, cursorOf };
  }

  #page(projectId: string, target: QueryTarget, options: ListOptions): { rids: number[]; nextCursor: string | null } {
    const { statement, cursorOf } = this.pageStatement(projectId, target, options);
    const rows = this.#runner.all(statement);
    const page = rows.slice(0, options.limit);
    const last = page.at(-1);
    const hasMore = last !== undefined && rows.length > options.limit;
    return {
      rids: page.map((row) => Number(row["rid"])),
      nextCursor: hasMore ? cursorOf(last) : null,
    };
  }

  #observation(projectId: string, rid: number): ObservationListRow {
    const row = this.#runner.get<Record<string, SqlValue & PayloadValue>>(
      sql(
        `SELECT o.*, p.input AS payload_input, p.output AS payload_output FROM observation_rows o
         JOIN observation_payloads p ON p.obs = o.rid WHERE o.rid = ?`,
        rid,
      ),
    );
    const trace = this.#runner.get(sql("SELECT * FROM trace_summaries WHERE rid = ?", Number(row?.["trace"]))) as Row;
    const observation = decodeObservation(row as Row);
    const scores = this.rowScores.ofObservation(projectId, observation.traceId, observation.id);
    const previews = {
      input: observation.inputPreview ?? this.preview(row?.["payload_input"] ?? null),
      output: observation.outputPreview ?? this.preview(row?.["payload_output"] ?? null),
    };
    return toListRow(projectId, observation, toTraceSummary(trace, NO_SCORES), previews, scores);
  }

  /** Of a payload, for a list. */
  preview(column: PayloadValue): string | null {
    const text = this.#blobs.text(column, PREVIEW_SOURCE_CHARS);
    return text === null ? null : previewOfHead(text);
  }
}
