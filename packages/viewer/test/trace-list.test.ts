import { describe, expect, it } from "vitest";
import { filterTraces, mergeTraces, releaseWaiting } from "../src/model/trace-list.ts";
import { trace } from "./fixtures.ts";

const old = trace({ traceId: "old", startTime: 1, status: "running" });
const newer = trace({ traceId: "newer", startTime: 2, name: "Checkout agent", userId: "mira" });
const newest = trace({ traceId: "newest", startTime: 3 });

describe("mergeTraces", () => {
  it("changes known rows in place and holds new ones back while one reads", () => {
    const done = { ...old, status: "ok" as const };
    const next = mergeTraces({ shown: [newer, old], waiting: [] }, [newest, done], true);
    expect(next.shown).toEqual([newer, done]);
    expect(next.waiting).toEqual([newest]);
    expect(releaseWaiting(next).shown).toEqual([newest, newer, done]);
  });

  it("sorts new rows in when nothing is read", () => {
    expect(mergeTraces({ shown: [newer], waiting: [newest] }, [old], false)).toEqual({
      shown: [newest, newer, old],
      waiting: [],
    });
  });

  it("updates a waiting trace rather than adding it twice", () => {
    const changed = { ...newest, errorCount: 1 };
    expect(mergeTraces({ shown: [old], waiting: [newest] }, [changed], true).waiting).toEqual([changed]);
  });
});

it("filters by every word, in any field", () => {
  expect(filterTraces([old, newer], "MIRA checkout")).toEqual([newer]);
  expect(filterTraces([old, newer], "  ")).toEqual([old, newer]);
  expect(filterTraces([old, newer], "mira absent")).toEqual([]);
});
