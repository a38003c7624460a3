import type { Counted, NumberedPage } from "../store/datasets.ts";
import type { Query } from "../http/query.ts";

/** Langfuse refuses longer pages too. */
const MAX_PAGE = 100;
const DEFAULT_PAGE = 50;
const MAX_PAGE_NUMBER = 1e9;

export interface PageQuery extends NumberedPage {
  page: number;
}

/** `page`, counted from 1, and `limit`, at most 100. @throws {HttpError} 400. */
export function readPage(query: Query): PageQuery {
  const page = query.whole("page", 1, MAX_PAGE_NUMBER, 1);
  const limit = query.whole("limit", 1, MAX_PAGE, DEFAULT_PAGE);
  return { page, limit, offset: (page - 1) * limit };
}

/** The answer of a route that counts its pages. */
export function numberedAnswer<T>({ data, total }: Counted<T>, { page, limit }: PageQuery): object {
  return { data, meta: { page, limit, totalItems: total, totalPages: Math.ceil(total / limit) } };
}

export const iso = (time: number): string => new Date(time).toISOString();
export const isoOrNull = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : iso(time);
