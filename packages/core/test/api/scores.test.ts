import { describe, expect, test } from "vitest";
import type { Score } from "../../src/api/index.ts";
import { codeOf, setUp } from "./setup.ts";

const traceId = "a".repeat(32);

describe.each([3, 4] as const)("Langfuse %i", (version) => {
  test.each([
    [0.5, undefined, "NUMERIC", 0.5],
    [true, undefined, "BOOLEAN", true],
    [0, "BOOLEAN", "BOOLEAN", false],
    ["good", undefined, "CATEGORICAL", "good"],
    ["long text", "TEXT", "TEXT", "long text"],
  ] as const)("a score of %j is read back as it was given", async (value, given, dataType, read) => {
    const { client } = await setUp(version, { environment: "test" });
    const metadata = { by: "test" };
    const { id } = await client.scores.create({ name: "s", value, dataType: given, comment: "why", metadata, traceId });
    const score = await client.scores.get(id);
    expect(score).toMatchObject({ id, name: "s", dataType, value: read, source: "API", comment: "why", metadata });
    expect(score).toMatchObject({ traceId, observationId: null, environment: "test" });
  });

  test("the same id updates, delete removes", async () => {
    const { client, api } = await setUp(version);
    await client.scores.create({ id: "s1", name: "s", value: 1, sessionId: "session" });
    await client.scores.create({ id: "s1", name: "s", value: 2, sessionId: "session" });
    expect([...api.data.scores.keys()]).toEqual(["s1"]);
    expect(await client.scores.get("s1")).toMatchObject({ value: 2, sessionId: "session", traceId: null });
    await client.scores.delete("s1");
    expect(await codeOf(client.scores.get("s1"))).toBe("NOT_FOUND");
  });

  test("scores are listed in pages and by what they are about", async () => {
    const { client } = await setUp(version);
    const observationId = "b".repeat(16);
    for (let value = 0; value < 5; value++) await client.scores.create({ name: "s", value, traceId });
    await client.scores.create({ name: "o", value: 1, traceId, observationId });
    const all: Score[] = [];
    for await (const score of client.scores.list({ limit: 2 })) all.push(score);
    expect(all).toHaveLength(6);
    const { data } = await client.scores.list({ traceId, observationId });
    expect(data).toMatchObject([{ name: "o", traceId, observationId }]);
    expect((await client.scores.list({ name: "s" })).data).toHaveLength(5);
  });
});

test("a score that no backend takes is refused before it is sent", async () => {
  const { client, api } = await setUp();
  expect(await codeOf(client.scores.create({ name: "", value: 1, traceId }))).toBe("BAD_REQUEST");
  expect(await codeOf(client.scores.create({ name: "s", value: Number.NaN, traceId }))).toBe("BAD_REQUEST");
  expect(api.requests).toEqual([]);
  // What only the backend can know is its word.
  await expect(client.scores.create({ name: "s", value: 1 })).rejects.toMatchObject({
    code: "BAD_REQUEST",
    status: 400,
  });
});

test("the id that is answered is the one under which the backend knows the score", async () => {
  const { client, api } = await setUp(4, {
    mask: (record) => ({ ...record, id: record.id?.replace("ann", "[name]") }),
  });
  const { id } = await client.scores.create({ name: "s", value: 1, id: "ann-1", traceId });
  expect(id).toBe("[name]-1");
  expect(api.data.scores.has(id)).toBe(true);
});

test("the mask sees a score before it is sent", async () => {
  const { client, api } = await setUp(4, { mask: (record) => ({ ...record, comment: "[masked]" }) });
  const { id } = await client.scores.create({ name: "s", value: 1, comment: "secret", traceId });
  expect(api.data.scores.get(id)).toMatchObject({ comment: "[masked]" });
  expect(JSON.stringify(api.requests)).not.toContain("secret");
});
