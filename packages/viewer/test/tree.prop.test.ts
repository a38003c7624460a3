import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ObservationSummary } from "../src/api/types.ts";
import { flattenTree } from "../src/model/rows.ts";
import { buildTree } from "../src/model/tree.ts";
import { treeKey } from "../src/model/tree-keys.ts";
import { layoutBar, timeTicks, traceRange } from "../src/model/waterfall.ts";
import { observation } from "./fixtures.ts";

const NOW_MS = 1_000_000;

/** Parents may be absent, oneself, or in a circle; ends may be missing or before the start. */
const observations: fc.Arbitrary<ObservationSummary[]> = fc
  .array(
    fc.record({
      parent: fc.option(fc.integer({ min: -2, max: 40 })),
      startTime: fc.integer({ min: -5_000, max: 5_000 }),
      endTime: fc.option(fc.integer({ min: -5_000, max: 5_000 })),
      completionStartTime: fc.option(fc.integer({ min: -5_000, max: 5_000 })),
      status: fc.constantFrom("running" as const, "ok" as const, "error" as const, "incomplete" as const),
      usage: fc.option(fc.record({ input: fc.nat(1_000), output: fc.nat(1_000) })),
      usageAggregate: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((items) =>
    items.map(({ parent, ...fields }, index) =>
      observation({ id: `o${index}`, parentId: parent === null ? null : `o${parent}`, ...fields }),
    ),
  );

it("gives every observation exactly one row, whatever its parents are", () => {
  fc.assert(
    fc.property(observations, (all) => {
      const rows = flattenTree(buildTree(all), new Set());
      expect(rows.map((row) => row.id).toSorted()).toEqual(all.map((item) => item.id).toSorted());
    }),
  );
});

it("never loses usage between the rows and the roots' totals", () => {
  fc.assert(
    fc.property(observations, (all) => {
      const tree = buildTree(all);
      const counted = all
        .filter((item) => !item.usageAggregate)
        .reduce((sum, item) => sum + (item.usage?.["input"] ?? 0), 0);
      const rolledUp = tree.roots.reduce((sum, root) => sum + (tree.nodes[root]?.subtree.inputTokens ?? 0), 0);
      expect(rolledUp).toBe(counted);
    }),
  );
});

it("shows the same rows in the same order however they arrived", () => {
  fc.assert(
    fc.property(observations, fc.infiniteStream(fc.nat()), (all, order) => {
      const shuffled = all
        .map((item) => ({ item, rank: order.next().value }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item);
      const rows = (items: ObservationSummary[]) => flattenTree(buildTree(items), new Set()).map((row) => row.id);
      expect(rows(shuffled)).toEqual(rows(all));
    }),
  );
});

it("keeps every bar inside the lane", () => {
  fc.assert(
    fc.property(observations, (all) => {
      const range = traceRange(all, NOW_MS);
      for (const item of all) {
        const bar = layoutBar(item, range, NOW_MS);
        expect(bar.left).toBeGreaterThanOrEqual(0);
        expect(bar.width).toBeGreaterThanOrEqual(0);
        expect(bar.left + bar.width).toBeLessThanOrEqual(1 + 1e-9);
        if (bar.firstToken !== null) {
          expect(bar.firstToken).toBeGreaterThanOrEqual(bar.left);
          expect(bar.firstToken).toBeLessThanOrEqual(bar.left + bar.width + 1e-9);
        }
      }
    }),
  );
});

it("draws a bounded number of ticks, all inside the lane", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1e9, noNaN: true }),
      fc.integer({ min: 1, max: 3_000 }),
      (endMs, widthPx) => {
        const ticks = timeTicks({ startMs: 0, endMs }, widthPx);
        expect(ticks.length).toBeLessThanOrEqual(widthPx / 64 + 2);
        for (const tick of ticks) expect(tick.at).toBeLessThanOrEqual(1);
      },
    ),
  );
});

it("keeps the selection on a visible row for any sequence of keys", () => {
  const keys = fc.array(
    fc.constantFrom("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"),
  );
  fc.assert(
    fc.property(
      observations.filter((all) => all.length > 0),
      keys,
      (all, pressed) => {
        const tree = buildTree(all);
        const collapsed = new Set<string>();
        let selected: string | null = null;
        for (const key of pressed) {
          const action = treeKey(flattenTree(tree, collapsed), selected, key);
          if (action?.type === "select") selected = action.id;
          else if (action?.type === "collapse") collapsed.add(action.id);
          else if (action?.type === "expand") collapsed.delete(action.id);
          const visible = flattenTree(tree, collapsed).map((row) => row.id);
          if (selected !== null) expect(visible).toContain(selected);
        }
      },
    ),
  );
});

it("lays out a chain as deep as it is long", () => {
  const chain = Array.from({ length: 20_000 }, (_, i) =>
    observation({ id: `o${i}`, parentId: i === 0 ? null : `o${i - 1}`, startTime: i }),
  );
  const rows = flattenTree(buildTree(chain), new Set());
  expect(rows).toHaveLength(20_000);
  expect(rows.at(-1)?.level).toBe(20_000);
});
