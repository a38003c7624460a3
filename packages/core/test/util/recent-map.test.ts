import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RecentMap } from "../../src/util/recent-map.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

// A few ids that come again, and enough others for the buckets to be shared and to grow.
const ids = fc.oneof(fc.constantFrom("a", "", "0".repeat(40)), fc.integer({ min: 0, max: 300 }).map(String));
const steps = fc.array(fc.tuple(fc.constantFrom("add", "add", "use", "get", "take"), ids), { maxLength: 400 });

it("is a map in the order of use", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const map = new RecentMap<number>();
      const model = new Map<string, number>();
      taken.forEach(([step, id], value) => {
        const known = model.get(id);
        if (step === "add") {
          if (known !== undefined) return;
          map.add(id, value);
          model.set(id, value);
          return;
        }
        expect(map[step](id)).toBe(known);
        if (step !== "get") model.delete(id);
        if (step === "use" && known !== undefined) model.set(id, known);
      });
      expect(map.size).toBe(model.size);
      expect(map.oldest().map(({ id, value }) => [id, value])).toEqual([...model]);
    }),
  );
});

it("gives the oldest, by number and by time", () => {
  const map = new RecentMap<string>();
  for (const id of ["a", "b", "c"]) {
    map.add(id, id);
    vi.advanceTimersByTime(10);
  }
  map.use("a");
  const found = (...bounds: Parameters<typeof map.oldest>): string[] => map.oldest(...bounds).map(({ id }) => id);
  expect([found(2), found(undefined, performance.now() - 10), found(0)]).toEqual([["b", "c"], ["b", "c"], []]);
  expect(found(undefined, performance.now() - 11)).toEqual(["b"]);
});

it("takes anything for an id, as JavaScript callers give it", () => {
  const map = new RecentMap<string>();
  map.add(undefined as never, "none");
  map.add("a", "A");
  expect([map.get(undefined as never), map.take(undefined as never), map.size]).toEqual(["none", "none", 1]);
});
