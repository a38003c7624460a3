import { describe, expect, it } from "vitest";
import { ancestorIds, errorIds, flattenTree } from "../src/model/rows.ts";
import { buildTree } from "../src/model/tree.ts";
import { observation } from "./fixtures.ts";

const NONE = new Set<string>();
const ids = (tree: ReturnType<typeof buildTree>, collapsed = NONE) => flattenTree(tree, collapsed).map((row) => row.id);

describe("buildTree", () => {
  it("puts children below their parents in order of start, whatever the order of arrival", () => {
    const tree = buildTree([
      observation({ id: "c", parentId: "a", startTime: 5 }),
      observation({ id: "b", parentId: "a", startTime: 2 }),
      observation({ id: "a" }),
      observation({ id: "d", parentId: "b", startTime: 3 }),
    ]);
    expect(ids(tree)).toEqual(["a", "b", "d", "c"]);
    expect(tree.nodes.find((node) => node.observation.id === "d")?.depth).toBe(2);
  });

  it("keeps an orphan as a marked root", () => {
    const tree = buildTree([observation({ id: "a" }), observation({ id: "b", parentId: "gone", startTime: 1 })]);
    expect(ids(tree)).toEqual(["a", "b"]);
    expect(tree.nodes.map((node) => node.detached)).toEqual([null, "parent-missing"]);
  });

  it("cuts a circle of parents at its earliest member", () => {
    const tree = buildTree([
      observation({ id: "a", parentId: "b", startTime: 2 }),
      observation({ id: "b", parentId: "a", startTime: 1 }),
      observation({ id: "below", parentId: "a", startTime: 0 }),
    ]);
    expect(ids(tree)).toEqual(["b", "a", "below"]);
    expect(tree.nodes.filter((node) => node.detached === "parent-cycle").map((node) => node.observation.id)).toEqual([
      "b",
    ]);
  });

  it("counts an aggregate once: its descendants' usage, not its own", () => {
    const usage = { input: 10, output: 5, total: 15 };
    const cost = { input: 0.1, output: 0.2, total: 0.3 };
    const tree = buildTree([
      observation({ id: "agent", type: "agent", usage, cost, usageAggregate: true }),
      observation({ id: "call", parentId: "agent", type: "generation", usage, cost }),
    ]);
    expect(tree.nodes[0]?.subtree).toMatchObject({ totalTokens: 15, cost: 0.3, costIncomplete: false });
    expect(tree.nodes[0]?.own.totalTokens).toBe(15);
  });

  it("marks a subtree's cost as incomplete when some usage has no price", () => {
    const tree = buildTree([
      observation({ id: "root" }),
      observation({ id: "priced", parentId: "root", usage: { input: 1 }, cost: { total: 0.5 } }),
      observation({ id: "unpriced", parentId: "root", usage: { input: 1 } }),
    ]);
    expect(tree.nodes.find((node) => node.observation.id === "root")?.subtree).toMatchObject({
      cost: 0.5,
      costIncomplete: true,
    });
  });

  it("has no end for a subtree in which something runs", () => {
    const tree = buildTree([
      observation({ id: "root", endTime: 10 }),
      observation({ id: "open", parentId: "root", endTime: null, status: "running" }),
    ]);
    expect(tree.nodes.find((node) => node.observation.id === "root")?.subtreeEnd).toBeNull();
  });
});

describe("flattenTree", () => {
  const tree = buildTree([
    observation({ id: "a" }),
    observation({ id: "b", parentId: "a", startTime: 1 }),
    observation({ id: "c", parentId: "b", startTime: 2, status: "error" }),
    observation({ id: "d", parentId: "a", startTime: 3 }),
  ]);

  it("hides what is below a collapsed row, and says so", () => {
    const rows = flattenTree(tree, new Set(["b"]));
    expect(rows.map((row) => [row.id, row.expanded])).toEqual([
      ["a", true],
      ["b", false],
      ["d", null],
    ]);
    expect(rows[1]?.node.errorsBelow).toBe(1);
  });

  it("tells assistive technology level, position and set size", () => {
    expect(flattenTree(tree, NONE).map((row) => [row.id, row.level, row.positionInSet, row.setSize])).toEqual([
      ["a", 1, 1, 1],
      ["b", 2, 1, 2],
      ["c", 3, 1, 1],
      ["d", 2, 2, 2],
    ]);
  });

  it("finds ancestors to open and errors to jump to", () => {
    expect(ancestorIds(tree, "c")).toEqual(["b", "a"]);
    expect(errorIds(tree)).toEqual(["c"]);
  });
});
