import { expect, it } from "vitest";
import type { ScoreFilter, ScorePage } from "../../src/store/store.ts";
import { MAX_ROW_VALUE_CHARS } from "../../src/store/row-bounds.ts";
import { P, T0, batch, hexId, observation, payload, score, type WithStore } from "./fixtures.ts";

export function scoreContract(withStore: WithStore): void {
  it("upserts scores by id and finds them by trace", () =>
    withStore(async (store) => {
      await store.writeBatch(P, batch([observation()], [score()]));
      const later = score({ value: 0.5, metadata: { by: "ä" }, observationId: hexId(1, 16) });
      await store.writeBatch(
        P,
        batch([], [later, score({ id: "s2", timestamp: T0 + 1 }), score({ id: "s3", traceId: hexId(9, 32) })]),
      );
      expect(await store.listScores(P, hexId(1, 32))).toEqual([later, score({ id: "s2", timestamp: T0 + 1 })]);
      expect((await store.listTraces(P, { limit: 1 })).data[0]?.scores).toHaveLength(2);
      expect((await store.getObservation(P, hexId(1, 32), hexId(1, 16)))?.scores).toEqual([later]);
    }));

  it("finds scores by the user and the tags of their trace", () =>
    withStore(async (store) => {
      const mine = observation({ userId: "u", tags: ["a", "b"] });
      const other = observation({ traceId: hexId(2, 32), userId: "v", tags: ["b"] });
      const scores = [
        score(),
        score({ id: "o", observationId: hexId(1, 16) }),
        score({ id: "v", traceId: hexId(2, 32) }),
        score({ id: "s", traceId: null, sessionId: "x" }),
        score({ id: "gone", traceId: hexId(3, 32) }),
      ];
      await store.writeBatch(P, batch([mine, other], scores));
      const find = async (trace: ScoreFilter["trace"]): Promise<string[]> =>
        (await store.findScores(P, { trace }, { limit: 10 })).data.map(({ id }) => id).sort();
      expect(await find({ userId: "u" })).toEqual(["o", score().id].sort());
      expect(await find({ tags: ["b"] })).toEqual(["o", score().id, "v"].sort());
      expect(await find({ tags: ["b", "a"], userId: "v" })).toEqual([]);
      expect(await find({ tags: ["b"], userId: "v" })).toEqual(["v"]);
    }));

  it("tells what was scored, of payloads of any size", () =>
    withStore(async (store) => {
      const large = JSON.stringify([
        ...Array.from({ length: 40 }, (_, index) => ({ role: "user", content: `${index} ${"word ".repeat(400)}` })),
        { role: "user", content: "the last" },
      ]);
      const root = observation({ inputPreview: "asked", outputPreview: "answered", payload: payload('"asked"') });
      const child = observation({
        id: hexId(2, 16),
        parentId: hexId(1, 16),
        isRoot: false,
        name: "call",
        payload: payload('{"question":"why"}'),
      });
      const long = { ...child, id: hexId(3, 16), name: "long", payload: payload(large) };
      await store.writeBatch(P, batch([root, child, long]));
      const traceId = hexId(1, 32);
      const [trace, own, whole, gone, none] = await store.describeScored(P, [
        { traceId, observationId: null },
        { traceId, observationId: hexId(2, 16) },
        { traceId, observationId: hexId(3, 16) },
        { traceId: hexId(9, 32), observationId: null },
        { traceId: null, observationId: null },
      ]);
      const nothing = { traceName: null, observationName: null, inputPreview: null, outputPreview: null };
      const ofTrace = { traceName: "root", inputPreview: "asked", outputPreview: "answered" };
      expect(trace).toEqual({ ...ofTrace, observationName: null });
      expect(own).toEqual({ traceName: "root", observationName: "call", inputPreview: "why", outputPreview: null });
      expect(whole).toMatchObject({
        traceName: "root",
        observationName: "long",
        inputPreview: expect.any(String) as unknown,
      });
      expect([gone, none]).toEqual([nothing, nothing]);
      const listed = await store.listObservations(P, { limit: 10 });
      expect(listed.data.map(({ inputPreview }) => typeof inputPreview)).toEqual(["string", "string", "string"]);
    }));

  it("finds scores as rows of a list in the same way, with long values cut", () =>
    withStore(async (store) => {
      const long = "x".repeat(MAX_ROW_VALUE_CHARS + 1);
      const all = [
        score({ id: "a", value: null, stringValue: long, dataType: "TEXT", comment: long, metadata: { long } }),
        score({ id: "b", timestamp: T0 + 1, comment: "short", metadata: { short: 1 } }),
        score({ id: "c", timestamp: T0 + 2, name: "other", comment: long.slice(1), metadata: null }),
      ];
      await store.writeBatch(P, batch([], all));
      const filter = { name: ["helpful"] };
      const rows = await store.findRowScores(P, filter, { limit: 9 });
      expect([rows.total, rows.data.map(({ id }) => id)]).toEqual([2, ["b", "a"]]);
      const cut = `${"x".repeat(MAX_ROW_VALUE_CHARS - 1)}…`;
      expect(rows.data[1]).toMatchObject({
        stringValue: cut,
        comment: cut,
        metadata: null,
        truncated: ["stringValue", "comment", "metadata"],
      });
      // What is short is the whole.
      expect(rows.data[0]).toEqual((await store.findScores(P, { id: ["b"] }, { limit: 1 })).data[0]);
      const [edge] = (await store.findRowScores(P, { id: ["c"] }, { limit: 1 })).data;
      expect(edge).toEqual((await store.findScores(P, { id: ["c"] }, { limit: 1 })).data[0]);
      const after = { timestamp: T0 + 1, id: "b" };
      expect((await store.findRowScores(P, filter, { limit: 1, after })).data.map(({ id }) => id)).toEqual(["a"]);
      expect((await store.findRowScores(P, {}, { limit: 1, offset: 2 })).data.map(({ id }) => id)).toEqual(["a"]);
    }));

  it("finds scores by any field, newest first, in pages of both kinds, and deletes one", () =>
    withStore(async (store) => {
      const all = [
        score({ id: "a", value: 1, environment: "prod", createdAt: T0 }),
        score({ id: "b", value: 2, timestamp: T0 + 1, observationId: "o" }),
        score({ id: "c", value: null, stringValue: "x", dataType: "CATEGORICAL", timestamp: T0 + 1, sessionId: "s" }),
        score({ id: "d", value: 0, dataType: "BOOLEAN", timestamp: T0 + 2, datasetRunId: "r" }),
      ];
      await store.writeBatch(P, batch([], all));
      const ids = async (filter: ScoreFilter, page: Partial<ScorePage> = {}): Promise<string> => {
        const { data, total } = await store.findScores(P, filter, { limit: 10, ...page });
        return `${data.map(({ id }) => id).join("")}/${total}`;
      };
      expect(await ids({})).toBe("dcba/4");
      expect(await ids({}, { limit: 2, offset: 1 })).toBe("cb/4");
      expect(await ids({}, { limit: 2, after: { timestamp: T0 + 1, id: "c" } })).toBe("ba/4");
      expect(await ids({ id: ["a", "d", "z"] })).toBe("da/2");
      expect(await ids({ environment: ["prod"], name: ["helpful"] })).toBe("a/1");
      expect(await ids({ value: [0, 2] })).toBe("db/2");
      expect(await ids({ stringValue: ["x"] })).toBe("c/1");
      expect(
        await ids({
          compare: [
            { operator: ">=", value: 1 },
            { operator: "<", value: 2 },
          ],
        }),
      ).toBe("a/1");
      expect(await ids({ from: T0 + 1, to: T0 + 2 })).toBe("cb/2");
      expect(await ids({ traceId: [] })).toBe("/0");
      await store.writeBatch(
        P,
        batch([], [score({ id: "a", value: 1, environment: "prod", comment: "Not Ünd_100%" })]),
      );
      expect(await ids({ comment: "not Ü" })).toBe("a/1");
      expect(await ids({ comment: "not ü" })).toBe("/0");
      expect(await ids({ comment: "_1%" })).toBe("/0");
      await store.writeBatch(P, batch([], [score({ id: "a", value: 5, createdAt: T0 + 9, updatedAt: T0 + 9 })]));
      expect((await store.findScores(P, { id: ["a"] }, { limit: 1 })).data).toMatchObject([
        { value: 5, createdAt: T0, updatedAt: T0 + 9 },
      ]);
      expect(await store.deleteScore(P, "a")).toMatchObject({ id: "a", value: 5 });
      expect(await store.deleteScore(P, "a")).toBeNull();
      expect(await ids({})).toBe("dcb/3");
    }));
}
