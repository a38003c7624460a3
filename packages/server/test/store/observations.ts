import { expect, it } from "vitest";
import { RECORD_RANK, type StoredObservation } from "../../src/model/observation.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { P, T0, batch, hexId, observation, payload, type WithStore } from "./fixtures.ts";

export function observationContract(withStore: WithStore): void {
  it("stores the same observation sent twice once", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([observation()]));
      await store.writeBatch(P, batch([observation(), observation()]));
      const trace = await store.getTrace(P, hexId(1, 32));
      expect(trace?.observations).toHaveLength(1);
      expect((await store.listTraces(P, { limit: 10 })).data).toHaveLength(1);
    }));

  it("stores nothing of a batch whose rows cannot all be read, and goes on with the next", () =>
    withStore(async (store) => {
      const failure = new Error("the second row is broken");
      function* rows(): Iterable<StoredObservation> {
        yield observation({ payload: payload('"of the batch that failed, quoted"') });
        throw failure;
      }
      await expect(store.writeBatch(P, { ...batch([]), observations: rows() })).rejects.toBe(failure);
      expect(await store.getTrace(P, hexId(1, 32))).toBeNull();
      const found = async (): Promise<number> =>
        (await store.listTraces(P, { limit: 10, filter: parseQuery("quoted", "traces") })).data.length;
      expect(await found()).toBe(0);
      // The same text: what failed is not taken for known.
      await store.writeBatch(P, batch([observation({ payload: payload('"of the batch that failed, quoted"') })]));
      expect(await found()).toBe(1);
    }));

  it("counts what is no model call only where nothing below it reports, in any order of arrival", () =>
    withStore(async (store) => {
      const usage = { input: 3, output: 2, total: 5 };
      const outer = observation({ id: hexId(1, 16), type: "span", usage });
      const step = observation({ id: hexId(2, 16), parentId: hexId(1, 16), isRoot: false, type: "agent", usage });
      const call = observation({ id: hexId(3, 16), parentId: hexId(2, 16), isRoot: false, type: "generation", usage });
      for (const rows of [[outer], [step], [call]]) {
        await store.writeBatch(P, batch(rows));
        expect((await store.getTrace(P, hexId(1, 32)))?.trace.totalTokens).toBe(5);
        expect((await store.listTraces(P, { limit: 1 })).data[0]?.totalTokens).toBe(5);
      }
      await store.writeBatch(P, batch([{ ...call, id: hexId(4, 16), type: "embedding" }]));
      expect((await store.listTraces(P, { limit: 1 })).data[0]?.totalTokens).toBe(10);
    }));

  it("tells of a trace without its observations what it tells with them", () =>
    withStore(async (store) => {
      const root = observation({
        version: "v1",
        public: true,
        payload: { ...payload('"in"'), traceMetadata: '{"plan":"pro"}' },
      });
      const child = observation({
        id: hexId(2, 16),
        parentId: root.id,
        isRoot: false,
        model: "gpt-4o",
        level: "ERROR",
      });
      await store.writeBatch(P, batch([child, root]));
      const whole = await store.getTrace(P, root.traceId);
      expect(whole?.trace).toMatchObject({ version: "v1", public: true, metadata: { plan: "pro" }, errorCount: 1 });
      expect(await store.getTraceHead(P, root.traceId)).toEqual(whole?.trace);
      expect(await store.getTraceHead(P, hexId(9, 32))).toBeNull();
    }));

  const start = observation({ endTime: null, status: "running", rank: RECORD_RANK.start });
  const incomplete = observation({ status: "incomplete", level: "WARNING", rank: RECORD_RANK.incomplete });
  const end = observation({ endTime: T0 + 42, payload: payload('"full"') });
  for (const order of [
    [start, end],
    [end, start],
    [start, incomplete, end],
    [end, incomplete, start],
    [incomplete, end, start],
  ]) {
    it(`keeps the end record when records arrive as ${order.map((row) => row.status).join(", ")}`, () =>
      withStore(async (store) => {
        for (const row of order) await store.writeBatch(P, batch([row]));
        const stored = await store.getObservation(P, end.traceId, end.id);
        expect(stored?.summary).toMatchObject({ status: "ok", endTime: T0 + 42, hasInput: true });
        expect(stored?.payload.input).toBe('"full"');
        expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ status: "ok", durationMs: 42 });
      }));
  }

  it("shows a trace as running until its last row has ended", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([start]));
      const [running] = (await store.listTraces(P, { limit: 1 })).data;
      expect(running).toMatchObject({ status: "running", endTime: null, durationMs: null });
      await store.writeBatch(P, batch([end]));
      expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ status: "ok", endTime: T0 + 42 });
    }));

  it("pages by key while newer traces arrive, without repeating or hiding one", () =>
    withStore(async (store) => {
      const traces = (from: number, count: number): StoredObservation[] =>
        Array.from({ length: count }, (_, index) =>
          // Two traces share each start, so that the id decides too.
          observation({ traceId: hexId(from + index, 32), startTime: T0 + Math.floor((from + index) / 2) }),
        );
      await store.writeBatch(P, batch(traces(1, 25)));
      const seen: string[] = [];
      let cursor: string | undefined;
      let next = 1000;
      do {
        const page = await store.listTraces(P, { limit: 4, cursor });
        seen.push(...page.data.map((trace) => trace.traceId));
        cursor = page.nextCursor ?? undefined;
        await store.writeBatch(P, batch(traces(next, 3)));
        next += 3;
      } while (cursor !== undefined);
      expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => hexId(25 - index, 32)));
    }));

  it("refuses a cursor it did not give out", () =>
    withStore(async (store) => {
      await expect(store.listTraces(P, { limit: 1, cursor: "nonsense" })).rejects.toThrow(/cursor/i);
    }));

  it("keeps orphans, and takes the root's word when it arrives in a later batch", () =>
    withStore(async (store) => {
      const child = observation({
        id: hexId(2, 16),
        parentId: hexId(1, 16),
        isRoot: false,
        name: "child",
        userId: "child-user",
        startTime: T0 + 5,
      });
      await store.writeBatch(P, batch([child]));
      expect((await store.listTraces(P, { limit: 1 })).data[0]).toMatchObject({ name: "child", startTime: T0 + 5 });
      const root = observation({
        traceName: "chat",
        userId: "root-user",
        inputPreview: "hello",
        payload: { ...payload('"hi"'), traceMetadata: '{"a":1}' },
      });
      await store.writeBatch(P, batch([root]));
      const trace = await store.getTrace(P, root.traceId);
      expect(trace?.trace).toMatchObject({
        name: "chat",
        userId: "root-user",
        startTime: T0,
        observationCount: 2,
        inputPreview: "hello",
        metadata: { a: 1 },
      });
      expect(trace?.observations.map((row) => row.parentId)).toEqual([null, hexId(1, 16)]);
    }));

  it("gives back every field as it was", () =>
    withStore(async (store) => {
      const full = observation({
        name: "ünïcødé 🌊 \u2028 名前",
        startTime: T0 + 0.123,
        completionStartTime: T0 + 1.5,
        usage: { input: 1, output_reasoning_tokens: 2 },
        cost: { total: 0.1 },
        costSource: "provided",
        model: "m",
        provider: "p",
        promptName: "q",
        promptVersion: 3,
        tags: ["a", "ß"],
        public: true,
        version: "v",
        scopeName: "s",
        payload: { ...payload('{"big":9007199254740993,"text":"\\u0000😀"}'), events: "[]" },
      });
      await store.writeBatch(P, batch([full]));
      const stored = await store.getObservation(P, full.traceId, full.id);
      expect(stored?.summary).toMatchObject({
        name: full.name,
        startTime: full.startTime,
        usage: full.usage,
        cost: full.cost,
      });
      expect(stored).toMatchObject({
        version: "v",
        prompt: { name: "q", version: 3 },
        scope: { name: "s", version: null },
      });
      const { traceMetadata: _, ...rest } = full.payload;
      expect(stored?.payload).toMatchObject(rest);
      expect((await store.getTrace(P, full.traceId))?.trace).toMatchObject({
        tags: ["a", "ß"],
        public: true,
        version: "v",
      });
    }));

  it("keeps a payload of 10 MB whole", () =>
    withStore(async (store) => {
      const input = JSON.stringify("0123456789".repeat(1024 * 1024));
      await store.writeBatch(P, batch([observation({ payload: payload(input) })]));
      const stored = await store.getObservation(P, hexId(1, 32), hexId(1, 16));
      expect(stored?.payload.input === input).toBe(true);
    }));

  it("commits many writes at once", () =>
    withStore(async (store) => {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          store.writeBatch(P, batch([observation({ id: hexId(index + 1, 16) })])),
        ),
      );
      expect((await store.getTrace(P, hexId(1, 32)))?.observations).toHaveLength(100);
    }));
}
