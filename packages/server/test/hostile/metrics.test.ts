import { expect, it } from "vitest";
import { STORES, ask, lone, send, withStore } from "./hostile-server.ts";
import { withServer } from "../with-server.ts";

it("gives steps of time from the first to the last that there are", () =>
  withServer({}, async (server) => {
    const steps = async (granularity: string, fromTimestamp: string): Promise<string[]> => {
      const query = {
        view: "observations",
        metrics: [{ measure: "count", aggregation: "count" }],
        timeDimension: { granularity },
        fromTimestamp,
        toTimestamp: "+275760-09-13T00:00:00.000Z",
      };
      const path = `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify(query))}`;
      const { status, text } = await ask(server, path);
      expect([granularity, fromTimestamp, status, text.slice(0, 200)]).toEqual([
        granularity,
        fromTimestamp,
        200,
        expect.any(String),
      ]);
      return (JSON.parse(text) as { data: { time_dimension: string }[] }).data.map((row) => row.time_dimension);
    };
    expect((await steps("month", "0000-01-01")).slice(0, 3)).toEqual(["0000-01-01", "0000-02-01", "0000-03-01"]);
    expect((await steps("week", "0000-01-01")).slice(0, 2)).toEqual(["-000001-12-27", "0000-01-03"]);
    for (const granularity of ["auto", "minute", "hour", "day", "week", "month"]) {
      await steps(granularity, "-271821-04-20T00:00:00.000Z");
      expect((await steps(granularity, "+275760-09-12T00:00:00.000Z")).length).toBeGreaterThan(0);
    }
  }));

it.each(STORES)("gives groups of the same size in the order of their names (%s)", (store) =>
  withStore(store, async (server) => {
    await send(
      server,
      ["c", "a", "d", "b"].map((name, index) => lone(index + 1, {}, name)),
    );
    const query = {
      view: "observations",
      metrics: [{ measure: "count", aggregation: "count" }],
      dimensions: [{ field: "name" }],
      fromTimestamp: "2026-11-18",
      toTimestamp: "2026-11-19",
    };
    const names = async (more: object): Promise<string[]> => {
      const path = `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify({ ...query, ...more }))}`;
      return (JSON.parse((await ask(server, path)).text) as { data: { name: string }[] }).data.map(({ name }) => name);
    };
    expect(await names({})).toEqual(["a", "b", "c", "d"]);
    expect(await names({ config: { row_limit: 2 } })).toEqual(["a", "b"]);
    expect(await names({ orderBy: [{ field: "count_count", direction: "asc" }] })).toEqual(["a", "b", "c", "d"]);
    expect(await names({ orderBy: [{ field: "name", direction: "desc" }] })).toEqual(["d", "c", "b", "a"]);
  }),
);
