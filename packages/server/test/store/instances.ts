import { expect, it } from "vitest";
import { RECORD_RANK, type StoredObservation } from "../../src/model/observation.ts";
import { MAX_CHANGED_ROWS } from "../../src/store/instances.ts";
import type { Store } from "../../src/store/store.ts";
import { P, T0, batch, hexId, observation, payload, type WithStore } from "./fixtures.ts";

const TRACE = hexId(1, 32);

function open(number: number, change: Partial<StoredObservation> = {}): StoredObservation {
  return observation({
    id: hexId(number, 16),
    rank: RECORD_RANK.start,
    status: "running",
    endTime: null,
    instanceId: "a",
    ...change,
  });
}

async function rowsOf(store: Store, traceId = TRACE): Promise<Record<string, Partial<StoredObservation>>> {
  const rows = await store.readRows(P, traceId);
  return Object.fromEntries(rows.map((row) => [Number.parseInt(row.id, 16), row]));
}

export function instanceContract(withStore: WithStore): void {
  it("lists the processes that left something open, in every project", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([open(1), open(2), open(3, { instanceId: "b" }), open(4, { instanceId: null })]));
      await store.writeBatch(P, batch([observation({ id: hexId(3, 16), instanceId: "b" })]));
      await store.writeBatch("other", batch([open(1)]));
      const found = await store.listOpenInstances();
      expect(found.toSorted((x, y) => (x.projectId < y.projectId ? -1 : 1))).toEqual([
        { projectId: P, instanceId: "a" },
        { projectId: "other", instanceId: "a" },
      ]);
    }));

  it("marks only what that process left running, with its last sign of life as the end", () =>
    withStore(async (store) => {
      await store.writeBatch(
        P,
        batch([
          open(1, { payload: payload('"kept"'), tags: ["kept"] }),
          open(2, { startTime: T0 + 50 }),
          open(3, { instanceId: "b" }),
          open(4, { instanceId: null }),
          observation({ id: hexId(5, 16), instanceId: "a", endTime: T0 + 70 }),
          observation({ id: hexId(6, 16), instanceId: "b", endTime: T0 + 900 }),
        ]),
      );
      expect(await store.markSilent(P, "a", null)).toEqual({ traceIds: [TRACE], isDone: true });
      expect(await rowsOf(store)).toMatchObject({
        1: { status: "incomplete", level: "WARNING", endTime: T0 + 70, tags: ["kept"], payload: { input: '"kept"' } },
        2: { status: "incomplete", endTime: T0 + 70 },
        3: { status: "running", endTime: null },
        4: { status: "running", endTime: null },
        5: { status: "ok", endTime: T0 + 70 },
      });
      expect(await store.markSilent(P, "a", null)).toEqual({ traceIds: [], isDone: true });
      await store.markSilent(P, "b", T0 + 5000);
      expect(await rowsOf(store)).toMatchObject({ 3: { status: "incomplete", endTime: T0 + 5000 } });
      expect((await store.getTrace(P, TRACE))?.trace).toMatchObject({ status: "incomplete" });
    }));

  it("lets an end record win afterwards, and not a start record that was late", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([open(1), open(2)]));
      await store.markSilent(P, "a", T0 + 5);
      await store.writeBatch(P, batch([observation({ id: hexId(1, 16), instanceId: "a", endTime: T0 + 99 })]));
      await store.writeBatch(P, batch([open(1)]));
      expect(await rowsOf(store)).toMatchObject({ 1: { status: "ok", endTime: T0 + 99 }, 2: { status: "incomplete" } });
      expect(await store.markSilent(P, "a", T0 + 5)).toMatchObject({ traceIds: [] });
    }));

  it("runs again what is heard of after all", () =>
    withStore(async (store) => {
      const shutdown = observation({
        id: hexId(2, 16),
        rank: RECORD_RANK.incomplete,
        status: "incomplete",
        instanceId: "a",
      });
      await store.writeBatch(P, batch([open(1), shutdown]));
      await store.markSilent(P, "a", T0 + 5);
      expect(await store.listOpenInstances()).toEqual([{ projectId: P, instanceId: "a" }]);
      expect(await store.markHeard(P, "a")).toEqual({ traceIds: [TRACE], isDone: true });
      expect(await rowsOf(store)).toMatchObject({
        1: { status: "running", level: "DEFAULT", endTime: null },
        2: { status: "incomplete" },
      });
    }));

  it("says that there is more", () =>
    withStore(async (store) => {
      const rows = Array.from({ length: MAX_CHANGED_ROWS + 1 }, (_, index) => open(index + 1));
      await store.writeBatch(P, batch(rows));
      expect(await store.markSilent(P, "a", T0)).toMatchObject({ isDone: false });
      expect(await store.markSilent(P, "a", T0)).toMatchObject({ isDone: true });
      expect(await store.markSilent(P, "a", T0)).toMatchObject({ traceIds: [] });
    }));
}
