import { expect, it } from "vitest";
import type { ObservationDetail } from "../src/index.ts";
import { MAX_JSON_DEPTH, isTooDeep } from "../src/http/json-depth.ts";
import { exportOf, span } from "./otlp-messages.ts";
import { withServer } from "./with-server.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const JSON_TYPE = { "content-type": "application/json" };

it("tells text that nests too deep from text that has many brackets", () => {
  expect([nested(MAX_JSON_DEPTH), nested(MAX_JSON_DEPTH + 1)].map(isTooDeep)).toEqual([false, true]);
  expect([objects(MAX_JSON_DEPTH), objects(MAX_JSON_DEPTH + 1)].map(isTooDeep)).toEqual([false, true]);
  const flat = JSON.stringify(Array.from({ length: 2000 }, () => ({ a: [] })));
  const quoted = JSON.stringify(["[{\\".repeat(2000), '"[['.repeat(2000)]);
  expect([flat, quoted, `[${flat},${nested(MAX_JSON_DEPTH + 1)}]`].map(isTooDeep)).toEqual([false, false, true]);
});

it.each([
  "input.value",
  "langfuse.observation.metadata.deep",
  "langfuse.trace.metadata",
  "gen_ai.input.messages",
  "mine",
])("an attribute that nests too deep is a text, and costs its neighbours nothing: %s", (key) =>
  withServer({ onError: (error) => expect(error).toBeUndefined() }, async (server) => {
    const deep = objects(20_000);
    const body = exportOf([span(1, { [key]: deep }), span(2, { "input.value": "fine" })]);
    const sent = await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify(body),
    });
    expect([sent.status, await sent.json()]).toEqual([200, {}]);
    const answer = await fetch(`${server.url}/api/traces/${span(1).traceId}/observations/${span(1).spanId}`);
    const { input, metadata, attributes } = (await answer.json()) as ObservationDetail;
    const trace = (await (await fetch(`${server.url}/api/traces/${span(1).traceId}`)).json()) as {
      trace: { metadata: Record<string, unknown> | null };
    };
    expect(JSON.stringify([input, metadata, attributes, trace.trace.metadata])).toContain(JSON.stringify(deep));
  }),
);

it("an event of a batch that nests too deep is refused, and its neighbours are stored", () =>
  withServer({ onError: (error) => expect(error).toBeUndefined() }, async (server) => {
    const event = (id: string, input: string): string =>
      `{"id":"${id}","type":"span-create","timestamp":"2026-11-01T10:00:00.000Z","body":{"id":"${id}","traceId":"t","input":${input}}}`;
    // The body, its list, the event and its body are four levels around the input.
    const batch = [event("deep", nested(50_000)), event("most", objects(MAX_JSON_DEPTH - 4)), event("next", '"fine"')];
    batch.push(event("over", objects(MAX_JSON_DEPTH - 3)), nested(20_000));
    const answer = await fetch(`${server.url}/api/public/ingestion`, {
      method: "POST",
      headers: JSON_TYPE,
      body: `{"batch":[${batch.join(",")}]}`,
    });
    const { successes, errors } = (await answer.json()) as Record<string, { id: string; status: number }[]>;
    expect(answer.status).toBe(207);
    expect(successes?.map(({ id }) => id)).toEqual(["most", "next"]);
    expect(errors).toMatchObject([
      { id: "deep", status: 400, message: expect.stringContaining(`${MAX_JSON_DEPTH} deep`) as string },
      { id: "over", status: 400 },
      { id: "", status: 400 },
    ]);
    const trace = (await (await fetch(`${server.url}/api/traces/t`)).json()) as { observations: { id: string }[] };
    expect(trace.observations.map(({ id }) => id).sort()).toEqual(["most", "next"]);
  }));

it.each(["/api/public/scores", "/api/public/dataset-items"])("a body that nests too deep is refused: %s", (path) =>
  withServer({ onError: (error) => expect(error).toBeUndefined() }, async (server) => {
    const body = `{"batch":${nested(50_000)}}`;
    const answer = await fetch(server.url + path, { method: "POST", headers: JSON_TYPE, body });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: "bad_request" }]);
  }),
);
