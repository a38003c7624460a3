import { expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { P, T0, type WithStore } from "./fixtures.ts";

const PAGE = { limit: 10, offset: 0 };

async function putItem(store: Store, datasetName: string, id: string, now: number, change: object = {}) {
  const [item] = await store.putDatasetItems(P, { datasetName, items: [{ id, ...change }], now, bytes: 10 });
  return item;
}

export function datasetContract(withStore: WithStore): void {
  it("makes a dataset, updates what is given, and renames it", () =>
    withStore(async (store) => {
      const made = await store.putDataset(P, { id: "d1", name: "ä", description: "x", metadata: '{"a":1}', now: T0 });
      expect(made).toEqual({
        id: "d1",
        name: "ä",
        description: "x",
        metadata: '{"a":1}',
        inputSchema: null,
        expectedOutputSchema: null,
        createdAt: T0,
        updatedAt: T0,
        itemCount: 0,
        runCount: 0,
      });
      await store.putDataset(P, { id: "unused", name: "ä", description: null, now: T0 + 1 });
      await store.putDataset(P, { id: "d2", name: "b", now: T0 + 2 });
      expect(await store.getDataset(P, "ä")).toEqual({ ...made, description: null, updatedAt: T0 + 1 });
      await expect(store.putDataset(P, { id: "d1", name: "ä", newName: "b", now: T0 })).rejects.toMatchObject({
        name: "ConflictError",
      });
      await store.putDataset(P, { id: "d1", name: "ä", newName: "c", now: T0 + 3 });
      expect(await store.getDataset(P, "ä")).toBeNull();
      expect((await store.listDatasets(P, PAGE)).data.map(({ name }) => name)).toEqual(["b", "c"]);
      expect(await store.listDatasets(P, { limit: 1, offset: 1 })).toMatchObject({ data: [{ name: "c" }], total: 2 });
      expect((await store.listDatasets("other", PAGE)).total).toBe(0);
    }));

  it("updates an item by its id and knows how it was before", () =>
    withStore(async (store) => {
      await store.putDataset(P, { id: "d1", name: "a", now: T0 });
      const made = await putItem(store, "a", "i1", T0 + 10, { input: '"q"', sourceTraceId: "t1" });
      await putItem(store, "a", "i2", T0 + 20, { status: "ARCHIVED" });
      const changed = await putItem(store, "a", "i1", T0 + 30, { expectedOutput: '"e"' });
      expect(changed).toEqual({ ...made, expectedOutput: '"e"', updatedAt: T0 + 30 });
      expect(await store.getDatasetItem(P, "i1")).toEqual(changed);
      const list = async (filter: object): Promise<string[]> =>
        (await store.listDatasetItems(P, filter, PAGE)).data.map(({ id, updatedAt }) => `${id}@${updatedAt - T0}`);
      expect(await list({ datasetId: "d1" })).toEqual(["i2@20", "i1@30"]);
      expect(await list({ sourceTraceId: "t1" })).toEqual(["i1@30"]);
      expect(await list({ status: "ACTIVE" })).toEqual(["i1@30"]);
      expect(await list({ ids: ["i1", "unknown"] })).toEqual(["i1@30"]);
      expect(await list({ ids: [] })).toEqual([]);
      expect(await list({ datasetId: "d1", asOf: T0 + 15 })).toEqual(["i1@10"]);
      expect(await list({ datasetId: "d1", asOf: T0 + 30 })).toEqual(["i2@20", "i1@30"]);
      expect(await store.deleteDatasetItem(P, "i1", T0 + 40)).toBe(true);
      expect(await store.deleteDatasetItem(P, "i1", T0 + 50)).toBe(false);
      expect(await store.getDatasetItem(P, "i1")).toBeNull();
      expect(await list({ datasetId: "d1" })).toEqual(["i2@20"]);
      expect(await list({ datasetId: "d1", asOf: T0 + 35 })).toEqual(["i2@20", "i1@30"]);
      expect(await store.getDataset(P, "a")).toMatchObject({ itemCount: 1 });
    }));

  it("gives no less of long texts than the head that a page asks for, and all of the others", () =>
    withStore(async (store) => {
      const long = JSON.stringify("\ud83d\ude00 long".repeat(50));
      const texts = { metadata: long, inputSchema: long, expectedOutputSchema: '"short"' };
      await store.putDataset(P, { id: "d1", name: "a", now: T0, ...texts });
      await putItem(store, "a", "i1", T0, { input: long, expectedOutput: '"short"', metadata: long });
      const link = {
        id: "x",
        runId: "r1",
        runName: "r",
        datasetItemId: "i1",
        traceId: "t",
        observationId: null,
        now: T0,
      };
      await store.putDatasetRunItem(P, { ...link, runMetadata: long });
      const page = { ...PAGE, head: 20 };
      const isHead = (text: string | null | undefined): void => {
        expect(long.startsWith(text ?? "")).toBe(true);
        expect(text?.length).toBeGreaterThan(20);
      };
      const [dataset] = (await store.listDatasets(P, page)).data;
      const [item] = (await store.listDatasetItems(P, {}, page)).data;
      const [run] = (await store.listDatasetRuns(P, "d1", page)).data;
      for (const text of [dataset?.metadata, dataset?.inputSchema, item?.input, item?.metadata, run?.metadata])
        isHead(text);
      expect([dataset?.expectedOutputSchema, item?.expectedOutput]).toEqual(['"short"', '"short"']);
      const whole = (await store.listDatasetItems(P, {}, PAGE)).data;
      expect(whole).toEqual([await store.getDatasetItem(P, "i1")]);
      expect(whole[0]?.input).toBe(long);
    }));

  it("keeps an id to one dataset, and writes all items of a call or none", () =>
    withStore(async (store) => {
      for (const name of ["a", "b"]) await store.putDataset(P, { id: name, name, now: T0 });
      await putItem(store, "a", "i1", T0);
      const items = [{ id: "new" }, { id: "i1" }];
      const write = { datasetName: "b", items, now: T0, bytes: 10 };
      await expect(store.putDatasetItems(P, write)).rejects.toMatchObject({ name: "ConflictError" });
      expect(await store.getDatasetItem(P, "new")).toBeNull();
      await expect(putItem(store, "none", "i9", T0)).rejects.toMatchObject({ name: "NotStoredError" });
      const added = await store.putDatasetItems(P, { ...write, datasetName: "a", onlyNew: true, now: T0 + 1 });
      expect(added.map(({ id }) => id)).toEqual(["new"]);
      expect(await store.getDatasetItem(P, "i1")).toMatchObject({ updatedAt: T0 });
    }));

  it("keeps runs by name, and a link once however often it is sent", () =>
    withStore(async (store) => {
      await store.putDataset(P, { id: "d1", name: "a", now: T0 });
      await putItem(store, "a", "i1", T0);
      const link = {
        id: "x1",
        runId: "r1",
        runName: "run",
        datasetItemId: "i1",
        traceId: "t1",
        observationId: null,
        now: T0 + 1,
      };
      const first = await store.putDatasetRunItem(P, { ...link, runMetadata: '{"m":1}', createdAt: T0 - 5 });
      expect(first).toEqual({
        id: "x1",
        datasetRunId: "r1",
        datasetRunName: "run",
        datasetItemId: "i1",
        traceId: "t1",
        observationId: null,
        createdAt: T0 - 5,
        updatedAt: T0 + 1,
      });
      await store.putDatasetRunItem(P, { ...link, runDescription: "d", now: T0 + 2 });
      await store.putDatasetRunItem(P, { ...link, id: "x2", runId: "unused", traceId: "t2", now: T0 + 3 });
      expect(await store.getDatasetRun(P, "d1", "run")).toEqual({
        id: "r1",
        name: "run",
        description: "d",
        metadata: '{"m":1}',
        datasetId: "d1",
        datasetName: "a",
        createdAt: T0 - 5,
        updatedAt: T0 + 3,
        itemCount: 2,
      });
      expect(await store.listDatasetRunItems(P, "r1", PAGE)).toMatchObject({
        data: [{ id: "x2" }, { id: "x1", updatedAt: T0 + 2 }],
        total: 2,
      });
      await expect(store.putDatasetRunItem(P, { ...link, datasetItemId: "none" })).rejects.toMatchObject({
        name: "NotStoredError",
      });
      await store.deleteDatasetItem(P, "i1", T0 + 4);
      expect((await store.listDatasetRunItems(P, "r1", PAGE)).total).toBe(0);
      expect(await store.deleteDatasetRun(P, "d1", "run")).toBe(true);
      expect((await store.listDatasetRuns(P, "d1", PAGE)).total).toBe(0);
    }));

  it("deletes a dataset with all that is in it", () =>
    withStore(async (store) => {
      await store.putDataset(P, { id: "d1", name: "a", now: T0 });
      await putItem(store, "a", "i1", T0);
      const link = { id: "x", runId: "r", runName: "run", datasetItemId: "i1", traceId: "t", observationId: null };
      await store.putDatasetRunItem(P, { ...link, now: T0 });
      expect(await store.deleteDataset(P, "a")).toBe(true);
      expect(await store.deleteDataset(P, "a")).toBe(false);
      expect(await store.getDatasetItem(P, "i1")).toBeNull();
      expect((await store.listDatasetRunItems(P, "r", PAGE)).total).toBe(0);
      expect((await store.listDatasetRuns(P, "d1", PAGE)).total).toBe(0);
    }));
}
