import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Score } from "../../src/api/types.ts";
import type { StoredObservation } from "../../src/model/observation.ts";
import type { QueryNode, QueryTarget } from "../../src/query/language/ast.ts";
import { FIELDS, type FieldDefinition } from "../../src/query/language/fields.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { parseTextPattern } from "../../src/search/text.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { T0, batch, hexId, observation, score } from "./fixtures.ts";

// As parity.prop.test.ts, with what people and models really write: every field, every operator, and every list there is.

const folder = mkdtempSync(join(tmpdir(), "spanwise-parity-odd-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Texts that mean something to SQL, GLOB, JSON, regular expressions, sorting, or C. */
const TEXTS = [
  "",
  " ",
  "a",
  "A",
  "a b",
  "a,b",
  "a:b",
  'q"k',
  "a.b",
  "*",
  "a*b",
  "?",
  "[a-z]",
  "]",
  "[^a]",
  "a\\b",
  "%",
  "_",
  "é",
  "e\u0301",
  "ß",
  "İ",
  "😀",
  "\uFB01",
  "\u202Ertl",
  "a\u0000b",
  "\n",
  "'; DROP TABLE terms;--",
  "null",
  "true",
  "1",
  "1.0",
  "01",
  "-5",
  "1e3",
  "1e400",
  "NaN",
  "0x10",
  "1.2.3",
  "+-",
  "__proto__",
  "constructor",
  "x".repeat(200),
] as const;

/** What comes in is rid of NUL (`cleanText`); what is asked for is not. */
const text = fc.constantFrom<string>(...TEXTS.filter((each) => !each.includes("\0")));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 2 });
const scalar = fc.oneof<fc.Arbitrary<unknown>[]>(
  text,
  fc.constantFrom<unknown>(0, -5, 1.5, 1e21, 1e-7, 9_007_199_254_740_992, true, false, null, [1], { deep: 1 }),
);
const key = fc.constantFrom("region", "a.b", 'q"k', "c:d", "", "é", "__proto__", "a\u0000b");
const metadata = maybe(fc.dictionary(key, scalar, { maxKeys: 3 }).map((value) => JSON.stringify(value)));

const row: fc.Arbitrary<StoredObservation> = fc
  .record({
    trace: fc.integer({ min: 1, max: 4 }),
    id: fc.integer({ min: 1, max: 5 }),
    parent: maybe(fc.integer({ min: 1, max: 6 })),
    type: fc.constantFrom<StoredObservation["type"]>("span", "generation", "agent", "guardrail"),
    level: fc.constantFrom<StoredObservation["level"]>("DEBUG", "DEFAULT", "ERROR", "WARNING"),
    status: fc.constantFrom<StoredObservation["status"]>("ok", "error", "running", "cancelled", "incomplete"),
    name: text,
    statusMessage: maybe(text),
    start: fc.constantFrom(0, 1, 1.5, 2000, -T0),
    duration: maybe(fc.constantFrom(0, 0.25, 5, 1000, 99.999_8)),
    first: maybe(fc.constantFrom(0, 0.5, 20)),
    usage: maybe(
      fc.constantFrom({ input: 0 }, { input: 5, output: 7 }, { total: 9 }, { input: 3, input_cached_tokens: 2 }),
    ),
    aggregate: fc.boolean(),
    // Sums of these are exact, in whatever order a store adds them up.
    cost: maybe(fc.constantFrom(0, 2 ** -20, 0.125, 0.25, 1000)),
    metadata,
    traceMetadata: metadata,
    input: maybe(text),
    output: maybe(scalar),
    public: maybe(fc.boolean()),
    tags: maybe(
      fc.uniqueArray(
        text.filter((tag) => tag.trim() !== ""),
        { minLength: 1, maxLength: 3 },
      ),
    ),
  })
  .chain((given) =>
    fc
      .record({
        model: maybe(text),
        provider: maybe(text),
        promptName: maybe(text),
        traceName: maybe(text),
        userId: maybe(text),
        sessionId: maybe(text),
        environment: maybe(text),
        release: maybe(text),
        version: maybe(text),
      })
      .map((texts) =>
        observation({
          ...texts,
          traceId: hexId(given.trace, 32),
          id: hexId(given.id, 16),
          parentId: given.parent === null ? null : hexId(given.parent, 16),
          isRoot: given.parent === null,
          type: given.type,
          level: given.level,
          status: given.duration === null ? "running" : given.status,
          name: given.name,
          statusMessage: given.statusMessage,
          startTime: T0 + given.start,
          endTime: given.duration === null ? null : T0 + given.start + given.duration,
          completionStartTime: given.first === null ? null : T0 + given.start + given.first,
          usage: given.usage,
          usageAggregate: given.aggregate,
          cost: given.cost === null ? null : { total: given.cost },
          costSource: given.cost === null ? null : "provided",
          public: given.public,
          tags: given.tags,
          payload: {
            ...observation().payload,
            input: given.input === null ? null : JSON.stringify({ messages: [{ role: "user", content: given.input }] }),
            output: given.output === null ? null : JSON.stringify(given.output),
            metadata: given.metadata,
            traceMetadata: given.traceMetadata,
          },
        }),
      ),
  );

const scored: fc.Arbitrary<Score> = fc
  .record({
    id: fc.integer({ min: 1, max: 6 }),
    trace: fc.integer({ min: 1, max: 5 }),
    observationId: maybe(fc.integer({ min: 1, max: 5 })),
    name: key.filter((name) => name !== "" && !name.includes("\0")),
    value: fc.oneof(text, fc.constantFrom(0, 1, -1, 0.5)),
    time: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ id, trace, observationId, name, value, time }) =>
    score({
      id: `s${id}`,
      traceId: hexId(trace, 32),
      observationId: observationId === null ? null : hexId(observationId, 16),
      name,
      dataType: typeof value === "number" ? "NUMERIC" : "CATEGORICAL",
      value: typeof value === "number" ? value : null,
      stringValue: typeof value === "number" ? null : value,
      timestamp: T0 + time,
    }),
  );

const quote = (value: string): string => `"${value.replaceAll(/["\\]/g, "\\$&")}"`;

/** A value in quotes, or as it is with stars around where the language takes it so. */
const textValue = fc
  .constantFrom<string>(...TEXTS)
  .chain((value) =>
    fc.constantFrom(
      ...(/^[^\s()"]+$/.test(value) ? [quote(value), `${value}*`, `*${value}`, `*${value}*`, value] : [quote(value)]),
    ),
  );

const VALUES: Readonly<
  Record<Exclude<FieldDefinition["kind"], "text" | "enum" | "key" | "boolean">, readonly string[]>
> = {
  time: [
    "2026-11-18",
    ">2026-11",
    "<=2026-11-18T11:06:40Z",
    `>=${T0}`,
    "..2026-11-18",
    `${T0 + 1}..`,
    "0000-01..1970-01-02",
  ],
  duration: ["0", ">1ms", "<=5ms", "100ms", "1ms..1s", ">0.25ms", "..1h", ">99999999999999999999999999999999d"],
  money: ["0", ">0", "$0.125", "<=0.25", "0.125..0.25", ">1b", "<-1"],
  count: ["0", ">0", "<=5", "5..9", ">1k", "12", "..3", "-1"],
};

function clauseOf(field: FieldDefinition): fc.Arbitrary<string> {
  const name = fc.constantFrom(field.name, ...field.aliases);
  switch (field.kind) {
    case "text":
      return fc.tuple(name, textValue).map(([own, value]) => `${own}:${value}`);
    case "enum":
      return fc.tuple(name, fc.constantFrom(...(field.values ?? []))).map(([own, value]) => `${own}:${value}`);
    case "boolean":
      return fc.tuple(name, fc.constantFrom("true", "false")).map(([own, value]) => `${own}:${value}`);
    case "key":
      return fc
        .tuple(
          name,
          key.filter((one) => one !== "").map(quote),
          fc.oneof(textValue, fc.constantFrom(">0", "<=1", "=1.5", "1", ">-99", "<1e3")),
        )
        .filter(([, , value]) => !value.endsWith("1e3") || value.startsWith('"'))
        .map(([own, one, value]) => `${own}.${one}:${value}`);
    default:
      return fc.tuple(name, fc.constantFrom(...VALUES[field.kind])).map(([own, value]) => `${own}:${value}`);
  }
}

const clause = (target: QueryTarget): fc.Arbitrary<string> => {
  const fields = FIELDS.filter((field) => field.targets.includes(target));
  return fc.oneof(
    fc.constantFrom(...fields).chain(clauseOf),
    fc.constantFrom(...fields).map(({ name }) => `has:${name}`),
    fc.constantFrom('has:metadata."a.b"', "has:metadata.region", 'has:scores."c:d"', "has:scores.region"),
    fc.constantFrom("a", "b*", '"a b"', "ß", "1", "null", "rtl", "e", "ı"),
  );
};

const queryOf = (target: QueryTarget): fc.Arbitrary<string> =>
  fc
    .array(clause(target), { minLength: 1, maxLength: 3 })
    .chain((parts) =>
      fc.constantFrom(
        parts.join(" "),
        parts.join(" OR "),
        `NOT (${parts.join(" OR ")})`,
        parts.map((part) => `-${part}`).join(" "),
      ),
    );

const SORTS = ["start", "duration", "cost", "tokens", "name", "firstToken", "errors", "observations"] as const;

const scenario = fc.constantFrom<QueryTarget>("traces", "observations").chain((target) =>
  fc.record({
    target: fc.constant(target),
    rows: fc.array(row, { minLength: 1, maxLength: 10 }),
    scores: fc.array(scored, { maxLength: 4 }),
    queries: fc.array(queryOf(target), { minLength: 1, maxLength: 5 }),
    sort: fc.constantFrom(...(target === "traces" ? SORTS : SORTS.slice(0, 6))),
    descending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
    from: fc.option(fc.constantFrom(0, T0, T0 + 1.5), { nil: undefined }),
    to: fc.option(fc.constantFrom(T0 + 1, T0 + 2000, 1e13), { nil: undefined }),
  }),
);

/** All pages of a list. */
async function pagesOf<T>(
  read: (cursor: string | undefined) => Promise<{ data: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    all.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** Sums of money differ in their last digit with the order of the summands. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "number" && !Number.isInteger(part) ? Number(Number(part.toPrecision(9)).toFixed(9)) : part,
    ),
  );
}

it("is answered the same by both stores, whatever people write", { timeout: 240_000 }, async () => {
  const sqlite = await openSqliteStore({ path: join(folder, "parity.db") });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ target, rows, scores, queries, sort, descending, limit, from, to }) => {
      const memory = createMemoryStore();
      const project = `p${++count}`;
      for (const store of [memory, sqlite]) {
        for (const each of rows) await store.writeBatch(project, batch([each]));
        await store.writeBatch(
          project,
          batch(
            [],
            scores.map((one) => ({ ...one, projectId: project })),
          ),
        );
      }
      const same = async (
        what: unknown[],
        ask: (store: Store, filter: QueryNode | null) => Promise<unknown>,
        query = "",
      ): Promise<void> => {
        const filter = parseQuery(query, target);
        expect([...what, query, rounded(await ask(sqlite, filter))]).toEqual([
          ...what,
          query,
          rounded(await ask(memory, filter)),
        ]);
      };
      for (const query of queries) {
        const list = (store: Store, filter: QueryNode | null): Promise<unknown[]> =>
          pagesOf<unknown>((cursor) => {
            const options = { filter, from, to, sort: { field: sort, descending }, limit, cursor };
            return target === "traces" ? store.listTraces(project, options) : store.listObservations(project, options);
          });
        await same([target, sort, descending, limit, from, to], list, query);
        await same(["count"], (store, filter) => store.countSelected(project, target, { filter, from, to }), query);
        await same(["facets"], (store, filter) => store.countFacets(project, target, { filter, from, to }), query);
        await same(["density"], (store, filter) => store.density(project, target, { filter, from, to }, 3), query);
        if (target === "observations") {
          const whole = (store: Store, filter: QueryNode | null) =>
            pagesOf((cursor) =>
              store.selectObservations(project, { filter, from, to, limit, cursor, maxPayloadChars: 50 }),
            );
          await same(["whole"], whole, query);
          const range = { from: from ?? T0 - 1000, to: (from ?? T0) + 86_400_000 * 2, buckets: 3, top: 2 };
          for (const by of [null, "model", "user", "session", "traceName"] as const)
            await same(
              ["metrics", by],
              (store, filter) => store.readMetrics(project, { ...range, by }, { filter }),
              query,
            );
        } else {
          await same(
            ["whole"],
            (store, filter) => pagesOf((cursor) => store.selectTraces(project, { filter, from, to, limit, cursor })),
            query,
          );
          await same(
            ["sessions"],
            (store, filter) => pagesOf((cursor) => store.listSessions(project, { filter, from, to, limit, cursor })),
            query,
          );
          await same(
            ["users"],
            (store, filter) => pagesOf((cursor) => store.listUsers(project, { filter, from, to, limit, cursor })),
            query,
          );
        }
      }
      for (const by of [
        null,
        ...(["model", "provider", "name", "type", "user", "session", "environment", "release", "traceName"] as const),
      ]) {
        const options = { from: T0 - 3_600_000, to: T0 + 3_600_000 * 30, buckets: 5, top: 2, by };
        await same(["sums", by], (store) => store.readMetrics(project, options, { filter: null }));
      }
      for (const traceId of [1, 2, 5].map((number) => hexId(number, 32))) {
        await same(["trace", traceId], (store) => store.getTrace(project, traceId));
        await same(["head", traceId], (store) => store.getTraceHead(project, traceId));
        await same(["find", traceId], (store) => store.findInTrace(project, traceId, parseTextPattern("a*")));
      }
      for (const sessionId of ["", "a", "😀"])
        await same(["session", sessionId], (store) => store.getSession(project, sessionId));
    }),
    { numRuns: Number(process.env["PARITY_RUNS"] ?? 120) },
  );
  await sqlite.close();
});
