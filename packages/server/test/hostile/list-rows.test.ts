import { expect, it } from "vitest";
import type { ObservationListRow, Page, ScoreListRow, SessionDetail, SessionSummary } from "../../src/api/lists.ts";
import type { MetricsResponse } from "../../src/api/metrics.ts";
import type { ObservationDetail, Score, TraceDetail, TraceSummary } from "../../src/api/types.ts";
import type { SpanwiseServer } from "../../src/index.ts";
import {
  MAX_ROW_CHARS,
  MAX_ROW_SCORES,
  MAX_ROW_TEXTS,
  MAX_ROW_VALUE_CHARS,
  MAX_SESSION_SCORES,
} from "../../src/store/row-bounds.ts";
import { span } from "../otlp-messages.ts";
import { STORES, lone, postJson, read, send, traceOf, withStore } from "./hostile-server.ts";

const SPAN = "0000000000000001";

/** One a second, the first the oldest. */
async function score(
  server: SpanwiseServer,
  count: number,
  body: (index: number) => Record<string, unknown>,
): Promise<void> {
  const batch = Array.from({ length: count }, (_, index) => ({
    id: `event ${index}`,
    type: "score-create",
    timestamp: new Date(1_795_000_000_000 + index * 1000).toISOString(),
    body: { id: `s${String(index).padStart(5, "0")}`, name: "n", value: 1, ...body(index) },
  }));
  expect((await postJson(server, "/api/public/ingestion", { batch })).status).toBe(207);
}

const idsOf = (scores: readonly Pick<Score, "id">[]): string[] => scores.map(({ id }) => id);
const newest = (total: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `s${String(total - count + index).padStart(5, "0")}`);

it.each(STORES)("gives a row of a list the newest of thousands of scores, and their number (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [lone(1, { "langfuse.session.id": "s" }), lone(2)]);
    const total = 1000;
    await score(server, total, (index) => ({
      traceId: traceOf(1),
      ...(index % 2 === 0 && { observationId: SPAN }),
    }));
    const { data: traces } = await read<Page<TraceSummary>>(server, "/api/traces?sort=start");
    const scored = traces.find(({ traceId }) => traceId === traceOf(1));
    expect(scored?.scoreCount).toBe(total);
    expect(idsOf(scored?.scores ?? [])).toEqual(newest(total, MAX_ROW_SCORES));
    const plain = traces.find(({ traceId }) => traceId === traceOf(2));
    expect([plain?.scoreCount, plain?.scores]).toEqual([0, []]);

    const { data: rows } = await read<Page<ObservationListRow>>(server, "/api/observations");
    const row = rows.find(({ traceId }) => traceId === traceOf(1));
    expect(row?.scoreCount).toBe(total / 2);
    expect(row?.scores).toHaveLength(MAX_ROW_SCORES);
    expect(row?.scores.at(-1)?.id).toBe("s00998");
    expect(row?.scores.every(({ observationId }) => observationId === SPAN)).toBe(true);

    const session = await read<SessionDetail>(server, "/api/sessions/s");
    expect(session.traces[0]?.scores).toHaveLength(MAX_ROW_SCORES);
    expect([session.scores.length, session.scoreCount]).toEqual([MAX_ROW_SCORES, total]);
    // The trace's own page, Langfuse's, and the pages of the list have all.
    for (const query of ["", "?observations=none"]) {
      const detail = await read<TraceDetail>(server, `/api/traces/${traceOf(1)}${query}`);
      expect([detail.scores.length, detail.trace.scores.length, detail.trace.scoreCount]).toEqual([
        total,
        MAX_ROW_SCORES,
        total,
      ]);
    }
    const detail = await read<ObservationDetail>(server, `/api/traces/${traceOf(1)}/observations/${SPAN}`);
    expect(detail.scores).toHaveLength(total / 2);
    const path = `/api/public/traces?name=${encodeURIComponent("trace 1")}`;
    expect((await read<{ data: { scores: string[] }[] }>(server, path)).data[0]?.scores).toHaveLength(total);
    const whole = await read<{ scores: unknown[] }>(server, `/api/public/traces/${traceOf(1)}`);
    expect(whole.scores).toHaveLength(total);
    const seen = new Set<string>();
    for (let cursor = ""; ;) {
      const page = await read<Page<ScoreListRow>>(server, `/api/scores?traceId=${traceOf(1)}&limit=200${cursor}`);
      for (const { id } of page.data) seen.add(id);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen.size).toBe(total);
  }),
);

it.each(STORES)(
  "cuts long values of a row's scores and says which, and stops where they are too many characters (%s)",
  (store) =>
    withStore(store, async (server) => {
      await send(server, [lone(1), lone(2)]);
      const text = "x".repeat(9000);
      await score(server, 90, (index) => ({
        traceId: traceOf(index === 0 ? 2 : 1),
        value: text,
        comment: text,
        metadata: { text },
      }));
      const { data } = await read<Page<TraceSummary>>(server, "/api/traces");
      const [one, many] = [2, 1].map((number) => data.find(({ traceId }) => traceId === traceOf(number)));
      const cut = `${"x".repeat(MAX_ROW_VALUE_CHARS - 1)}…`;
      expect(one?.scores).toMatchObject([
        { stringValue: cut, comment: cut, metadata: null, truncated: ["stringValue", "comment", "metadata"] },
      ]);
      expect(many?.scoreCount).toBe(89);
      expect(many?.scores.at(-1)?.id).toBe("s00089");
      expect(many?.scores.length).toBeGreaterThan(1);
      expect(JSON.stringify(many?.scores).length).toBeLessThan(MAX_ROW_CHARS * 1.5);
      const { scores } = await read<TraceDetail>(server, `/api/traces/${traceOf(2)}`);
      expect(scores).toMatchObject([{ stringValue: text, comment: text, metadata: { text } }]);
      expect(scores[0]).not.toHaveProperty("truncated");
    }),
);

it.each(STORES)("gives a row some of thousands of tags, models and users, and their number (%s)", (store) =>
  withStore(store, async (server) => {
    const tags = Array.from({ length: 5000 }, (_, index) => `tag ${String(index).padStart(4, "0")}`);
    const long = Array.from({ length: 100 }, (_, index) => `${index} ${"x".repeat(1900)}`);
    const models = Array.from({ length: 300 }, (_, index) =>
      span(index + 1, { "gen_ai.request.model": `m${index}` }, { traceId: traceOf(3) }),
    );
    await send(server, [lone(1, { "langfuse.trace.tags": tags }), lone(2, { "langfuse.trace.tags": long }), ...models]);
    const { data } = await read<Page<TraceSummary>>(server, "/api/traces");
    const [first, second, third] = [1, 2, 3].map((number) => data.find(({ traceId }) => traceId === traceOf(number)));
    expect([first?.tags.length, first?.tags[0], first?.tagCount]).toEqual([MAX_ROW_TEXTS, "tag 0000", 5000]);
    expect(second?.tagCount).toBe(100);
    expect(second?.tags.length).toBeGreaterThan(1);
    expect(second?.tags.join("").length).toBeLessThanOrEqual(MAX_ROW_CHARS);
    expect([third?.models.length, third?.models[0], third?.modelCount]).toEqual([MAX_ROW_TEXTS, "m0", 300]);
    const rows = await read<Page<ObservationListRow>>(
      server,
      "/api/observations?q=tag:%22tag 4999%22".replace(" ", "%20"),
    );
    expect(rows.data.map((row) => [row.tags.length, row.tagCount])).toEqual([[MAX_ROW_TEXTS, 5000]]);
    for (const query of ["", "?observations=none"]) {
      const { trace } = await read<TraceDetail>(server, `/api/traces/${traceOf(1)}${query}`);
      expect([trace.tags.length, trace.tagCount]).toEqual([5000, 5000]);
    }
    await send(
      server,
      Array.from({ length: 150 }, (_, index) =>
        lone(1000 + index, { "langfuse.user.id": `u${index}`, "langfuse.session.id": "many" }),
      ),
    );
    const sessions = await read<Page<SessionSummary>>(server, "/api/sessions");
    expect(sessions.data.map(({ userIds, userCount }) => [userIds.length, userCount])).toEqual([[MAX_ROW_TEXTS, 150]]);
  }),
);

it.each(STORES)("gives a session's page a bounded number of scores of all of its traces (%s)", (store) =>
  withStore(store, async (server) => {
    const count = 30;
    await send(
      server,
      Array.from({ length: count }, (_, index) => lone(index + 1, { "langfuse.session.id": "s" })),
    );
    await score(server, count * 60, (index) => ({ traceId: traceOf((index % count) + 1) }));
    const { scores, scoreCount } = await read<SessionDetail>(server, "/api/sessions/s");
    expect([scores.length, scoreCount]).toEqual([MAX_SESSION_SCORES, count * 60]);
  }),
);

it("takes no usage of thousands of buckets into a row", () =>
  withStore("memory", async (server) => {
    const usage = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`bucket ${index}`, 1]));
    await send(server, [
      lone(1, {
        "langfuse.observation.type": "generation",
        "langfuse.observation.usage_details": JSON.stringify(usage),
      }),
    ]);
    const { data } = await read<Page<ObservationListRow>>(server, "/api/observations");
    expect(data.map((row) => row.usage)).toEqual([null]);
    const detail = await read<ObservationDetail>(server, `/api/traces/${traceOf(1)}/observations/${SPAN}`);
    expect(detail.attributes).toHaveProperty(["langfuse.observation.usage_details"]);
  }));

it.each(STORES)("takes no usage of buckets whose names are long into a row (%s)", (store) =>
  withStore(store, async (server) => {
    const usage = { input: 1, ["x".repeat(100_000)]: 2 };
    await send(server, [
      lone(1, {
        "langfuse.observation.type": "generation",
        "langfuse.observation.usage_details": JSON.stringify(usage),
        "langfuse.observation.cost_details": JSON.stringify(usage),
      }),
    ]);
    const event = (id: string, body: object): object => ({
      id,
      type: "generation-create",
      timestamp: "2026-11-18T11:06:40Z",
      body: { id, traceId: traceOf(2), name: id, ...body },
    });
    const batch = [
      event("own", { usageDetails: usage, costDetails: usage }),
      event("provider", { usageDetails: { prompt_tokens: 1, completion_tokens: 1, ...usage } }),
      event("many", {
        usageDetails: {
          prompt_tokens: 1,
          ...Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`bucket ${index}`, 1])),
        },
      }),
    ];
    expect((await postJson(server, "/api/public/ingestion", { batch })).status).toBe(207);
    const { data } = await read<Page<ObservationListRow>>(server, "/api/observations");
    expect(data).toHaveLength(4);
    expect(JSON.stringify(data).length).toBeLessThan(20_000);
  }),
);

it.each(STORES)("gives the largest of thousands of buckets of usage in metrics, and their number (%s)", (store) =>
  withStore(store, async (server) => {
    const [rows, own] = [60, 50];
    await send(
      server,
      Array.from({ length: rows }, (_, row) =>
        lone(row + 1, {
          "langfuse.observation.type": "generation",
          "langfuse.observation.usage_details": JSON.stringify(
            Object.fromEntries(
              Array.from({ length: own }, (__, index) => [`b${row * own + index}`, row * own + index + 1]),
            ),
          ),
        }),
      ),
    );
    const [row] = (await read<Page<ObservationListRow>>(server, "/api/observations?limit=1")).data;
    const from = (row?.startTime ?? 0) - 1000;
    for (const range of [`from=${from}&to=${from + 2000}`, `from=${from - 86_400_000}&to=${from + 86_400_000}`]) {
      const { total, series, groups } = await read<MetricsResponse>(server, `/api/metrics?${range}&by=type`);
      const point = series.find(({ values }) => values.observations > 0)?.values;
      for (const values of [total, point, groups[0]?.values]) {
        expect(values?.usageBucketCount).toBe(rows * own + 1);
        const names = Object.keys(values?.usage ?? {});
        expect(names).toHaveLength(MAX_ROW_TEXTS);
        expect(values?.usage).toMatchObject({
          total: (rows * own * (rows * own + 1)) / 2,
          [`b${rows * own - 1}`]: rows * own,
        });
      }
    }
  }),
);
