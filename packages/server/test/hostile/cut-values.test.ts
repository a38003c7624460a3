import { expect, it } from "vitest";
import type { DatasetItem, DatasetItemRow, DatasetRow, DatasetRunRow } from "../../src/api/datasets.ts";
import type { Page, ScoreListRow, SessionDetail } from "../../src/api/lists.ts";
import type { MetricsResponse } from "../../src/api/metrics.ts";
import type { Score } from "../../src/api/types.ts";
import type { SpanwiseServer } from "../../src/index.ts";
import {
  MAX_ROW_CHARS,
  MAX_ROW_PAYLOAD_CHARS,
  MAX_ROW_TEXTS,
  MAX_ROW_VALUE_CHARS,
  MAX_SESSION_PAYLOAD_CHARS,
} from "../../src/store/row-bounds.ts";
import { STORES, ask, lone, postJson, read, send, traceOf, withStore } from "./hostile-server.ts";

const LONG = "\ud83d\ude00 words ".repeat(5000);
/** The JSON of a text of just as many characters as a row has, and of one more. */
const fits = "x".repeat(MAX_ROW_PAYLOAD_CHARS - 2);
const tooLong = `${fits}x`;

async function make(server: SpanwiseServer, path: string, body: unknown, method = "POST"): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${path}`, { method, headers, body: JSON.stringify(body) });
  expect([path, answer.ok, answer.ok ? "" : await answer.text()]).toEqual([path, true, ""]);
}

it.each(STORES)("cuts the payloads of a page of dataset items, says which, and gives the whole of one (%s)", (store) =>
  withStore(store, async (server) => {
    await make(server, "/api/datasets", { name: "d" });
    const large = { input: LONG, expectedOutput: [{ role: "user", content: LONG }], metadata: { text: LONG } };
    await make(server, "/api/datasets/d/items", { id: "large", ...large });
    await make(server, "/api/datasets/d/items", { id: "edge", input: fits, expectedOutput: tooLong });
    const { data } = await read<Page<DatasetItemRow>>(server, "/api/datasets/d/items");
    const row = (id: string): DatasetItemRow | undefined => data.find((item) => item.id === id);
    const head = (value: unknown): string => JSON.stringify(value).slice(0, MAX_ROW_PAYLOAD_CHARS);
    expect(row("edge")).toMatchObject({ input: fits, expectedOutput: head(tooLong), truncated: ["expectedOutput"] });
    expect(row("large")?.truncated).toEqual(["input", "expectedOutput", "metadata"]);
    for (const field of ["input", "expectedOutput", "metadata"] as const) {
      const text = row("large")?.[field];
      // The beginning of its JSON, but for half a character.
      expect(head(large[field]).startsWith(text as string)).toBe(true);
      expect((text as string).length).toBeGreaterThanOrEqual(MAX_ROW_PAYLOAD_CHARS - 1);
      expect(() => encodeURIComponent(text as string)).not.toThrow();
    }
    const whole = await read<DatasetItem>(server, "/api/dataset-items/large");
    expect(whole).toMatchObject(large);
    expect(whole).not.toHaveProperty("truncated");
    expect((await ask(server, "/api/dataset-items/none")).status).toBe(404);

    // Whoever exports has the whole, and so have Langfuse's clients.
    const lines = (await ask(server, "/api/datasets/d/export?format=jsonl")).text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as DatasetItem).find(({ id }) => id === "large")).toMatchObject(large);
    const listed = await read<{ data: DatasetItem[] }>(server, "/api/public/dataset-items?datasetName=d");
    expect(listed.data.find(({ id }) => id === "large")).toMatchObject(large);
    // What changes an item says the whole of it, and what does not name a field leaves it whole.
    await make(server, "/api/dataset-items/large", { status: "ARCHIVED" }, "PATCH");
    expect(await read<DatasetItem>(server, "/api/dataset-items/large")).toMatchObject(large);
    const archived = await read<Page<DatasetItemRow>>(server, "/api/datasets/d/items?status=ARCHIVED");
    expect(archived.data.map(({ truncated }) => truncated)).toEqual([["input", "expectedOutput", "metadata"]]);
  }),
);

it.each(STORES)("cuts each of a page of items (%s)", (store) =>
  withStore(store, async (server) => {
    await make(server, "/api/datasets", { name: "d" });
    const text = "x".repeat(3 * MAX_ROW_PAYLOAD_CHARS);
    const large = { input: text, expectedOutput: text, metadata: { text } };
    await Promise.all(Array.from({ length: 40 }, () => make(server, "/api/datasets/d/items", large)));
    const page = (await ask(server, "/api/datasets/d/items?limit=200")).text;
    expect((JSON.parse(page) as Page<unknown>).data).toHaveLength(40);
    expect(page.length).toBeLessThan(40 * (3 * MAX_ROW_PAYLOAD_CHARS + 1000));
  }),
);

it.each(STORES)("cuts what a page of datasets or of runs has of their metadata (%s)", (store) =>
  withStore(store, async (server) => {
    const metadata = { text: LONG };
    const schema = { type: "string", description: LONG };
    const schemas = { inputSchema: schema, expectedOutputSchema: schema };
    await make(server, "/api/datasets", { name: "d", description: "d", metadata, ...schemas });
    await make(server, "/api/datasets/d/items", { id: "i", input: 1 });
    await make(server, "/api/public/dataset-run-items", {
      runName: "r",
      runDescription: "of today",
      metadata,
      datasetItemId: "i",
      traceId: "t",
    });
    const head = (value: unknown): unknown =>
      expect.stringMatching(new RegExp(`^${JSON.stringify(value).slice(0, 9)}`));
    const datasets = await read<Page<DatasetRow>>(server, "/api/datasets");
    expect(datasets.data).toMatchObject([
      {
        metadata: head(metadata),
        inputSchema: head(schema),
        expectedOutputSchema: head(schema),
        truncated: ["metadata", "inputSchema", "expectedOutputSchema"],
      },
    ]);
    const runs = await read<Page<DatasetRunRow>>(server, "/api/datasets/d/runs");
    expect(runs.data).toMatchObject([{ metadata: head(metadata), itemCount: 1, truncated: ["metadata"] }]);
    expect(JSON.stringify([datasets, runs]).length).toBeLessThan(5 * MAX_ROW_PAYLOAD_CHARS);
    expect(await read(server, "/api/datasets/d")).toMatchObject({ metadata, ...schemas });
    expect(await read(server, "/api/datasets/d/runs/r")).toMatchObject({ run: { metadata } });
    expect(await read(server, "/api/public/v2/datasets")).toMatchObject({ data: [{ metadata }] });
    expect(await read(server, "/api/public/datasets/d/runs")).toMatchObject({ data: [{ metadata }] });
  }),
);

it.each(STORES)("cuts long values of a page of scores, says which, and gives the whole of one (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [lone(1, { "langfuse.session.id": "s" })]);
    const text = "x".repeat(9000);
    const score = { name: "n", value: text, comment: text, metadata: { text: LONG } };
    await make(server, "/api/scores", { id: "long", traceId: traceOf(1), ...score });
    await make(server, "/api/scores", {
      id: "short",
      traceId: traceOf(1),
      ...score,
      value: 1,
      comment: "c",
      metadata: { a: 1 },
    });
    await make(server, "/api/scores", { id: "of the session", sessionId: "s", ...score });
    const cut = `${"x".repeat(MAX_ROW_VALUE_CHARS - 1)}…`;
    const isCut = {
      stringValue: cut,
      comment: cut,
      metadata: null,
      truncated: ["stringValue", "comment", "metadata"],
    };
    const { data } = await read<Page<ScoreListRow>>(server, "/api/scores");
    expect(data.find(({ id }) => id === "long")).toMatchObject(isCut);
    const short = data.find(({ id }) => id === "short");
    expect(short).toMatchObject({ comment: "c", metadata: { a: 1 } });
    expect(short).not.toHaveProperty("truncated");
    // As on the page of the session, of the session's own.
    const session = await read<SessionDetail>(server, "/api/sessions/s");
    expect(session.scores.find(({ id }) => id === "of the session")).toMatchObject(isCut);

    const whole = { stringValue: text, comment: text, metadata: { text: LONG } };
    const one = await read<Score>(server, "/api/scores/long");
    expect(one).toMatchObject({ id: "long", ...whole });
    expect(one).not.toHaveProperty("truncated");
    expect((await ask(server, "/api/scores/none")).status).toBe(404);
    for (const path of ["/api/public/scores", "/api/public/v2/scores"]) {
      const answer = await read<{ data: { id: string }[] }>(server, path);
      expect(answer.data.find(({ id }) => id === "long")).toMatchObject({ comment: text, metadata: { text: LONG } });
    }
  }),
);

it.each(STORES)("gives the means of the scores that are given most, and how many names there are (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [lone(1)]);
    const count = 3000;
    const batch = Array.from({ length: count }, (_, index) => ({
      id: `event ${index}`,
      type: "score-create",
      timestamp: new Date(1_795_000_000_000 + index).toISOString(),
      body: {
        id: `s${index}`,
        // One name in seven is given twice.
        name: `name ${String(index % 7 === 0 ? index : Math.floor(index / 2) * 2).padStart(4, "0")}`,
        value: index,
        traceId: traceOf(1),
      },
    }));
    expect((await postJson(server, "/api/public/ingestion", { batch })).status).toBe(207);
    const given = new Map<string, number[]>();
    for (const { body } of batch) given.set(body.name, [...(given.get(body.name) ?? []), body.value]);
    const wanted = [...given]
      .toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
      .slice(0, MAX_ROW_TEXTS);
    const range = "from=1794999999000&to=1795000010000";
    const { total, series } = await read<MetricsResponse>(server, `/api/metrics?${range}`);
    expect(total.scoreNameCount).toBe(given.size);
    expect(total.scores).toEqual(
      Object.fromEntries(
        wanted.map(([name, values]) => [
          name,
          { count: values.length, mean: values.reduce((sum, value) => sum + value, 0) / values.length },
        ]),
      ),
    );
    expect(series.every(({ values }) => values.scoreNameCount === 0)).toBe(true);
    // Names may be long, too.
    const long = Array.from({ length: 100 }, (_, index) => ({
      id: `long ${index}`,
      type: "score-create",
      timestamp: new Date(1_796_000_000_000 + index).toISOString(),
      body: { id: `l${index}`, name: `${index} ${"x".repeat(700)}`, value: 1, traceId: traceOf(1) },
    }));
    expect((await postJson(server, "/api/public/ingestion", { batch: long })).status).toBe(207);
    const later = await read<MetricsResponse>(server, "/api/metrics?from=1795999999000&to=1796000010000");
    expect(later.total.scoreNameCount).toBe(100);
    expect(Object.keys(later.total.scores).join("").length).toBeLessThanOrEqual(MAX_ROW_CHARS);
    expect(Object.keys(later.total.scores).length).toBeGreaterThan(1);
  }),
);

it.each(STORES)(
  "gives the payloads of a session while there is room, then their beginning, and small ones always (%s)",
  (store) =>
    withStore(store, async (server) => {
      const large = "\ud83d\ude00 words ".repeat(MAX_SESSION_PAYLOAD_CHARS / 4 / 9);
      const inputs = Array.from({ length: 6 }, (_, index) => [{ role: "user", content: `${index} ${large}` }]);
      for (const [index, input] of inputs.entries()) {
        const attributes = {
          "langfuse.session.id": "s",
          "langfuse.observation.input": JSON.stringify(input),
          "langfuse.observation.output": `"answer ${index}"`,
        };
        const start = { startTimeUnixNano: `${1_795_000_000_000 + index}000000` };
        await send(server, [{ ...lone(index + 1, attributes), ...start }]);
      }
      const { text } = await ask(server, "/api/session?id=s");
      expect(text.length).toBeLessThan(MAX_SESSION_PAYLOAD_CHARS + 100_000);
      const { traces } = JSON.parse(text) as SessionDetail;
      expect(traces.map(({ truncated }) => truncated)).toEqual([
        ...Array.from({ length: 3 }, () => undefined),
        ...Array.from({ length: 3 }, () => ["input"]),
      ]);
      for (const [index, trace] of traces.entries()) {
        expect(trace.output).toBe(`answer ${index}`);
        const isWhole = trace.truncated === undefined;
        const expected = isWhole ? inputs[index] : JSON.stringify(inputs[index]).slice(0, MAX_ROW_VALUE_CHARS - 1);
        // Not compared by the test's own words, which would print megabytes.
        if (isWhole) expect(JSON.stringify(trace.input) === JSON.stringify(expected)).toBe(true);
        else expect(String(trace.input).slice(0, MAX_ROW_VALUE_CHARS - 1)).toBe(expected);
      }
    }),
);
