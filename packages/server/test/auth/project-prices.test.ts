import { expect, describe, it } from "vitest";
import { exportOf, span } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";
import { TRACE_ID, call, withAttributes } from "./calls.ts";

describe("a project's prices", () => {
  it("hold for what comes in from then on, and for what is stored when asked to", () =>
    withServer({}, async (server) => {
      const attributes = { "gen_ai.request.model": "my-model", "gen_ai.usage.input_tokens": 1_000_000 };
      const send = (id: number): Promise<Response> =>
        call(server, "POST", "/v1/traces", { body: JSON.stringify(exportOf([withAttributes(span(id), attributes)])) });
      const costs = async (): Promise<unknown[]> => {
        const trace = await server.store.getTrace("default", TRACE_ID);
        return (trace?.observations ?? []).map((row) => row.cost?.["total"] ?? null);
      };
      await send(1);
      const price = { match: "my-*", prices: { input: 3 } };
      const made = await call(server, "POST", "/api/prices", { body: JSON.stringify(price) });
      const { id } = (await made.json()) as { id: string };
      expect(await (await call(server, "GET", "/api/prices")).json()).toMatchObject([{ id, ...price, provider: null }]);
      await send(2);
      expect(await costs()).toEqual([null, 3]);
      const repriced = await call(server, "POST", "/api/prices/reprice");
      expect(await repriced.json()).toEqual({ traces: 1, observations: 2, changed: 1 });
      expect(await costs()).toEqual([3, 3]);
      expect((await call(server, "DELETE", `/api/prices/${id}`)).status).toBe(204);
      await call(server, "POST", "/api/prices/reprice");
      expect(await costs()).toEqual([null, null]);
    }));

  it("are refused where they make no sense", () =>
    withServer({}, async (server) => {
      for (const body of [
        "[]",
        "{}",
        '{"match":"","prices":{"input":1}}',
        '{"match":"m","prices":{}}',
        '{"match":"m","prices":{"input":-1}}',
        '{"match":"m","prices":{"input":"1"}}',
        '{"match":"m","prices":{"total":1}}',
        `{"match":"${"m".repeat(300)}","prices":{"input":1}}`,
      ]) {
        expect((await call(server, "POST", "/api/prices", { body })).status, body.slice(0, 60)).toBe(400);
      }
      expect((await call(server, "DELETE", "/api/prices/none")).status).toBe(404);
    }));
});
