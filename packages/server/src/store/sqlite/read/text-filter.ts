import type { QueryTarget } from "../../../query/language/ast.ts";
import { toFtsQuery, type TextPattern } from "../../../search/text.ts";
import type { NameIndex } from "./name-index.ts";
import { join, sql, type Runner, type Sql } from "./sql.ts";

/**
 * With at most this many texts, or observations that have one of them, what was found is gathered first. Beyond it, the list is walked in
 * its order and each row is asked whether it has the words, which then finds a page's worth soon.
 */
const RARE_TEXTS = 2000;
const RARE_OWNERS = 5000;

/** Observations, or traces with one, whose name, input or output has the words. */
export function compileText(
  runner: Runner,
  names: NameIndex,
  projectId: string,
  target: QueryTarget,
  pattern: TextPattern,
): Sql {
  const query = toFtsQuery(pattern);
  const named = names.find(projectId, pattern);
  const hits = sql("SELECT rowid FROM search WHERE search MATCH ?", query);
  const owners = ownersOf(hits);
  const terms = JSON.stringify(named.map(({ id }) => id));
  const namedTraces = sql("SELECT trace FROM trace_terms WHERE term IN (SELECT value FROM json_each(?))", terms);
  const isRare =
    count(runner, hits, RARE_TEXTS) && count(runner, owners, RARE_OWNERS) && count(runner, namedTraces, RARE_OWNERS);
  const texts = JSON.stringify(named.map(({ name }) => name));
  if (isRare) {
    if (target === "traces") {
      const found = sql(`SELECT trace FROM observation_rows WHERE rid IN (${owners.text})`, ...owners.params);
      const all = named.length === 0 ? found : join([found, namedTraces], " UNION ");
      return sql(`t.rid IN (${all.text})`, ...all.params);
    }
    const found = sql(
      `SELECT rid FROM observation_rows WHERE trace IN (${namedTraces.text}) AND name IN (SELECT value FROM json_each(?))`,
      ...namedTraces.params,
      texts,
    );
    const all = named.length === 0 ? owners : join([owners, found], " UNION ");
    return sql(`o.rid IN (${all.text})`, ...all.params);
  }
  if (target === "observations") {
    const own = holds("o.rid", query);
    return named.length === 0 ? own : or(sql("o.name IN (SELECT value FROM json_each(?))", texts), own);
  }
  const held = holds("a.rid", query);
  const any = sql(`EXISTS (SELECT 1 FROM observation_rows a WHERE a.trace = t.rid AND ${held.text})`, ...held.params);
  if (named.length === 0) return any;
  return or(
    sql(
      "EXISTS (SELECT 1 FROM trace_terms x WHERE x.trace = t.rid AND x.term IN (SELECT value FROM json_each(?)))",
      terms,
    ),
    any,
  );
}

/** Observations that name one of the blobs, by themselves or through a group. */
export function ownersOf(blobs: Sql): Sql {
  return sql(
    `SELECT owner FROM blob_refs WHERE blob IN (${blobs.text}) AND owner > 0
     UNION SELECT r.owner FROM blob_refs g CROSS JOIN blob_refs r ON r.blob = -g.owner
     WHERE g.blob IN (${blobs.text}) AND g.owner < 0`,
    ...blobs.params,
    ...blobs.params,
  );
}

/** The order of the joins is fixed: from the one observation to its blobs, each of which is then looked up in the index. */
function holds(rid: string, query: string): Sql {
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

function count(runner: Runner, rows: Sql, limit: number): boolean {
  const counted = runner.get<{ n: number }>(
    sql(`SELECT count(*) AS n FROM (SELECT 1 FROM (${rows.text}) LIMIT ${limit + 1})`, ...rows.params),
  );
  return (counted?.n ?? 0) <= limit;
}
