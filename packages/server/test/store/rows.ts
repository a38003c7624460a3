import { expect, it } from "vitest";
import { P, T0, batch, hexId, observation, payload, type WithStore } from "./fixtures.ts";

export function rowContract(withStore: WithStore): void {
  it("gives back whole rows, all of a trace or those asked for, by start", () =>
    withStore(async (store) => {
      const late = observation({ id: hexId(1, 16), startTime: T0 + 5, payload: payload('{"x":"ä"}') });
      const early = observation({ id: hexId(2, 16), tags: ["a"], fieldOrders: { name: 17.5 } });
      await store.writeBatch(P, batch([late, early, observation({ traceId: hexId(2, 32) })]));
      expect(await store.readRows(P, hexId(1, 32))).toEqual([early, late]);
      expect(await store.readRows(P, hexId(1, 32), [hexId(1, 16), hexId(7, 16)])).toMatchObject([late]);
      expect(await store.readRows(P, hexId(1, 32), [])).toEqual([]);
      expect(await store.readRows(P, "none")).toEqual([]);
    }));
}
