import { describe, expect, test } from "vitest";
import { createTracer, langfuse } from "../../src/index.ts";
import type { TraceSummary } from "../../src/api/index.ts";
import { codeOf, keys, setUp } from "./setup.ts";

async function record(url: string, names: readonly string[]): Promise<string[]> {
  const tracer = createTracer({ exporters: [langfuse({ baseUrl: url, ...keys })], logLevel: "silent" });
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const startTime = Date.UTC(2026, 0, 1, 0, index);
    const trace = { traceName: `trace ${name}`, userId: name, tags: ["all", name] };
    const root = tracer.startObservation(
      name,
      { input: { q: name }, metadata: { long: "x".repeat(300) } },
      { trace, startTime },
    );
    const child = root.generation("model", { input: "text" }, { startTime: startTime + 1000 });
    child.end(
      { output: "[1,2]", model: "gpt-4o", usageDetails: { input: 3, output: 5 } },
      { endTime: startTime + 2000 },
    );
    root.end({ output: name }, { endTime: startTime + 5000 });
    ids.push(root.traceId);
  }
  await tracer.shutdown();
  return ids;
}

describe.each([3, 4] as const)("Langfuse %i", (version) => {
  test("a trace is read with its observations in order and its scores", async () => {
    const { client, api } = await setUp(version);
    const [traceId] = await record(api.url, ["a"]);
    await client.scores.create({ name: "good", value: true, traceId });
    const trace = await client.traces.get(traceId!);
    expect(trace).toMatchObject({
      id: traceId,
      name: "trace a",
      timestamp: "2026-01-01T00:00:00.000Z",
      userId: "a",
      tags: ["all", "a"],
      input: { q: "a" },
      output: "a",
      latency: 5,
      isComplete: true,
    });
    expect(trace.observations).toMatchObject([
      { name: "a", type: "span", isRoot: true, parentObservationId: null },
      { name: "model", type: "generation", isRoot: false, model: "gpt-4o", input: "text", output: [1, 2], latency: 1 },
    ]);
    expect(trace.observations[1]!.usageDetails).toEqual({ input: 3, output: 5 });
    expect(trace.scores).toMatchObject([{ name: "good", value: true, dataType: "BOOLEAN", traceId }]);
  });

  test("traces are listed newest first, in pages, by user and tags", async () => {
    const { client, api } = await setUp(version);
    await record(api.url, ["a", "b", "c"]);
    const names: (string | null)[] = [];
    for await (const trace of client.traces.list({ limit: 2 })) names.push(trace.name);
    expect(names).toEqual(["trace c", "trace b", "trace a"]);
    const namesOf = async (list: PromiseLike<{ data: TraceSummary[] }>): Promise<unknown[]> =>
      (await list).data.map(({ userId }) => userId);
    expect(await namesOf(client.traces.list({ userId: "b" }))).toEqual(["b"]);
    expect(await namesOf(client.traces.list({ tags: ["all", "c"] }))).toEqual(["c"]);
  });

  test("observations are listed by trace and type", async () => {
    const { client, api } = await setUp(version);
    const [traceId] = await record(api.url, ["a", "b"]);
    const found = await client.observations.list({ traceId, type: "generation" });
    expect(found.data).toMatchObject([{ name: "model", traceId, totalCost: null }]);
    let count = 0;
    for await (const _ of client.observations.list({ limit: 3 })) count++;
    expect(count).toBe(4);
  });

  test("what is not there is NOT_FOUND", async () => {
    const { client } = await setUp(version);
    expect(await codeOf(client.traces.get("0".repeat(32)))).toBe("NOT_FOUND");
    expect(await codeOf(client.scores.get("none"))).toBe("NOT_FOUND");
  });
});

test("version 4 cuts long metadata values but for the keys that are asked for", async () => {
  const { client, api } = await setUp(4);
  const [traceId] = await record(api.url, ["a"]);
  const lengthOf = async (expandMetadata?: string[]): Promise<number> => {
    const { data } = await client.observations.list({ traceId, name: "a", expandMetadata });
    return (data[0]!.metadata as { long: string }).long.length;
  };
  expect(await lengthOf()).toBe(200);
  expect(await lengthOf(["long"])).toBe(300);
});

test("the older routes are asked at once when the newer ones were missing", async () => {
  const { client, api } = await setUp(3);
  await record(api.url, ["a"]);
  await client.traces.list();
  const before = api.requests.length;
  await client.traces.list();
  expect(api.requests.slice(before).map(({ path }) => path)).toEqual(["/api/public/traces"]);
});

test("version 4 finds the traces of a session", async () => {
  const { client, api } = await setUp(4);
  const tracer = createTracer({ exporters: [langfuse({ baseUrl: api.url, ...keys })], logLevel: "silent" });
  const span = tracer.startObservation("in-session", {}, { trace: { sessionId: "s-1" } });
  span.end();
  await tracer.shutdown();
  const { data } = await client.traces.list({ sessionId: "s-1" });
  expect(data).toMatchObject([{ id: span.traceId, sessionId: "s-1" }]);
  expect((await client.traces.list({ sessionId: "s-2" })).data).toEqual([]);
});
