import type { Context } from "hono";
import type { QueryErrorResponse, SortField } from "../api/lists.ts";
import { HttpError } from "../http/errors.ts";
import { Query, parseNumber } from "../http/query.ts";
import {
  DEFAULT_PAGE_SIZE,
  InvalidSortError,
  MAX_PAGE_SIZE,
  type ListOptions,
  type Selection,
  type Sort,
} from "../store/store.ts";
import { QueryError, type QueryTarget } from "./language/ast.ts";
import { parseQuery } from "./language/parse.ts";

/** Of a page. */
export const LIST_PARAMETERS: readonly string[] = ["limit", "cursor", "sort"];

const SORT_FIELDS: readonly SortField[] = [
  "start",
  "duration",
  "cost",
  "tokens",
  "firstToken",
  "name",
  "errors",
  "observations",
];

/**
 * `q`, `from` and `to`. A parameter of another name is refused: a filter that is passed over would answer with too much.
 *
 * @param others what the route takes beside these.
 * @throws {QueryError} @throws {HttpError} 400
 */
export function readSelection(context: Context, target: QueryTarget, others: readonly string[]): Selection {
  const query = new Query(context).only("q", "from", "to", ...others);
  return {
    filter: parseQuery(query.text("q") ?? "", target),
    from: readTime(query, "from"),
    to: readTime(query, "to"),
  };
}

/** Everything that a list takes. @throws {QueryError} @throws {HttpError} 400 */
export function readListOptions(context: Context, target: QueryTarget): ListOptions {
  return {
    ...readSelection(context, target, LIST_PARAMETERS),
    ...readPage(context),
    sort: readSort(new Query(context).text("sort")),
  };
}

/** `limit` and `cursor`. @throws {HttpError} 400 */
export function readPage(context: Context): { limit: number; cursor: string | undefined } {
  const limit = readWhole(context, "limit", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  return { limit, cursor: new Query(context).raw("cursor") };
}

/** `target=traces|observations`. @throws {HttpError} 400 */
export function readTarget(context: Context): QueryTarget {
  const target = new Query(context).raw("target") ?? "traces";
  if (target === "traces" || target === "observations") return target;
  throw new HttpError(400, "bad_request", "target is traces or observations.");
}

/** A whole number from 1 to `max`. @throws {HttpError} 400 */
export function readWhole(context: Context, name: string, fallback: number, max: number): number {
  return new Query(context).whole(name, 1, max, fallback);
}

function readTime(query: Query, name: "from" | "to"): number | undefined {
  const text = query.text(name);
  if (text === undefined) return undefined;
  const time = parseNumber(text);
  if (time !== null) return time;
  throw new HttpError(400, "bad_request", `${name} is a time in epoch milliseconds.`);
}

function readSort(text: string | undefined): Sort | undefined {
  if (text === undefined) return undefined;
  const descending = text.startsWith("-");
  const field = SORT_FIELDS.find((candidate) => candidate === text.slice(descending ? 1 : 0));
  if (field !== undefined) return { field, descending };
  throw new HttpError(400, "bad_sort", `sort is one of ${SORT_FIELDS.join(", ")}, with - in front for descending.`);
}

/** Answers what is wrong with a query or a sort with 400. */
export async function answerList(context: Context, run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof QueryError) {
      const { message, start, end, suggestions } = error;
      return context.json({ error: "bad_query", message, start, end, suggestions } satisfies QueryErrorResponse, 400);
    }
    if (error instanceof InvalidSortError) throw new HttpError(400, "bad_sort", error.message);
    throw error;
  }
}
