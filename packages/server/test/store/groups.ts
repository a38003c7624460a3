import { expect, it } from "vitest";
import type { TraceSkeleton } from "../../src/api/lists.ts";
import type { StoredObservation } from "../../src/model/observation.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { parseTextPattern, type TextPattern } from "../../src/search/text.ts";
import { MAX_SESSION_TRACES } from "../../src/store/groups.ts";
import { deleteTraces, prune } from "../../src/store/retention.ts";
import type { Store } from "../../src/store/store.ts";
import { P, T0, batch, hexId, mediaWrite, observation, payload, score, type WithStore } from "./fixtures.ts";
import { sampleRows } from "./sample-rows.ts";

const HOUR = 3_600_000;
const from = Math.floor(T0 / HOUR) * HOUR;

function words(text: string): TextPattern {
  const pattern = parseTextPattern(text);
  if (pattern === null) throw new Error(`"${text}" has no word.`);
  return pattern;
}

async function skeletonOf(store: Store, traceId: string): Promise<TraceSkeleton> {
  return JSON.parse(Buffer.from((await store.readSkeleton(P, traceId)) ?? []).toString()) as TraceSkeleton;
}

export function groupContract(withStore: WithStore): void {
  const withRows: WithStore = (use) =>
    withStore(async (store) => {
      const { observations, scores } = sampleRows();
      await store.writeBatch(P, batch(observations, scores));
      await use(store);
    });

  it("sums up sessions, the newest first, page by page", () =>
    withRows(async (store) => {
      await store.writeBatch(P, batch([observation({ traceId: hexId(9, 32), sessionId: "s2", startTime: T0 + 500 })]));
      const first = await store.listSessions(P, { limit: 1 });
      expect(first.data).toMatchObject([
        {
          sessionId: "s1",
          traceCount: 2,
          startTime: T0 + 1000,
          endTime: T0 + 3000,
          errorCount: 0,
          userIds: ["u1", "u2"],
          totalTokens: 320,
          cost: expect.closeTo(0.03, 9),
        },
      ]);
      const second = await store.listSessions(P, { limit: 1, cursor: first.nextCursor ?? "" });
      expect([second.data.map((row) => row.sessionId), second.nextCursor]).toEqual([["s2"], null]);
      const chosen = await store.listSessions(P, { limit: 9, filter: parseQuery("user:u2", "traces") });
      expect(chosen.data).toMatchObject([{ sessionId: "s1", traceCount: 2 }]);

      const detail = await store.getSession(P, "s1");
      expect(detail?.traces.map((trace) => trace.input)).toEqual([
        "Question 1 about Überweisungen",
        "Question 2 about Überweisungen",
      ]);
      expect(detail).toMatchObject({ truncated: false, session: { traceCount: 2 } });
      expect(detail?.scores.map((score) => score.id).sort()).toEqual(["a", "b"]);
      expect(await store.getSession(P, "none")).toBeNull();
    }));

  it("gives a long session's first traces, with the scores of these", () =>
    withStore(async (store) => {
      const rows = Array.from({ length: MAX_SESSION_TRACES + 1 }, (_, index) =>
        observation({ traceId: hexId(index + 1, 32), startTime: T0 + index, sessionId: "long" }),
      );
      const scores = rows.map(({ traceId }, index) => score({ id: `s${index}`, traceId }));
      await store.writeBatch(P, batch(rows, [...scores, score({ id: "own", traceId: null, sessionId: "long" })]));
      const session = await store.getSession(P, "long");
      expect(session?.truncated).toBe(true);
      expect(session?.session.traceCount).toBe(rows.length);
      expect(session?.traces.map(({ traceId }) => traceId)).toEqual(rows.slice(0, -1).map(({ traceId }) => traceId));
      expect(session?.scores.map(({ id }) => id)).toEqual([...scores.slice(0, -1).map(({ id }) => id), "own"]);
    }));

  it("sums up users", () =>
    withRows(async (store) => {
      const { data } = await store.listUsers(P, { limit: 2 });
      expect(data).toMatchObject([
        { userId: "u0", traceCount: 2, sessionCount: 0, firstSeen: T0 + 3000, lastSeen: T0 + 6000, errorCount: 1 },
        { userId: "u2", traceCount: 2, sessionCount: 1 },
      ]);
    }));

  it("gives a trace's tree in columns", () =>
    withRows(async (store) => {
      const skeleton = await skeletonOf(store, hexId(3, 32));
      const word = (index: number | undefined): string => skeleton.dictionary[index ?? 0] ?? "";
      expect(skeleton).toMatchObject({
        count: 3,
        ids: [hexId(30, 16), hexId(31, 16), hexId(32, 16)],
        parents: [-1, 0, 0],
        startMicros: [0, 10_000, 100_000],
        durationMicros: [1_500_000, 50_000, 300_000],
        firstTokenMicros: [-1, -1, 60_000],
        costs: [-1, -1, 0.03],
        flags: [1, 1 | 2 | 32, 1 | 8 | 16],
        startTime: T0 + 3000,
      });
      expect(skeleton.levels.map(word)).toEqual(["DEFAULT", "ERROR", "DEFAULT"]);
      expect(skeleton.models.map(word)).toEqual(["", "", "gpt-4o"]);
      const orphan = observation({ traceId: hexId(8, 32), parentId: hexId(99, 16), endTime: null, status: "running" });
      await store.writeBatch(P, batch([orphan]));
      expect(await skeletonOf(store, hexId(8, 32))).toMatchObject({ parents: [-2], durationMicros: [-1] });
      expect(await store.readSkeleton(P, hexId(77, 32))).toBeNull();
    }));

  it("gives a tree in order of start, then id, whatever the order in which its rows came", () =>
    withStore(async (store) => {
      // Less than a microsecond apart: told apart by what they are, not by what the columns show.
      const starts = [T0, T0 + 0.0005, T0 + 0.25, T0 + 0.25, T0 + 9];
      const rows = starts.map((startTime, index) =>
        observation({
          id: hexId(50 - index, 16),
          parentId: index === 0 ? null : hexId(50, 16),
          isRoot: index === 0,
          startTime,
          endTime: startTime + index,
          usage: { input: index, output: 2 * index, total: 3 * index },
          cost: { total: index / 8 },
        }),
      );
      for (const index of [3, 0, 4, 1, 2]) await store.writeBatch(P, batch([rows[index] as StoredObservation]));
      await store.writeBatch(P, batch([], [score({ traceId: hexId(1, 32), observationId: hexId(49, 16) })]));
      const skeleton = await skeletonOf(store, hexId(1, 32));
      const order = [0, 1, 3, 2, 4];
      expect(skeleton).toMatchObject({
        ids: order.map((index) => hexId(50 - index, 16)),
        parents: [-1, 0, 0, 0, 0],
        durationMicros: order.map((index) => 1000 * index),
        inputTokens: order,
        outputTokens: order.map((index) => 2 * index),
        costs: order.map((index) => index / 8),
        flags: [0, 16, 0, 0, 0],
        startTime: T0,
      });
    }));

  it("sums up by what a trace says where a row of it says nothing, with a filter and without", () =>
    withStore(async (store) => {
      const from = Math.floor(T0 / HOUR) * HOUR;
      const root = observation({ id: hexId(1, 16), name: "root", release: "r1", environment: "prod" });
      const below = (number: number) => observation({ id: hexId(number, 16), parentId: root.id, isRoot: false });
      // The root ends, and so comes, last.
      for (const row of [below(2), below(3), root]) await store.writeBatch(P, batch([row]));
      for (const [by, value] of [
        ["release", "r1"],
        ["environment", "prod"],
        ["traceName", "root"],
      ] as const) {
        const options = { from, to: from + 24 * HOUR, by, buckets: 1, top: 5 };
        for (const filter of [null, parseQuery("has:id", "observations")]) {
          const { groups } = await store.readMetrics(P, options, { filter });
          expect(groups.map((group) => [group.value, group.values.observations])).toEqual([[value, 3]]);
        }
      }
    }));

  it("finds words in a trace", () =>
    withRows(async (store) => {
      const find = async (text: string): Promise<string[] | undefined> =>
        (await store.findInTrace(P, hexId(6, 32), words(text)))?.ids;
      expect(await find("zebra6")).toEqual([hexId(61, 16)]);
      expect(await find("answer")).toEqual([hexId(62, 16)]);
      expect(await find("quokka")).toEqual([hexId(62, 16)]);
      expect(await find("zebra5")).toEqual([]);
      expect(await store.findInTrace(P, hexId(6, 32), null)).toEqual({ ids: [], truncated: false });
      expect(await store.findInTrace(P, "none", words("x"))).toBeNull();
      expect(await store.findInTrace(P, "none", null)).toBeNull();
    }));

  it("reads no more of a payload than was asked for", () =>
    withRows(async (store) => {
      const whole = await store.getObservation(P, hexId(6, 32), hexId(62, 16));
      const cut = await store.getObservation(P, hexId(6, 32), hexId(62, 16), 100);
      const input = cut?.payload.input ?? "";
      expect(input.length).toBeGreaterThan(100);
      expect(whole?.payload.input?.startsWith(input)).toBe(true);
    }));

  it("sums up by hour, and the same with a filter that all pass", () =>
    withRows(async (store) => {
      const options = { from, to: from + 48 * HOUR, by: "model", buckets: 2, top: 1 } as const;
      const rolled = await store.readMetrics(P, options, {});
      const exact = await store.readMetrics(P, options, { filter: parseQuery("start:>2000-01-01", "observations") });
      for (const metrics of [rolled, exact]) {
        expect(metrics.total).toMatchObject({
          traces: 6,
          observations: 18,
          generations: 6,
          errors: 1,
          cost: expect.closeTo(0.17, 9),
          costIncomplete: true,
          usage: { input: 2100, output: 60, total: 2160 },
          scores: { helpful: { count: 2, mean: expect.closeTo(0.55, 9) } },
        });
        expect(metrics.total.latency?.p50 ?? 0).toBeGreaterThan(285);
        expect(metrics.total.latency?.p50 ?? 0).toBeLessThan(315);
        expect(metrics.series.map((point) => point.values.observations)).toEqual([18, 0]);
        expect(metrics.groups).toMatchObject([{ value: "claude-3", values: { generations: 3 } }]);
        expect(metrics.other?.generations).toBe(3);
      }
      const some = await store.readMetrics(
        P,
        { ...options, by: null },
        { filter: parseQuery("user:u1 type:tool", "observations") },
      );
      expect(some.total).toMatchObject({ traces: 2, observations: 2, generations: 0, latency: null });
    }));

  it("counts an agent's usage where no call reports its own", () =>
    withStore(async (store) => {
      const agent = { type: "agent", usage: { input: 10 }, cost: { total: 1 } } as const;
      const call = observation({
        id: hexId(2, 16),
        parentId: hexId(1, 16),
        isRoot: false,
        type: "generation",
        usage: { input: 10 },
        cost: { total: 1 },
      });
      await store.writeBatch(P, batch([observation(agent), call]));
      await store.writeBatch(P, batch([observation({ ...agent, traceId: hexId(2, 32) })]));
      const { total } = await store.readMetrics(P, { from, to: from + 24 * HOUR, by: null, buckets: 1, top: 1 }, {});
      expect(total.cost).toBe(2);
    }));

  it.each(["0123", "3210", "2031", "1302"])("sums up as a trace does, whatever the order of arrival: %s", (order) =>
    withStore(async (store) => {
      const child = (id: number, parent: number) => ({ id: hexId(id, 16), parentId: hexId(parent, 16), isRoot: false });
      const rows = [
        observation({ type: "agent", usage: { input: 17 }, cost: { total: 17 } }),
        observation({ ...child(2, 1), type: "generation", usage: { input: 10 }, cost: { total: 10 } }),
        // Its calls are not traced: what it reports is in no other row.
        observation({ ...child(3, 1), type: "agent", usage: { input: 7 }, cost: { total: 7 } }),
        observation({ ...child(4, 2), type: "tool" }),
      ];
      for (const index of order) await store.writeBatch(P, batch([rows[Number(index)] as StoredObservation]));
      const options = { from, to: from + 24 * HOUR, by: "type", buckets: 1, top: 9 } as const;
      const read = async (): Promise<unknown[]> => {
        const exact = { filter: parseQuery("start:>2000-01-01", "observations") };
        const both = [await store.readMetrics(P, options, {}), await store.readMetrics(P, options, exact)];
        return both.map(({ total, groups }) => [
          total.cost,
          total.usage["total"],
          groups.map(({ value, values }) => [value, values.cost]),
        ]);
      };
      const expected = [
        17,
        17,
        [
          ["generation", 10],
          ["agent", 7],
          ["tool", null],
        ],
      ];
      expect(await read()).toEqual([expected, expected]);
      expect((await store.getTraceHead(P, hexId(1, 32)))?.totalTokens).toBe(17);

      // When nothing below it reports any more, its own is all there is.
      for (const index of [1, 2]) {
        await store.writeBatch(P, batch([{ ...(rows[index] as StoredObservation), usage: null, cost: null }]));
      }
      const alone = [
        17,
        17,
        [
          ["agent", 17],
          ["generation", null],
          ["tool", null],
        ],
      ];
      expect(await read()).toEqual([alone, alone]);
      await deleteTraces(store, P, [hexId(1, 32)]);
      expect(await read()).toEqual([
        [null, undefined, []],
        [null, undefined, []],
      ]);
    }),
  );

  it("follows rows that change, and forgets what is deleted", () =>
    withStore(async (store) => {
      const read = async () =>
        (await store.readMetrics(P, { from, to: from + 24 * HOUR, by: null, buckets: 1, top: 1 }, {})).total;
      const running = observation({ type: "generation", endTime: null, status: "running", rank: 0 });
      const ended = observation({
        type: "generation",
        level: "ERROR",
        status: "error",
        usage: { input: 3 },
        model: "m",
      });
      await store.writeBatch(P, batch([running]));
      await store.writeBatch(P, batch([ended]));
      await store.writeBatch(P, batch([ended]));
      expect(await read()).toMatchObject({ traces: 1, observations: 1, errors: 1, usage: { input: 3, total: 3 } });
      await deleteTraces(store, P, [hexId(1, 32)]);
      expect(await read()).toMatchObject({ traces: 0, observations: 0, errors: 0, usage: {}, latency: null });
    }));

  it("deletes a trace with its scores, words and media, and leaves what others share", () =>
    withRows(async (store) => {
      const shared = payload('"a sentence that two traces have"');
      await store.writeBatch(
        P,
        batch([
          observation({ traceId: hexId(7, 32), payload: shared }),
          observation({ traceId: hexId(8, 32), payload: shared }),
        ]),
      );
      const media = [
        mediaWrite("m1", Uint8Array.of(1), { traceId: hexId(1, 32) }),
        mediaWrite("m2", Uint8Array.of(2), { traceId: hexId(1, 32) }),
        mediaWrite("m2", null, { traceId: hexId(2, 32) }),
      ];
      await store.writeBatch(P, { observations: [], scores: [], media, bytes: 1 });

      expect(await deleteTraces(store, P, [hexId(1, 32), hexId(7, 32), hexId(99, 32)])).toBe(2);
      expect(await store.getTrace(P, hexId(1, 32))).toBeNull();
      expect(await store.listScores(P, hexId(1, 32))).toEqual([]);
      expect([await store.getMedia(P, "m1"), (await store.getMedia(P, "m2"))?.id]).toEqual([null, "m2"]);
      const found = async (q: string): Promise<string[]> =>
        (await store.listTraces(P, { filter: parseQuery(q, "traces"), limit: 9 })).data.map((row) => row.traceId);
      expect(await found("zebra1")).toEqual([]);
      expect(await found('"sentence that two"')).toEqual([hexId(8, 32)]);
      expect(await found("zebra2 quokka")).toEqual([hexId(2, 32)]);
      expect((await store.getObservation(P, hexId(8, 32), hexId(1, 16)))?.payload.input).toBe(shared.input);
      expect((await store.getObservation(P, hexId(6, 32), hexId(62, 16)))?.payload.input?.length).toBeGreaterThan(3000);

      // It may come again.
      await store.writeBatch(P, batch([observation({ payload: payload('"zebra1 again"') })]));
      expect(await found("zebra1")).toEqual([hexId(1, 32)]);
      expect(await store.checkIntegrity()).toEqual([]);
    }));

  it("prunes by age, all projects, and only once", () =>
    withRows(async (store) => {
      await store.writeBatch("other", batch([observation({ startTime: T0 - 1000 })]));
      const settings = { maxAgeDays: 1, maxBytes: null };
      const now = T0 + 3500 + 24 * HOUR;
      expect(await prune(store, settings, { now })).toEqual({ deletedTraces: 4, isDone: true });
      expect(await prune(store, settings, { now })).toEqual({ deletedTraces: 0, isDone: true });
      expect((await store.listTraces(P, { limit: 9 })).data.map((row) => row.traceId)).toEqual(
        [6, 5, 4].map((n) => hexId(n, 32)),
      );
      expect((await store.listTraces("other", { limit: 9 })).data).toEqual([]);
    }));
}
