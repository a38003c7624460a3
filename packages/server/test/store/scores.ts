import { expect, it } from "vitest";
import type { ScoreFilter, ScorePage } from "../../src/store/store.ts";
import { P, T0, batch, hexId, observation, score, type WithStore } from "./fixtures.ts";

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
      await store.writeBatch(P, batch([], [score({ id: "a", value: 5, createdAt: T0 + 9, updatedAt: T0 + 9 })]));
      expect((await store.findScores(P, { id: ["a"] }, { limit: 1 })).data).toMatchObject([
        { value: 5, createdAt: T0, updatedAt: T0 + 9 },
      ]);
      expect(await store.deleteScore(P, "a")).toMatchObject({ id: "a", value: 5 });
      expect(await store.deleteScore(P, "a")).toBeNull();
      expect(await ids({})).toBe("dcb/3");
    }));
}
