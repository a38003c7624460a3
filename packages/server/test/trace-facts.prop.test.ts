import fc from "fast-check";
import { expect, it } from "vitest";
import type { StoredObservation } from "../src/model/observation.ts";
import { compareRows, summarizeTrace } from "../src/query/summary.ts";
import { TraceFacts, factsOf } from "../src/query/trace-facts.ts";
import { hexId, observation } from "./store/fixtures.ts";

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

/** Few ids, so that rows are replaced, parents come late or never, and circles close. */
const row: fc.Arbitrary<StoredObservation> = fc
  .record({
    id: fc.integer({ min: 1, max: 7 }),
    parent: maybe(fc.integer({ min: 1, max: 9 })),
    isRoot: fc.boolean(),
    type: fc.constantFrom("span", "generation", "agent", "chain", "tool") as fc.Arbitrary<StoredObservation["type"]>,
    level: fc.constantFrom("DEFAULT", "ERROR") as fc.Arbitrary<StoredObservation["level"]>,
    start: fc.integer({ min: 0, max: 5 }),
    end: maybe(fc.integer({ min: 5, max: 9 })),
    model: maybe(fc.constantFrom("m1", "m2")),
    tokens: maybe(fc.integer({ min: 0, max: 9 })),
    cost: maybe(fc.integer({ min: 0, max: 9 })),
    aggregate: fc.boolean(),
    user: maybe(fc.constantFrom("u1", "u2")),
    tags: maybe(fc.constantFrom("a", "b").map((tag) => [tag])),
  })
  .map((given) =>
    observation({
      id: hexId(given.id, 16),
      parentId: given.parent === null ? null : hexId(given.parent, 16),
      isRoot: given.isRoot || given.parent === null,
      type: given.type,
      level: given.level,
      status: given.end === null ? "running" : "ok",
      startTime: given.start,
      endTime: given.end,
      model: given.model,
      usage: given.tokens === null ? null : { input: given.tokens },
      cost: given.cost === null ? null : { total: given.cost },
      usageAggregate: given.aggregate,
      userId: given.user,
      tags: given.tags,
    }),
  );

it("follows rows one by one to what all of them add up to", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
      const facts = new TraceFacts();
      const stored = new Map<string, StoredObservation>();
      for (const [rid, each] of rows.entries()) {
        facts.put(factsOf(rid, [], each));
        stored.set(each.id, each);
        const all = [...stored.values()]
          .map((known) => ({ ...known, hasInput: false, hasOutput: false }))
          .toSorted(compareRows);
        const whole = summarizeTrace("p", all, []);
        const followed = facts.summarize();
        expect({
          root: followed.root.id,
          name: followed.name,
          userId: followed.userId,
          tags: followed.tags ?? [],
          startTime: followed.startTime,
          endTime: followed.endTime,
          status: followed.root.status,
          observationCount: followed.observationCount,
          errorCount: followed.errorCount,
          models: followed.models,
          totalTokens: followed.totalTokens,
          cost: followed.cost === null ? null : Math.round(followed.cost),
          costIncomplete: followed.costIncomplete,
        }).toEqual({
          root: expect.any(String),
          name: whole.name,
          userId: whole.userId,
          tags: whole.tags,
          startTime: whole.startTime,
          endTime: whole.endTime,
          status: whole.status,
          observationCount: whole.observationCount,
          errorCount: whole.errorCount,
          models: whole.models,
          totalTokens: whole.totalTokens,
          cost: whole.cost,
          costIncomplete: whole.costIncomplete,
        });
      }
    }),
    { numRuns: 500 },
  );
});
