import type { TraceSkeleton } from "../../../api/lists.ts";
import { SKELETON_FLAGS, WordList } from "../../../query/skeleton.ts";
import { sql, type Runner } from "./sql.ts";

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
  starts: micros("start_time"),
  durations: `CASE WHEN end_time IS NULL THEN -1000 ELSE ${micros("(end_time - start_time)")} END`,
  firstTokens: `CASE WHEN first_token < 0 THEN -1000 ELSE ${micros("first_token")} END`,
  inputTokens: "ifnull(input_tokens, 0)",
  outputTokens: "ifnull(output_tokens, 0)",
  costs: "total_cost",
  flags: `has_input * ${SKELETON_FLAGS.input} | has_output * ${SKELETON_FLAGS.output} | usage_aggregate * ${SKELETON_FLAGS.aggregate} |
    ifnull(cost_source = 'provided', 0) * ${SKELETON_FLAGS.costProvided} | (status_message IS NOT NULL) * ${SKELETON_FLAGS.statusMessage}`,
} as const;

type Column = keyof typeof COLUMNS;
const NAMES = Object.keys(COLUMNS) as Column[];

/** Columns that the answer has as they come from the database. */
type Texts = Pick<TraceSkeleton, "ids" | "inputTokens" | "outputTokens" | "costs" | "flags">;

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
  // The rows' numbers are sorted, not the rows.
  const [[startTime, ...texts] = [0]] = runner.raw<[first: number | null, ...texts: string[]]>(
    sql(
      `SELECT min(start_time), ${NAMES.map((name) => `json_group_array(${COLUMNS[name]})`).join(", ")}
       FROM (SELECT rid AS sorted FROM observation_rows WHERE trace = ? ORDER BY start_time, id LIMIT -1)
       CROSS JOIN observation_rows ON rid = sorted`,
      trace,
    ),
  );
  const column = Object.fromEntries(NAMES.map((name, index) => [name, texts[index] ?? "[]"])) as Record<Column, string>;
  const ids = JSON.parse(column.ids) as string[];
  const places = new Map(ids.map((id, index) => [id, index]));
  const words = new WordList();
  const wordsOf = (texts: readonly (string | null)[]): number[] => texts.map((text) => words.add(text));
  const microsOf = (name: Column): number[] => JSON.parse(column[name]) as number[];
  const times = (name: Column, from = 0): number[] => microsOf(name).map((value) => (value - from) / 1000);
  const kinds = JSON.parse(column.kinds) as string[];
  const kindOf = new Map([...new Set(kinds)].map((kind) => [kind, wordsOf(kind.split(" "))]));
  const part = (index: number): number[] => kinds.map((kind) => kindOf.get(kind)?.[index] ?? 0);
  const small: Omit<TraceSkeleton, keyof Texts> = {
    traceId,
    projectId,
    count: ids.length,
    parents: (JSON.parse(column.parents) as (string | null)[]).map((id) => (id === null ? -1 : (places.get(id) ?? -2))),
    names: wordsOf(JSON.parse(column.names) as string[]),
    types: part(0),
    models: wordsOf(JSON.parse(column.models) as (string | null)[]),
    statuses: part(1),
    levels: part(2),
    starts: times("starts", Math.round((startTime ?? 0) * 1000)),
    durations: times("durations"),
    firstTokens: times("firstTokens"),
    dictionary: words.words,
    startTime: startTime ?? 0,
  };
  const asTheyAre: Record<keyof Texts, string> = {
    ids: column.ids,
    inputTokens: column.inputTokens,
    outputTokens: column.outputTokens,
    costs: column.costs,
    flags: scored.size === 0 ? column.flags : withScores(column.flags, ids, scored),
  };
  const members = Object.entries(asTheyAre).map(([name, json]) => `,"${name}":${json}`);
  const json = `${JSON.stringify(small).slice(0, -1)}${members.join("")}}`;
  return new TextEncoder().encode(json);
}

function withScores(flags: string, ids: readonly string[], scored: ReadonlySet<string>): string {
  const values = JSON.parse(flags) as number[];
  return JSON.stringify(
    values.map((value, index) => (scored.has(ids[index] ?? "") ? value | SKELETON_FLAGS.scores : value)),
  );
}
