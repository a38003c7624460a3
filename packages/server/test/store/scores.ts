import { expect, it } from "vitest";
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
}
