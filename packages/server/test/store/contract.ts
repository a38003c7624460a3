import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { datasetContract } from "./datasets.ts";
import { P, batch, hexId, observation, type WithStore } from "./fixtures.ts";
import { groupContract } from "./groups.ts";
import { instanceContract } from "./instances.ts";
import { listContract } from "./lists.ts";
import { mediaContract } from "./media.ts";
import { observationContract } from "./observations.ts";
import { platformContract } from "./platform.ts";
import { rowContract } from "./rows.ts";
import { scoreContract } from "./scores.ts";

/** What every store must do: one file for each area. @param open a fresh, empty store. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  const withStore: WithStore = async (use) => {
    const store = await open();
    try {
      await use(store);
    } finally {
      await store.close();
    }
  };

  describe(`${name}: observations`, () => observationContract(withStore));
  describe(`${name}: rows`, () => rowContract(withStore));
  describe(`${name}: lists`, () => listContract(withStore));
  describe(`${name}: groups`, () => groupContract(withStore));
  describe(`${name}: scores`, () => scoreContract(withStore));
  describe(`${name}: projects, keys, prices, settings`, () => platformContract(withStore));
  describe(`${name}: instances`, () => instanceContract(withStore));
  describe(`${name}: media`, () => mediaContract(withStore));
  describe(`${name}: datasets`, () => datasetContract(withStore));
  describe(name, () => {
    it("keeps projects apart", () =>
      withStore(async (store) => {
        await store.writeBatch("other", batch([observation()]));
        expect((await store.listTraces(P, { limit: 1 })).data).toEqual([]);
        expect(await store.getTrace(P, hexId(1, 32))).toBeNull();
      }));

    it("refuses work after close, and closes twice", async () => {
      const store = await open();
      await store.close();
      await store.close();
      await expect(store.writeBatch(P, batch([observation()]))).rejects.toThrow("closed");
      await expect(store.listTraces(P, { limit: 1 })).rejects.toThrow("closed");
    });
  });
}
