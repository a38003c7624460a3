import { describe, expect, test } from "vitest";
import { createTracer, langfuse } from "../../src/index.ts";
import { NotFoundError } from "../../src/api/index.ts";
import { codeOf, keys, setUp } from "./setup.ts";

describe.each([3, 4] as const)("Langfuse %i", (version) => {
  test("a dataset is created, updated by its name, read and listed", async () => {
    const { client } = await setUp(version);
    const made = await client.datasets.create({ name: "folder/questions 100%", metadata: { a: 1 } });
    const again = await client.datasets.create({ name: "folder/questions 100%", description: "hard ones" });
    expect(again).toMatchObject({ id: made.id, description: "hard ones", metadata: { a: 1 } });
    expect(await client.datasets.get("folder/questions 100%")).toEqual(again);
    expect(await client.datasets.list()).toMatchObject({ data: [again], total: 1, cursor: undefined });
    await expect(client.datasets.get("other")).rejects.toThrow(NotFoundError);
  });

  test("items are upserted by id, keep null and false, and are deleted", async () => {
    const { client } = await setUp(version);
    await client.datasets.create({ name: "d" });
    const item = await client.datasetItems.create({ datasetName: "d", id: "i/1", input: false, expectedOutput: [1] });
    expect(item).toMatchObject({ id: "i/1", status: "ACTIVE", input: false, expectedOutput: [1], datasetName: "d" });
    const archived = await client.datasetItems.create({ datasetName: "d", id: "i/1", status: "ARCHIVED" });
    expect(archived).toMatchObject({ status: "ARCHIVED", input: false });
    expect(await client.datasetItems.get("i/1")).toEqual(archived);
    await client.datasetItems.delete("i/1");
    expect(await codeOf(client.datasetItems.get("i/1"))).toBe("NOT_FOUND");
    expect(await codeOf(client.datasetItems.create({ datasetName: "none", input: 1 }))).toBe("NOT_FOUND");
  });

  test("a list is one page when awaited and all of them in a loop", async () => {
    const { client, api } = await setUp(version);
    await client.datasets.create({ name: "d" });
    const ids = Array.from({ length: 7 }, (_, index) => `item-${index}`);
    for (const id of ids) await client.datasetItems.create({ datasetName: "d", id, input: id });
    const first = await client.datasetItems.list({ datasetName: "d", limit: 3 });
    expect(first).toMatchObject({ total: 7, cursor: "2" });
    expect(first.data).toHaveLength(3);
    const all: string[] = [];
    for await (const { id } of client.datasetItems.list({ datasetName: "d", limit: 3 })) all.push(id);
    expect(all.sort()).toEqual(ids);
    const rest: string[] = [];
    for await (const { id } of client.datasetItems.list({ datasetName: "d", limit: 3, cursor: first.cursor }))
      rest.push(id);
    expect(rest).toHaveLength(4);
    const before = api.requests.length;
    for await (const _ of client.datasetItems.list({ limit: 3 })) break;
    expect(api.requests.length - before).toBe(1);
  });

  test("addToDataset takes a handle, reads its input, and adds the same observation once", async () => {
    const { client, api } = await setUp(version);
    await client.datasets.create({ name: "d" });
    await client.datasets.create({ name: "e" });
    const tracer = createTracer({ exporters: [langfuse({ baseUrl: api.url, ...keys })], logLevel: "silent" });
    const generation = tracer.startObservation("ask", { input: { question: "why?" } }, { type: "generation" });
    generation.end({ output: "because" });
    expect(await codeOf(client.addToDataset(generation, { dataset: "d" }))).toBe("NOT_FOUND");
    await tracer.flush();

    const item = await client.addToDataset(generation, { dataset: "d", expectedOutput: "because" });
    expect(item).toMatchObject({
      input: { question: "why?" },
      expectedOutput: "because",
      sourceTraceId: generation.traceId,
      sourceObservationId: generation.id,
    });
    const target = { traceId: generation.traceId, observationId: generation.id };
    const again = await client.addToDataset(target, { dataset: "d", input: "other", metadata: { by: "test" } });
    expect(again).toMatchObject({ id: item.id, input: "other", expectedOutput: "because", metadata: { by: "test" } });
    await client.addToDataset(generation, { dataset: "e" });
    expect([...api.data.items.values()].map((kept) => kept["datasetName"])).toEqual(["d", "e"]);
    await tracer.shutdown();
  });
});

describe("runs", () => {
  test("link traces to items, are read with them and deleted", async () => {
    const { client } = await setUp(3);
    const { id: datasetId } = await client.datasets.create({ name: "a/b" });
    await client.datasetItems.create({ datasetName: "a/b", id: "i1", input: 1 });
    const run = { runName: "run 1/2", datasetItemId: "i1", metadata: { model: "m" } };
    const linked = await client.datasetRunItems.create({ ...run, traceId: "t1", observationId: "o1" });
    await client.datasetRunItems.create({ ...run, traceId: "t2" });
    expect(linked).toMatchObject({ datasetRunName: "run 1/2", traceId: "t1", observationId: "o1" });
    expect((await client.datasetRuns.list("a/b")).data).toMatchObject([{ name: "run 1/2", metadata: { model: "m" } }]);
    const read = await client.datasetRuns.get("a/b", "run 1/2");
    expect(read.datasetRunItems.map(({ traceId }) => traceId)).toEqual(["t1", "t2"]);
    expect((await client.datasetRunItems.list({ datasetId, runName: "run 1/2" })).total).toBe(2);
    await client.datasetRuns.delete("a/b", "run 1/2");
    expect(await codeOf(client.datasetRuns.get("a/b", "run 1/2"))).toBe("NOT_FOUND");
  });

  test("are gone in version 4: linking still answers an id, reading is NOT_FOUND", async () => {
    const { client } = await setUp(4);
    await client.datasets.create({ name: "d" });
    await client.datasetItems.create({ datasetName: "d", id: "i1", input: 1 });
    const item = await client.datasetRunItems.create({ runName: "r", datasetItemId: "i1", traceId: "t" });
    expect(item.datasetRunId).toMatch(/^[0-9a-f]{32}$/);
    expect(await codeOf(client.datasetRuns.list("d"))).toBe("NOT_FOUND");
  });

  test("an item that was deleted or archived takes no run", async () => {
    const { client } = await setUp(3);
    await client.datasets.create({ name: "d" });
    await client.datasetItems.create({ datasetName: "d", id: "i1", input: 1, status: "ARCHIVED" });
    expect(await codeOf(client.datasetRunItems.create({ runName: "r", datasetItemId: "i1", traceId: "t" }))).toBe(
      "NOT_FOUND",
    );
  });
});
