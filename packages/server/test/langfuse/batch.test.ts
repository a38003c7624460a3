import { describe, expect, it } from "vitest";
import type { TraceDetail } from "../../src/index.ts";
import type { SpanwiseServer } from "../../src/index.ts";
import { withServer } from "../with-server.ts";

const T0 = Date.parse("2026-11-01T10:00:00.000Z");
const at = (ms: number): string => new Date(T0 + ms).toISOString();

async function send(server: SpanwiseServer, batch: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${server.url}/api/public/ingestion`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ batch }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function traceOf(server: SpanwiseServer, id: string): Promise<TraceDetail> {
  return (await (await fetch(`${server.url}/api/traces/${id}`)).json()) as TraceDetail;
}

let count = 0;
const event = (type: string, body: unknown, ms = 0): Record<string, unknown> => ({
  id: `envelope-${++count}`,
  type,
  timestamp: at(ms),
  body,
});

describe("Langfuse batches", () => {
  it("answers each event, and one that is refused keeps no other out", () =>
    withServer({}, async (server) => {
      const events = [
        event("trace-create", { id: "t", name: "run" }),
        event("span-create", { id: "s", traceId: "t", startTime: "yesterday" }),
        event("dance-create", { id: "d", traceId: "t" }),
        event("score-create", { traceId: "t", name: "ok", value: 1 }),
        event("sdk-log", { log: "x" }),
        { id: "bare", type: "trace-create" },
        { ...event("x", {}), id: "odd", type: { toString: 1 } },
        "text",
      ];
      const { status, body } = await send(server, events);
      expect(status).toBe(207);
      const { successes, errors } = body as { successes: { id: string }[]; errors: { id: string; status: number }[] };
      expect(successes.map(({ id }) => id)).toEqual(
        [events[0], events[3], events[4]].map((sent) => (sent as { id: string }).id),
      );
      expect(errors.map(({ id, status: code }) => [id, code])).toEqual([
        [(events[1] as { id: string }).id, 400],
        [(events[2] as { id: string }).id, 400],
        ["bare", 400],
        ["odd", 400],
        ["", 400],
      ]);
      const trace = await traceOf(server, "t");
      expect(trace.observations).toHaveLength(1);
      expect(trace.scores).toHaveLength(1);
    }));

  it("prices a generation whose model and usage came in different batches", () =>
    withServer({}, async (server) => {
      await send(server, [event("generation-create", { id: "g", traceId: "t", model: "gpt-4o", startTime: at(0) })]);
      expect((await traceOf(server, "t")).observations[0]).toMatchObject({
        status: "running",
        endTime: null,
        cost: null,
      });
      const usage = {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
      };
      await send(server, [event("generation-update", { id: "g", traceId: "t", endTime: at(5), usage }, 5)]);
      const [row] = (await traceOf(server, "t")).observations;
      expect(row).toMatchObject({
        status: "ok",
        usage: { input: 6, input_cached_tokens: 4, output: 5, total: 15 },
        costSource: "computed",
      });
      expect(row?.cost?.["total"]).toBeGreaterThan(0);
      await send(server, [
        event("generation-update", { id: "g", traceId: "t", costDetails: { input: 1, output: 2 } }, 6),
      ]);
      expect((await traceOf(server, "t")).observations[0]).toMatchObject({
        cost: { input: 1, output: 2, total: 3 },
        costSource: "provided",
      });
    }));

  it("takes nothing out of an input of Anthropic's own usage, which leaves out what was cached", () =>
    withServer({}, async (server) => {
      const usageDetails = {
        input_tokens: 1000,
        output_tokens: 5,
        cache_read_input_tokens: 600,
        cache_creation_input_tokens: 0,
      };
      await send(server, [event("generation-create", { id: "g", traceId: "t", usageDetails })]);
      expect((await traceOf(server, "t")).observations[0]).toMatchObject({
        usage: { input: 1000, input_cached_tokens: 600, output: 5, total: 1605 },
      });
    }));

  it("keeps what batches bring at the same time", () =>
    withServer({}, async (server) => {
      const updates = Array.from({ length: 20 }, (_, index) =>
        send(server, [event("span-update", { id: "s", traceId: "t", metadata: { [`k${index}`]: index } }, index)]),
      );
      await Promise.all(updates);
      const detail = (await (await fetch(`${server.url}/api/traces/t/observations/s`)).json()) as { metadata: object };
      expect(Object.keys(detail.metadata)).toHaveLength(20);
    }));

  it("makes one row and one score of a batch without ids that is sent twice", () =>
    withServer({}, async (server) => {
      const events = [
        event("trace-create", { id: "t", name: "run" }),
        event("generation-create", { traceId: "t", name: "call" }, 1),
        event("score-create", { traceId: "t", name: "ok", value: true, dataType: "BOOLEAN" }),
      ];
      await send(server, events);
      await send(server, events);
      const trace = await traceOf(server, "t");
      expect(trace.observations.map(({ name }) => name)).toEqual(["run", "call"]);
      expect(trace.scores).toHaveLength(1);
    }));
});
