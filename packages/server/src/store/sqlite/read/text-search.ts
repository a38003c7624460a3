import type { QueryTarget } from "../../../query/language/ast.ts";
import { toFtsQuery, type TextPattern } from "../../../search/text.ts";
import type { NameIndex } from "./name-index.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/**
 * With at most this many texts, and observations that have one of them, what was found is gathered first. Beyond it, the list is walked in
 * its order and each row is asked whether it has the words.
 */
const RARE_TEXTS = 2000;
const RARE_OWNERS = 5000;

/**
 * With at most this many texts, a row's are looked up in a set of them, which takes two microseconds a row, but some 20 ms to make. With more, each is
 * looked up in the index, at 50 microseconds a row: what is as common as that fills a page soon.
 */
const MAX_SET_TEXTS = 100_000;

type Named = readonly { id: number; name: string }[];

/** Observations, or traces with one, whose name, input or output has the words. */
export class TextSearch {
  readonly #runner: Runner;
  readonly #names: NameIndex;
  readonly #projectId: string;
  readonly #target: QueryTarget;
  readonly #found = new Map<string, number[] | null>();

  constructor(runner: Runner, names: NameIndex, projectId: string, target: QueryTarget) {
    this.#runner = runner;
    this.#names = names;
    this.#projectId = projectId;
    this.#target = target;
  }

  condition(pattern: TextPattern): Sql {
    const rids = this.find(pattern);
    if (rids === null) return this.#asked(pattern);
    const main = this.#target === "traces" ? "t" : "o";
    return sql(`${main}.rid IN (SELECT value FROM json_each(?))`, JSON.stringify(rids));
  }

  /**
   * The rows that have the words; `null` when they are common. The lists in between are few numbers each and are handed from statement to
   * statement: as one statement, the full-text index would be searched again at each place that names its hits.
   */
  find(pattern: TextPattern): number[] | null {
    const query = toFtsQuery(pattern);
    let found = this.#found.get(query);
    if (found === undefined) this.#found.set(query, (found = this.#search(query, this.#named(pattern))));
    return found;
  }

  #search(query: string, named: Named): number[] | null {
    const texts = this.#few(sql("SELECT rowid FROM search WHERE search MATCH ?", query), RARE_TEXTS);
    if (texts === null) return null;
    const owners = this.#few(ownersOf(texts), RARE_OWNERS);
    if (owners === null) return null;
    const traces = named.length === 0 ? [] : this.#few(tracesNamed(named), RARE_OWNERS);
    if (traces === null) return null;
    if (this.#target === "traces") {
      const holding = this.#few(
        sql("SELECT trace FROM observation_rows WHERE rid IN (SELECT value FROM json_each(?))", JSON.stringify(owners)),
        RARE_OWNERS,
      );
      return [...new Set([...(holding ?? []), ...traces])];
    }
    if (traces.length === 0) return owners;
    const own = this.#few(
      sql(
        `SELECT rid FROM observation_rows WHERE trace IN (SELECT value FROM json_each(?))
         AND name IN (SELECT value FROM json_each(?))`,
        JSON.stringify(traces),
        JSON.stringify(named.map(({ name }) => name)),
      ),
      RARE_OWNERS,
    );
    return own && [...new Set([...owners, ...own])];
  }

  #named(pattern: TextPattern): Named {
    return this.#names.find(this.#projectId, pattern);
  }

  /** Of each row whether it has the words. */
  #asked(pattern: TextPattern): Sql {
    const query = toFtsQuery(pattern);
    const named = this.#named(pattern);
    const texts = JSON.stringify(named.map(({ name }) => name));
    const holds = this.#hasAtMost(query, MAX_SET_TEXTS) ? holdsOneOf : holdsByIndex;
    if (this.#target === "observations") {
      const own = holds("o.rid", query);
      return named.length === 0 ? own : or(sql("o.name IN (SELECT value FROM json_each(?))", texts), own);
    }
    const held = holds("a.rid", query);
    const any = sql(`EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND ${held.text})`, ...held.params);
    if (named.length === 0) return any;
    const terms = JSON.stringify(named.map(({ id }) => id));
    return or(
      sql(
        "EXISTS (SELECT 1 FROM trace_terms x WHERE x.trace = t.rid AND x.term IN (SELECT value FROM json_each(?)))",
        terms,
      ),
      any,
    );
  }

  #hasAtMost(query: string, limit: number): boolean {
    const found = this.#runner.get<{ n: number }>(
      sql(`SELECT count(*) AS n FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ${limit + 1})`, query),
    );
    return (found?.n ?? 0) <= limit;
  }

  /** The numbers a statement selects, each once; `null` when they are more than the limit. */
  #few({ text, params }: Sql, limit: number): number[] | null {
    const rows = this.#runner.raw<[number]>(sql(`SELECT * FROM (${text}) LIMIT ${limit + 1}`, ...params));
    return rows.length > limit ? null : [...new Set(rows.map(([value]) => value))];
  }
}

/** Observations that name one of the blobs, by themselves or through a group; one may come more than once. */
export function ownersOf(blobs: readonly number[]): Sql {
  const list = JSON.stringify(blobs);
  return sql(
    `SELECT owner FROM blob_refs WHERE blob IN (SELECT value FROM json_each(?)) AND owner > 0
     UNION ALL SELECT r.owner FROM blob_refs g CROSS JOIN blob_refs r ON r.blob = -g.owner
     WHERE g.blob IN (SELECT value FROM json_each(?)) AND g.owner < 0`,
    list,
    list,
  );
}

function tracesNamed(named: Named): Sql {
  return sql(
    "SELECT trace FROM trace_terms WHERE term IN (SELECT value FROM json_each(?))",
    JSON.stringify(named.map(({ id }) => id)),
  );
}

/** What the words stand in is read once, as a set. The plus keeps SQLite from looking up each of the set for each row. */
function holdsOneOf(rid: string, query: string): Sql {
  const hits = "(SELECT rowid FROM search WHERE search MATCH ?)";
  return sql(
    `(EXISTS (SELECT 1 FROM blob_refs r WHERE r.owner = ${rid} AND +r.blob IN ${hits})
      OR EXISTS (SELECT 1 FROM blob_refs r CROSS JOIN blob_refs g
        WHERE r.owner = ${rid} AND g.owner = -r.blob AND +g.blob IN ${hits}))`,
    query,
    query,
  );
}

/** The order of the joins is fixed: from the one observation to its blobs, each of which is then looked up in the index. */
function holdsByIndex(rid: string, query: string): Sql {
  return sql(
    `(EXISTS (SELECT 1 FROM blob_refs r CROSS JOIN search WHERE r.owner = ${rid} AND search.rowid = r.blob AND search MATCH ?)
      OR EXISTS (SELECT 1 FROM blob_refs r CROSS JOIN blob_refs g CROSS JOIN search
        WHERE r.owner = ${rid} AND g.owner = -r.blob AND search.rowid = g.blob AND search MATCH ?))`,
    query,
    query,
  );
}

function or(a: Sql, b: Sql): Sql {
  return sql(`(${a.text} OR ${b.text})`, ...a.params, ...b.params);
}
