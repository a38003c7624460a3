import { expect, it } from "vitest";
import { TraceTooLargeError } from "../../src/store/errors.ts";
import { payloadChars } from "../../src/store/whole-rows.ts";
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

  it("reads no more of a trace than its reader takes", () =>
    withStore(async (store) => {
      const rows = [1, 2].map((n) =>
        observation({ id: hexId(n, 16), payload: payload(JSON.stringify("x".repeat(98))) }),
      );
      await store.writeBatch(P, batch(rows));
      const chars = rows.reduce((sum, row) => sum + payloadChars(row), 0);
      const read = (maxRows: number, maxChars: number): Promise<unknown[]> =>
        store.readRows(P, hexId(1, 32), undefined, { maxRows, maxChars });
      expect(await read(2, chars)).toHaveLength(2);
      await expect(read(1, chars)).rejects.toThrow(TraceTooLargeError);
      await expect(read(2, chars - 1)).rejects.toThrow(TraceTooLargeError);
      expect((await store.getTrace(P, hexId(1, 32), 2))?.observations).toHaveLength(2);
      await expect(store.getTrace(P, hexId(1, 32), 1)).rejects.toThrow(TraceTooLargeError);
    }));
}
