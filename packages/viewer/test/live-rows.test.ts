import { describe, expect, it } from "vitest";
import { distinctRows, mergeRows } from "../src/model/live-rows.ts";
import { trace } from "./fixtures.ts";

const KIND = {
  idOf: (row: { traceId: string }) => row.traceId,
  timeOf: (row: { startTime: number }) => row.startTime,
};

const old = trace({ traceId: "old", startTime: 1, status: "running" });
const newer = trace({ traceId: "newer", startTime: 2 });
const newest = trace({ traceId: "newest", startTime: 3 });

describe("mergeRows", () => {
  it("changes known rows in place and holds new ones back while one reads", () => {
    const done = { ...old, status: "ok" as const };
    const next = mergeRows({ shown: [newer, old], waiting: [] }, [newest, done], true, KIND);
    expect(next.shown).toEqual([newer, done]);
    expect(next.waiting).toEqual([newest]);
    expect(mergeRows(next, [], false, KIND)).toEqual({ shown: [newest, newer, done], waiting: [] });
  });

  it("sorts new rows in when nothing is read", () => {
    expect(mergeRows({ shown: [newer], waiting: [newest] }, [old], false, KIND)).toEqual({
      shown: [newest, newer, old],
      waiting: [],
    });
  });

  it("updates a waiting row rather than adding it twice", () => {
    const changed = { ...newest, errorCount: 1 };
    expect(mergeRows({ shown: [old], waiting: [newest] }, [changed], true, KIND).waiting).toEqual([changed]);
  });

  it("leaves an order by something else than time as it is when nothing is new", () => {
    const shown = [old, newest, newer];
    expect(mergeRows({ shown, waiting: [] }, [{ ...newest }], false, KIND).shown).toEqual(shown);
  });
});

it("keeps the last of rows with one id, in the place of the first", () => {
  const changed = { ...old, errorCount: 2 };
  expect(distinctRows([old, newer, changed], KIND.idOf)).toEqual([changed, newer]);
});
