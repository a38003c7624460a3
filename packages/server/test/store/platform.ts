import { expect, it } from "vitest";
import type { CustomPrice } from "../../src/api/settings.ts";
import type { StoredKey } from "../../src/store/projects.ts";
import { parseTextPattern } from "../../src/search/text.ts";
import { deleteProject } from "../../src/store/retention.ts";
import { P, T0, batch, hexId, mediaWrite, observation, payload, score, type WithStore } from "./fixtures.ts";

function key(change: Partial<StoredKey>): StoredKey {
  const base = { publicKey: "pk-1", projectId: P, secretHash: "hash", secretHint: "abcd" };
  return { ...base, note: null, createdAt: 1, lastUsedAt: null, ...change };
}

function price(change: Partial<CustomPrice>): CustomPrice {
  return { id: "1", match: "m", provider: null, prices: { input: 1 }, createdAt: 1, ...change };
}

export function platformContract(withStore: WithStore): void {
  it("has the default project, and others by name", () =>
    withStore(async (store) => {
      expect(await store.listProjects()).toEqual([{ id: P, name: P, createdAt: expect.any(Number) }]);
      expect(await store.createProject({ id: "b", name: "b", createdAt: 1 })).toBe(true);
      expect(await store.createProject({ id: "a", name: "a", createdAt: 2 })).toBe(true);
      expect(await store.createProject({ id: "a", name: "again", createdAt: 3 })).toBe(false);
      expect((await store.listProjects()).map(({ id, name }) => [id, name])).toEqual([
        [P, P],
        ["a", "a"],
        ["b", "b"],
      ]);
    }));

  it("gives a project another name, and deletes one with all that is in it and nothing else", () =>
    withStore(async (store) => {
      await store.createProject({ id: "b", name: "b", createdAt: 1 });
      expect([await store.renameProject("b", "Better"), await store.renameProject("c", "x")]).toEqual([true, false]);
      expect((await store.listProjects()).map(({ name }) => name)).toEqual([P, "Better"]);

      const fill = async (project: string): Promise<void> => {
        const rows = Array.from({ length: 60 }, (_, index) =>
          observation({ traceId: hexId(index + 1, 32), payload: payload(`"the same words ${index % 7} of all"`) }),
        );
        const given = score({ projectId: project, traceId: hexId(1, 32) });
        const media = [mediaWrite("m1", new Uint8Array([1, 2]), { traceId: hexId(1, 32) })];
        await store.writeBatch(project, { ...batch(rows, [given]), media });
        await store.createKey(key({ publicKey: `pk-${project}`, projectId: project }));
        await store.writePrice(project, price({}));
        await store.putDataset(project, { id: "d", name: "d", now: 1 });
        await store.putDatasetItems(project, { datasetName: "d", items: [{ id: "i" }], now: 1, bytes: 10 });
      };
      await fill("b");
      await fill(P);
      const contents = async (project: string): Promise<unknown> => ({
        counts: await store.countStored(project),
        keys: (await store.listKeys(project)).length,
        prices: (await store.listPrices(project)).length,
        scores: (await store.listScores(project, hexId(1, 32))).length,
        media: (await store.getMedia(project, "m1")) !== null,
        datasets: (await store.listDatasets(project, { limit: 9, offset: 0 })).data.length,
        hours: (await store.readMetrics(project, { from: T0 - 1e7, to: T0 + 1e7, by: null, buckets: 1, top: 1 }, {}))
          .total.observations,
        found: (await store.findInTrace(project, hexId(1, 32), parseTextPattern("words")))?.ids.length ?? 0,
      });
      const all = await contents(P);
      expect(await contents("b")).toEqual(all);
      expect(await deleteProject(store, "b")).toBe(60);
      expect((await store.listProjects()).map(({ id }) => id)).toEqual([P]);
      expect(await contents("b")).toEqual({
        counts: { traces: 0, observations: 0 },
        keys: 0,
        prices: 0,
        scores: 0,
        media: false,
        datasets: 0,
        hours: 0,
        found: 0,
      });
      expect(await contents(P)).toEqual(all);
      expect(await store.checkIntegrity()).toEqual([]);
    }));

  it("keeps keys of a project, each once, with their last use", () =>
    withStore(async (store) => {
      const first = key({});
      const second = key({ publicKey: "pk-2", projectId: "other", note: "ci", createdAt: 2 });
      expect([await store.createKey(first), await store.createKey(second)]).toEqual([true, true]);
      expect(await store.createKey({ ...second, projectId: P })).toBe(false);
      expect(await store.listKeys()).toEqual([first, second]);
      expect(await store.listKeys("other")).toEqual([second]);
      await store.noteKeyUse([
        { publicKey: "pk-2", lastUsedAt: 9 },
        { publicKey: "pk-2", lastUsedAt: 8 },
        { publicKey: "gone", lastUsedAt: 8 },
      ]);
      expect(await store.listKeys("other")).toEqual([{ ...second, lastUsedAt: 9 }]);
      expect(await store.deleteKey(P, "pk-2")).toBe(false);
      expect(await store.deleteKey("other", "pk-2")).toBe(true);
      expect(await store.listKeys()).toEqual([first]);
    }));

  it("keeps prices of a project, newest first", () =>
    withStore(async (store) => {
      await store.writePrice(P, price({}));
      await store.writePrice(P, price({ id: "2", provider: "x", prices: { input: 1, output: 0.5 }, createdAt: 2 }));
      await store.writePrice(P, price({ match: "n" }));
      await store.writePrice("other", price({ match: "o" }));
      const [second, first] = [
        price({ id: "2", provider: "x", prices: { input: 1, output: 0.5 }, createdAt: 2 }),
        price({ match: "n" }),
      ];
      expect(await store.listPrices(P)).toEqual([second, first]);
      expect([await store.deletePrice(P, "2"), await store.deletePrice(P, "2")]).toEqual([true, false]);
      expect(await store.listPrices(P)).toEqual([first]);
      expect(await store.listPrices("nobody")).toEqual([]);
    }));

  it("counts what is stored", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([observation(), observation({ id: hexId(2, 16) })]));
      await store.writeBatch(P, batch([observation({ traceId: hexId(2, 32) })]));
      expect(await store.countStored(P)).toEqual({ traces: 2, observations: 3 });
      expect(await store.countStored("other")).toEqual({ traces: 0, observations: 0 });
    }));

  it("keeps settings", () =>
    withStore(async (store) => {
      expect(await store.readSetting("x")).toBeNull();
      await store.writeSetting("x", { a: [1] });
      await store.writeSetting("x", { a: [2] });
      expect(await store.readSetting("x")).toEqual({ a: [2] });
    }));

  it("replaces costs and nothing else, and none that the sender gave", () =>
    withStore(async (store) => {
      const traceId = hexId(1, 32);
      const payload = { ...observation().payload, input: '"hello"' };
      const computed = { model: "m", usage: { input: 1 }, cost: { total: 1 }, costSource: "computed" as const };
      const rows = [
        observation({ ...computed, payload }),
        observation({ ...computed, id: hexId(2, 16) }),
        observation({ ...computed, id: hexId(3, 16), costSource: "provided" }),
      ];
      await store.writeBatch(P, batch(rows));
      const cost = { input: 2, total: 2 };
      const costs = [
        { id: hexId(1, 16), cost },
        { id: hexId(2, 16), cost: null },
        { id: hexId(3, 16), cost },
        { id: hexId(4, 16), cost },
      ];
      expect(await store.writeCosts(P, traceId, costs)).toBe(2);
      const stored = await store.readRows(P, traceId);
      expect(stored.map((row) => [row.cost, row.costSource])).toEqual([
        [cost, "computed"],
        [null, null],
        [{ total: 1 }, "provided"],
      ]);
      expect(stored[0]?.payload.input).toBe('"hello"');
      expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ cost: 3, costIncomplete: true });
    }));
}
