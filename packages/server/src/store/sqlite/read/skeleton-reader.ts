import type { TraceSkeleton } from "../../../api/lists.ts";
import { SKELETON_FLAGS, WordList } from "../../../query/skeleton.ts";
import { sql, type Runner } from "./sql.ts";

/** Parts of a millisecond in which a start is exact: so fine are a double's steps at today's dates. */
const START_PARTS = 4096;

/** Milliseconds as whole microseconds: SQLite writes integers several times faster than fractions. */
const micros = (ms: string): string => `CAST(${ms} * 1000 + 0.5 AS INTEGER)`;

/** An expression a column, each of which comes as one JSON array: 50 000 rows of single cells would take several times as long. */
const COLUMNS = {
  ids: "id",
  parents: "parent_id",
  names: "name",
  models: "model",
  // Few values together, which are taken apart once each.
  kinds: "type || ' ' || status || ' ' || level",
  starts: `CAST(start_time * ${START_PARTS} AS INTEGER)`,
  durationMicros: `CASE WHEN end_time IS NULL THEN -1 ELSE ${micros("max(end_time - start_time, 0)")} END`,
  firstTokenMicros: `CASE WHEN first_token < 0 THEN -1 ELSE ${micros("first_token")} END`,
  inputTokens: "ifnull(input_tokens, 0)",
  outputTokens: "ifnull(output_tokens, 0)",
  costs: "CASE WHEN total_cost < 0 THEN -1 ELSE total_cost END",
  flags: `has_input * ${SKELETON_FLAGS.input} | has_output * ${SKELETON_FLAGS.output} | usage_aggregate * ${SKELETON_FLAGS.aggregate} |
    ifnull(cost_source = 'provided', 0) * ${SKELETON_FLAGS.costProvided} | (status_message IS NOT NULL) * ${SKELETON_FLAGS.statusMessage}`,
} as const;

type Column = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Column[];

/** Columns that the answer has as they come from the database. */
type Texts = Pick<
  TraceSkeleton,
  "ids" | "durationMicros" | "firstTokenMicros" | "inputTokens" | "outputTokens" | "costs" | "flags"
>;

/**
 * The skeleton of a trace as JSON, in UTF-8.
 *
 * @param trace its number in `trace_summaries`.
 * @param scored ids of observations that have scores.
 */
export function readSkeleton(
  runner: Runner,
  { projectId, traceId, trace }: { projectId: string; traceId: string; trace: number },
  scored: ReadonlySet<string>,
): Uint8Array<ArrayBuffer> {
  const texts = runner.raw<string[]>(
    sql(
      `SELECT ${NAMES.map((name) => `json_group_array(${COLUMNS[name]})`).join(", ")} FROM observation_rows WHERE trace = ?`,
      trace,
    ),
  )[0];
  const column = Object.fromEntries(NAMES.map((name, index) => [name, texts?.[index] ?? "[]"])) as Record<
    Column,
    string
  >;
  const unsorted = <T>(name: Column): T[] => JSON.parse(column[name]) as T[];
  const [unsortedStarts, unsortedIds] = [unsorted<number>("starts"), unsorted<string>("ids")];
  const order = orderOf(unsortedStarts, unsortedIds);
  const sorted = <T>(name: Column): T[] => permute(unsorted<T>(name), order);
  const ids = permute(unsortedIds, order);
  const starts = permute(unsortedStarts, order);
  const [first = 0] = starts;
  const places = new Map(ids.map((id, index) => [id, index]));
  const words = new WordList();
  const wordsOf = (list: readonly (string | null)[]): number[] => list.map((text) => words.add(text));
  const kinds = sorted<string>("kinds");
  const kindOf = new Map([...new Set(kinds)].map((kind) => [kind, wordsOf(kind.split(" "))]));
  const part = (index: number): number[] => kinds.map((kind) => kindOf.get(kind)?.[index] ?? 0);
  const small: Omit<TraceSkeleton, keyof Texts> = {
    traceId,
    projectId,
    count: ids.length,
    parents: sorted<string | null>("parents").map((id) => (id === null ? -1 : (places.get(id) ?? -2))),
    names: wordsOf(sorted<string>("names")),
    types: part(0),
    models: wordsOf(sorted<string | null>("models")),
    statuses: part(1),
    levels: part(2),
    startMicros: starts.map((start) => Math.round(((start - first) / START_PARTS) * 1000)),
    dictionary: words.words,
    startTime: first / START_PARTS,
  };
  const textOf = (name: keyof Texts): string => (order === null ? column[name] : JSON.stringify(sorted(name)));
  const flags = textOf("flags");
  const asTheyAre: Record<keyof Texts, string> = {
    ids: order === null ? column.ids : JSON.stringify(ids),
    durationMicros: textOf("durationMicros"),
    firstTokenMicros: textOf("firstTokenMicros"),
    inputTokens: textOf("inputTokens"),
    outputTokens: textOf("outputTokens"),
    costs: textOf("costs"),
    flags: scored.size === 0 ? flags : withScores(flags, ids, scored),
  };
  const members = Object.entries(asTheyAre).map(([name, json]) => `,"${name}":${json}`);
  const json = `${JSON.stringify(small).slice(0, -1)}${members.join("")}}`;
  return new TextEncoder().encode(json);
}

/** Places in order of start, then id; `null` where they are in that order. Sorted by SQLite, rows take a quarter of the whole longer. */
function orderOf(starts: readonly number[], ids: readonly string[]): number[] | null {
  const compare = (a: number, b: number): number => {
    const difference = (starts[a] ?? 0) - (starts[b] ?? 0);
    if (difference !== 0) return difference;
    return (ids[a] ?? "") < (ids[b] ?? "") ? -1 : 1;
  };
  const places = [...starts.keys()];
  return places.every((place) => place === 0 || compare(place - 1, place) < 0) ? null : places.sort(compare);
}

function permute<T>(list: T[], order: readonly number[] | null): T[] {
  return order === null ? list : order.map((place) => list[place] as T);
}

function withScores(flags: string, ids: readonly string[], scored: ReadonlySet<string>): string {
  const values = JSON.parse(flags) as number[];
  return JSON.stringify(
    values.map((value, index) => (scored.has(ids[index] ?? "") ? value | SKELETON_FLAGS.scores : value)),
  );
}
