import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { StoredObservation } from "../../src/model/observation.ts";
import type { QueryTarget } from "../../src/query/language/ast.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { T0, batch, hexId, observation } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-parity-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const text = fc.constantFrom("alpha", "Beta gamma", "größe", "a*b", "100%", "x_y", "");
const words = fc.array(fc.constantFrom("red", "Rot", "été", "blue sky", "42", "3.5", '\\"quoted\\"', "new\\nline"), {
  maxLength: 5,
});

const row: fc.Arbitrary<StoredObservation> = fc
  .record({
    trace: fc.integer({ min: 1, max: 4 }),
    id: fc.integer({ min: 1, max: 6 }),
    parent: maybe(fc.integer({ min: 1, max: 6 })),
    type: fc.constantFrom("span", "generation", "agent", "tool", "event") as fc.Arbitrary<StoredObservation["type"]>,
    level: fc.constantFrom("DEFAULT", "ERROR", "WARNING") as fc.Arbitrary<StoredObservation["level"]>,
    name: text,
    start: fc.integer({ min: 0, max: 3 }),
    duration: maybe(fc.integer({ min: 0, max: 3 })),
    model: maybe(fc.constantFrom("gpt-4o", "gpt-4o-mini", "claude")),
    user: maybe(fc.constantFrom("u1", "u2")),
    tags: maybe(fc.uniqueArray(fc.constantFrom("a", "b", "long tag"), { minLength: 1 })),
    tokens: maybe(fc.integer({ min: 0, max: 20 })),
    cost: maybe(fc.constantFrom(0, 0.5, 2)),
    region: maybe(fc.constantFrom<string | number | boolean>("eu", "us", 7, true)),
    input: words,
    output: maybe(words),
  })
  .map((given) =>
    observation({
      traceId: hexId(given.trace, 32),
      id: hexId(given.id, 16),
      parentId: given.parent === null ? null : hexId(given.parent, 16),
      isRoot: given.parent === null,
      type: given.type,
      name: given.name,
      startTime: T0 + given.start * 1000,
      endTime: given.duration === null ? null : T0 + (given.start + given.duration) * 1000,
      completionStartTime: given.tokens === null ? null : T0 + given.start * 1000 + given.tokens,
      level: given.level,
      status: given.level === "ERROR" ? "error" : given.duration === null ? "running" : "ok",
      model: given.model,
      userId: given.user,
      tags: given.tags,
      usage: given.tokens === null ? null : { input: given.tokens },
      cost: given.cost === null ? null : { total: given.cost },
      payload: {
        ...observation().payload,
        input: `"${given.input.join(" ")}"`,
        output: given.output === null ? null : `{"answer":"${given.output.join(" ")}","n":1234}`,
        metadata: given.region === null ? null : JSON.stringify({ region: given.region }),
      },
    }),
  );

const CLAUSES = {
  both: [
    "level:error",
    "type:tool",
    "type:(agent OR generation)",
    "model:gpt*",
    "model:claude",
    "user:u1",
    "has:user",
    "tag:a",
    'tag:"long tag"',
    "tag:l*",
    "latency:>1",
    "latency:0",
    "-has:end",
    "cost:>=0.5",
    "cost:0",
    "tokens:1..10",
    "has:cost",
    "metadata.region:eu",
    "metadata.region:7",
    "metadata.region:true",
    "metadata.region:>5",
    "has:metadata.region",
    "name:alpha",
    'name:"a*b"',
    "name:*a*",
    "status:running",
    "env:default",
    "firstToken:<10ms",
    "red",
    "rot",
    "ete",
    '"blue sky"',
    "quo*",
    "line",
    "1234",
    "answer",
    "gamma",
    "größe",
    "100",
  ],
  traces: ["observation:alpha", "errors:>0", "observations:>2", "errors:0"],
  observations: ["traceName:alpha", "root:true", "root:false"],
} as const;

const queryOf = (target: QueryTarget): fc.Arbitrary<string> =>
  fc.letrec<{ query: string; clause: string }>((tie) => ({
    query: fc.oneof(
      { depthSize: "small" },
      tie("clause"),
      fc.tuple(tie("query"), tie("query")).map(([a, b]) => `${a} ${b}`),
      fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} OR ${b})`),
      tie("query").map((inner) => `NOT (${inner})`),
    ),
    clause: fc.constantFrom(...CLAUSES.both, ...CLAUSES[target]),
  })).query;

const scenario = fc.constantFrom<QueryTarget>("traces", "observations").chain((target) =>
  fc.record({
    target: fc.constant(target),
    rows: fc.array(row, { minLength: 1, maxLength: 14 }),
    queries: fc.array(queryOf(target), { minLength: 1, maxLength: 6 }),
    sort: fc.constantFrom("start", "duration", "cost", "tokens", "name", "firstToken"),
    descending: fc.boolean(),
  }),
);

it("is answered the same by both stores: any query, any rows, any sort", { timeout: 120_000 }, async () => {
  const sqlite = await openSqliteStore({ path: join(folder, "parity.db") });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ target, rows, queries, sort, descending }) => {
      const memory = createMemoryStore();
      const project = `p${++count}`;
      // One after the other, so that later rows take the place of earlier ones.
      for (const store of [memory, sqlite]) for (const each of rows) await store.writeBatch(project, batch([each]));
      for (const query of queries) {
        const ask = async (store: Store): Promise<unknown> => {
          const options = {
            filter: parseQuery(query, target),
            sort: { field: sort as "start", descending },
            limit: 100,
          };
          if (target === "observations") return (await store.listObservations(project, options)).data;
          return (await store.listTraces(project, options)).data.map(({ cost, ...rest }) => ({
            ...rest,
            cost: cost?.toFixed(9),
          }));
        };
        expect([query, await ask(sqlite)]).toEqual([query, await ask(memory)]);
      }
      expect(await sqlite.countFacets(project, target, {})).toEqual(await memory.countFacets(project, target, {}));
    }),
    { numRuns: 60 },
  );
  await sqlite.close();
});
