import { describe, expect, it } from "vitest";
import { flattenTree } from "../src/model/rows.ts";
import { buildTree } from "../src/model/tree.ts";
import { nextError, treeKey } from "../src/model/tree-keys.ts";
import { observation } from "./fixtures.ts";

const tree = buildTree([
  observation({ id: "a" }),
  observation({ id: "b", parentId: "a", startTime: 1 }),
  observation({ id: "c", parentId: "b", startTime: 2 }),
  observation({ id: "d", parentId: "a", startTime: 3 }),
]);
const press = (key: string, selected: string | null, collapsed: string[] = []) =>
  treeKey(flattenTree(tree, new Set(collapsed)), selected, key);

describe("treeKey", () => {
  it("→ opens a closed row, enters an open one, and does nothing on a leaf", () => {
    expect(press("ArrowRight", "b", ["b"])).toEqual({ type: "expand", id: "b" });
    expect(press("ArrowRight", "b")).toEqual({ type: "select", id: "c" });
    expect(press("ArrowRight", "c")).toBeNull();
  });

  it("← closes an open row, and goes to the parent from a closed one or a leaf", () => {
    expect(press("ArrowLeft", "b")).toEqual({ type: "collapse", id: "b" });
    expect(press("ArrowLeft", "b", ["b"])).toEqual({ type: "select", id: "a" });
    expect(press("ArrowLeft", "c")).toEqual({ type: "select", id: "b" });
    expect(press("ArrowLeft", "a", ["a"])).toBeNull();
  });

  it("↑ and ↓ stay inside, Home and End go to the ends", () => {
    expect(press("ArrowDown", "d")).toEqual({ type: "select", id: "d" });
    expect(press("ArrowUp", "a")).toEqual({ type: "select", id: "a" });
    expect(press("End", "a")).toEqual({ type: "select", id: "d" });
    expect(press("Home", "c")).toEqual({ type: "select", id: "a" });
    expect(press("x", "a")).toBeNull();
  });
});

describe("nextError", () => {
  const order = ["a", "b", "c", "d"];

  it("goes round in both directions", () => {
    expect(nextError(order, ["b", "d"], "a", 1)).toBe("b");
    expect(nextError(order, ["b", "d"], "b", 1)).toBe("d");
    expect(nextError(order, ["b", "d"], "d", 1)).toBe("b");
    expect(nextError(order, ["b", "d"], "b", -1)).toBe("d");
    expect(nextError(order, ["b", "d"], null, 1)).toBe("b");
  });

  it("is nothing without errors", () => {
    expect(nextError(order, [], "a", 1)).toBeNull();
  });
});
