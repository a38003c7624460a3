import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { prune } from "../../src/store/retention.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { P, T0, batch, hexId, observation, payload } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TRACES = 120;

/** 16 KB that are like nothing else, so that neither compression nor keeping texts once makes little of them. */
function distinctText(number: number): string {
  const words = Array.from({ length: 250 }, (_, index) =>
    createHash("sha256").update(`${number} ${index}`).digest("hex"),
  );
  return JSON.stringify(words.join(" "));
}

it(
  "shrinks a file that is over its limit below it, the oldest first, and says what it removed",
  { timeout: 60_000 },
  async () => {
    const path = join(folder, "a.db");
    const store = await openSqliteStore({ path });
    for (let from = 0; from < TRACES; from += 30) {
      const rows = Array.from({ length: 30 }, (_, index) => {
        const number = from + index;
        const payloads = payload(distinctText(number));
        return observation({ traceId: hexId(number + 1, 32), startTime: T0 + number, payload: payloads });
      });
      await store.writeBatch(P, batch(rows));
    }
    await store.close();
    const before = statSync(path).size;
    expect(before).toBeGreaterThan(1_500_000);

    const again = await openSqliteStore({ path });
    const maxBytes = Math.floor(before / 2);
    let deleted = 0;
    let calls = 0;
    // With no time it is one step a call, as a client sees that asks for more than a minute's work.
    for (let isDone = false; !isDone; calls += 1) {
      const step = await prune(again, { maxAgeDays: null, maxBytes }, { maxMs: 0 });
      deleted += step.deletedTraces;
      isDone = step.isDone;
    }
    expect(calls).toBeGreaterThan(1);
    expect(deleted).toBeGreaterThan(TRACES / 3);
    expect(deleted).toBeLessThan(TRACES);
    // The oldest went; the newest, with its words, stays.
    expect((await again.countStored(P)).traces).toBe(TRACES - deleted);
    expect(await again.getTrace(P, hexId(deleted, 32))).toBeNull();
    expect(await again.getTrace(P, hexId(deleted + 1, 32))).not.toBeNull();
    expect(await again.checkIntegrity()).toEqual([]);
    expect(await prune(again, { maxAgeDays: null, maxBytes })).toEqual({ deletedTraces: 0, isDone: true });
    await again.close();
    expect(statSync(path).size).toBeLessThanOrEqual(maxBytes);
  },
);
