import { expect, it } from "vitest";
import { STORES, ask, statuses, traceOf, withStore } from "./hostile-server.ts";
import { withServer } from "../with-server.ts";

it("refuses sources and types that no score has", () =>
  withServer({}, async (server) => {
    const paths = ["/api/scores", "/api/public/scores", "/api/public/v2/scores", "/api/public/v3/scores"].flatMap(
      (route) => [`${route}?source=nobody`, `${route}?dataType=NUMERIC,colour`],
    );
    expect(await statuses(server, paths)).toEqual(paths.map((path) => [path, 400]));
    expect((await ask(server, "/api/public/v2/scores?source=api,EVAL&dataType=numeric")).status).toBe(200);
  }));

it.each(STORES)("gives each score once, also when scores come while the pages are read (%s)", (store) =>
  withStore(store, async (server) => {
    const give = async (from: number, to: number, timestamp: string): Promise<void> => {
      const batch = Array.from({ length: to - from }, (_, index) => ({
        id: `event ${from + index}`,
        type: "score-create",
        timestamp,
        body: { id: `s${from + index}`, traceId: traceOf(1), name: "n", value: 1 },
      }));
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ batch });
      expect((await fetch(`${server.url}/api/public/ingestion`, { method: "POST", headers, body })).ok).toBe(true);
    };
    await give(0, 30, "2026-11-18T11:06:40.000Z");
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      const { status, text } = await ask(server, `/api/scores?limit=7${cursor}`);
      expect(status).toBe(200);
      const { data, nextCursor } = JSON.parse(text) as { data: { id: string }[]; nextCursor: string | null };
      seen.push(...data.map(({ id }) => id));
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
      // The newest stand in front.
      await give(100 + page * 10, 105 + page * 10, "2026-11-18T12:00:00.000Z");
    }
    expect(seen).toHaveLength(30);
    expect(new Set(seen).size).toBe(30);
    for (const wrong of ["x", "MQ", Buffer.from("[1,2]").toString("base64url")]) {
      expect((await ask(server, `/api/scores?cursor=${wrong}`)).status).toBe(400);
    }
  }),
);
