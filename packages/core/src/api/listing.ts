import { ApiError } from "./errors.ts";

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** What to pass as `cursor` for the next page; `undefined` on the last one. */
  cursor: string | undefined;
  /** How many there are in all, where the route says it. */
  total: number | undefined;
}

export interface ListOptions {
  /** Items a page. Default: the backend's, mostly 50. Langfuse allows 100, for observations 1000. */
  limit?: number | undefined;
  /** Where to go on: the `cursor` of an earlier page. */
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * A list that is asked for when it is used: `await` it for one page, or loop over it with `for await` for all pages. Each
 * use asks anew.
 */
export class Listing<T> implements PromiseLike<Page<T>>, AsyncIterable<T> {
  readonly #fetchPage: (cursor: string | undefined) => Promise<Page<T>>;
  readonly #cursor: string | undefined;

  constructor(fetchPage: (cursor: string | undefined) => Promise<Page<T>>, cursor: string | undefined) {
    this.#fetchPage = fetchPage;
    this.#cursor = cursor;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what this class is for
  then<A = Page<T>, B = never>(
    onFulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#fetchPage(this.#cursor).then(onFulfilled, onRejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let cursor = this.#cursor;
    do {
      const page = await this.#fetchPage(cursor);
      yield* page.data;
      if (page.cursor !== undefined && page.cursor === cursor) {
        throw new ApiError("the backend answered a page with its own cursor: the list has no end", {
          code: "UNREADABLE",
        });
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** A page of a route that counts pages from 1; the cursor is the next page's number. */
export function numberedPage<T>(answer: unknown, read: (item: unknown) => T): Page<T> {
  const { data, meta } = Object(answer) as {
    data?: unknown;
    meta?: { page?: number; totalPages?: number; totalItems?: number };
  };
  const page = meta?.page ?? 1;
  return {
    data: itemsOf(data).map(read),
    cursor: page < (meta?.totalPages ?? 0) ? String(page + 1) : undefined,
    total: meta?.totalItems,
  };
}

/** A page of a route with opaque cursors. */
export function cursorPage<T>(answer: unknown, read: (item: unknown) => T): Page<T> {
  const { data, meta } = Object(answer) as { data?: unknown; meta?: { cursor?: string | null } };
  return { data: itemsOf(data).map(read), cursor: meta?.cursor ?? undefined, total: undefined };
}

function itemsOf(data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  throw new ApiError("the backend's answer is not a page: it has no data", { code: "UNREADABLE", body: data });
}
