import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunMap } from "../../src/adapter/run-map.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("RunMap", () => {
  it("gives back what was put in, and takes it once", () => {
    const runs = new RunMap<string>();
    runs.set("a", "run");
    expect(runs.get("a")).toBe("run");
    expect([runs.take("a"), runs.take("a"), runs.get("a"), runs.size]).toEqual(["run", undefined, undefined, 0]);
  });

  it("lets the least recently used go above its number", () => {
    const evicted: string[] = [];
    const runs = new RunMap<string>({ maxRuns: 2, onEvict: (run) => evicted.push(run) });
    runs.set("a", "A");
    runs.set("b", "B");
    runs.get("a");
    runs.set("c", "C");
    expect(evicted).toEqual(["B"]);
    expect([runs.get("a"), runs.get("c"), runs.size]).toEqual(["A", "C", 2]);
  });

  it.each([Number.NaN, 0, -1])("cannot be bounded by %s", (bound) => {
    expect(() => new RunMap({ maxRuns: bound })).toThrow(/must be above 0/);
    expect(() => new RunMap({ maxAgeMs: bound })).toThrow(/must be above 0/);
  });

  it("lets those go that were not used for their age, and keeps the others", () => {
    const evicted: string[] = [];
    const runs = new RunMap<string>({ maxAgeMs: 1_000, onEvict: (run) => evicted.push(run) });
    runs.set("a", "A");
    runs.set("b", "B");
    vi.advanceTimersByTime(900);
    runs.get("b");
    vi.advanceTimersByTime(400);
    expect(evicted).toEqual(["A"]);
    vi.advanceTimersByTime(2_000);
    expect(evicted).toEqual(["A", "B"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not tell of a run that was taken", () => {
    const onEvict = vi.fn();
    const runs = new RunMap<string>({ maxAgeMs: 10, onEvict });
    runs.set("a", "A");
    runs.take("a");
    vi.advanceTimersByTime(100);
    expect(onEvict).not.toHaveBeenCalled();
  });
});

it("an onEvict that throws does not reach the framework", () => {
  const runs = new RunMap<string>({
    maxRuns: 1,
    onEvict: () => {
      throw new Error("ours");
    },
  });
  runs.set("a", "1");
  expect(() => runs.set("b", "2")).not.toThrow();
  expect(runs.size).toBe(1);
  expect(runs.get("b")).toBe("2");
});

it("keeps the order of use, whatever is looked up, taken or put in again", () => {
  const evicted: string[] = [];
  const runs = new RunMap<string>({ maxRuns: 4, onEvict: (run) => evicted.push(run) });
  for (const id of ["a", "b", "c", "d"]) runs.set(id, id);
  runs.get("b");
  runs.take("c");
  runs.set("a", "a again");
  runs.get("d");
  for (const id of ["e", "f", "g", "h"]) runs.set(id, id);
  expect(evicted).toEqual(["b", "a again", "d"]);
  expect(runs.size).toBe(4);
});
