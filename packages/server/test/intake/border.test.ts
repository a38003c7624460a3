import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it, vi } from "vitest";
import type { SpanwiseServer } from "../../src/index.ts";
import { IntakeThread } from "../../src/ingest/intake/intake-thread.ts";
import { exportOf, span, toProtobuf, type JsonExport } from "../otlp-messages.ts";
import { withServer } from "../with-server.ts";

/** Up to here a body is read on the HTTP thread, above it on the intake's. */
const BORDER = 64 * 1024;

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

const folder = await mkdtemp(join(tmpdir(), "spanwise-border-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const TRACE = "b".padStart(32, "0");
const one = (id: number, attributes: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  span(id, attributes, { traceId: TRACE, ...more });

/** What is sent, without what pads it. */
const EXPORTS: [name: string, body: JsonExport][] = [
  ["nothing", { resourceSpans: [] }],
  ["no span", exportOf([])],
  [
    "a generation",
    exportOf([
      one(1, {
        "langfuse.observation.type": "generation",
        "langfuse.observation.input": '[{"role":"user","content":"😀"}]',
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 7,
        "langfuse.trace.tags": ["a", "b"],
        "langfuse.user.id": "u",
      }),
    ]),
  ],
  [
    "a span that is sound and two that are not",
    exportOf([one(1), one(2, {}, { spanId: "" }), one(3, {}, { traceId: "00" })]),
  ],
  ["only a span that is not sound", exportOf([one(1, {}, { spanId: "" })])],
  ["the same span twice", exportOf([one(1, { "langfuse.observation.level": "ERROR" }), one(1, {}, { name: "other" })])],
  [
    "a start record and a heartbeat",
    exportOf([one(1, { "spanwise.observation.status": "running" })], { "spanwise.instance.id": "i" }),
  ],
  [
    "scores in events",
    exportOf([
      one(
        1,
        {},
        {
          events: [
            {
              name: "gen_ai.evaluation.result",
              timeUnixNano: "1795000000000000000",
              attributes: [
                { key: "gen_ai.evaluation.name", value: { stringValue: "good" } },
                { key: "gen_ai.evaluation.score.value", value: { doubleValue: 0.5 } },
              ],
            },
          ],
        },
      ),
    ]),
  ],
  [
    "odd names",
    exportOf([
      one(1, { __proto__x: 1, constructor: "c", "": "empty", "langfuse.session.id": ".." }, { name: "\0\ud800" }),
    ]),
  ],
  [
    "an end before its start",
    exportOf([one(1, {}, { startTimeUnixNano: "1795000000000000000", endTimeUnixNano: "1" })]),
  ],
  [
    "too many links",
    exportOf([one(1, {}, { links: Array.from({ length: 400 }, () => ({ traceId: TRACE, spanId: "00" })) })]),
  ],
];

/** A field that nobody knows, of any length, or white space. */
function padTo(bytes: Uint8Array, size: number, type: string): Uint8Array {
  if (type === JSON_TYPE) return Buffer.concat([bytes, Buffer.alloc(size - bytes.byteLength, " ")]);
  // Field 15, with a length of four bytes.
  const length = size - bytes.byteLength - 5;
  const head = [
    0x7a,
    (length & 0x7f) | 0x80,
    ((length >> 7) & 0x7f) | 0x80,
    ((length >> 14) & 0x7f) | 0x80,
    length >> 21,
  ];
  return Buffer.concat([bytes, Buffer.from(head), Buffer.alloc(length, "x")]);
}

/** Without the places in the body that a reason names. */
async function post(server: SpanwiseServer, body: Uint8Array, headers: Record<string, string>): Promise<unknown> {
  const answer = await fetch(`${server.url}/v1/traces`, { method: "POST", body: new Uint8Array(body), headers });
  const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");
  return [answer.status, answer.headers.get("content-type"), text.replaceAll(/\d{5,}/g, "n")];
}

const READS = [
  "/api/export?format=jsonl",
  "/api/export?format=otlp",
  "/api/traces",
  "/api/metrics?from=1794990000000&to=1795990000000",
  "/api/facets?target=traces",
];

/** All but when it was received. */
async function readAll(server: SpanwiseServer): Promise<unknown> {
  const texts = await Promise.all(READS.map(async (path) => (await fetch(server.url + path)).text()));
  const scores = (await (await fetch(`${server.url}/api/scores`)).json()) as { data: Record<string, unknown>[] };
  const { ingest } = (await (await fetch(`${server.url}/api/status`)).json()) as { ingest: Record<string, unknown> };
  expect(ingest).toHaveProperty("observations");
  return [
    texts,
    scores.data.map((score) => ({ ...score, createdAt: null, updatedAt: null })),
    { ...ingest, lastReceived: null, lastRejected: null },
  ];
}

type Way = [name: string, bytes: Uint8Array, type: string, encoding?: "gzip"];

/** Sends all of them below the border to one server, and above it to another. */
async function expectSame(file: string, ways: readonly Way[]): Promise<void> {
  const take = vi.spyOn(IntakeThread.prototype, "take");
  const outcomes: unknown[] = [];
  for (const [side, size] of [BORDER, BORDER + 1].entries()) {
    await withServer({ db: join(folder, `${file}-${size}.db`) }, async (server) => {
      const answers: unknown[] = [];
      for (const [name, bytes, type, encoding] of ways) {
        take.mockClear();
        const body = padTo(bytes, size, type);
        const headers = { "content-type": type, ...(encoding !== undefined && { "content-encoding": encoding }) };
        const answer = await post(server, encoding === "gzip" ? gzipSync(body) : body, headers);
        expect([name, take.mock.calls.length]).toEqual([name, side]);
        answers.push([name, type, answer]);
      }
      outcomes.push([answers, await readAll(server)]);
    });
  }
  take.mockRestore();
  expect(outcomes[1]).toEqual(outcomes[0]);
}

it("answers and stores the same on both sides of the border", () =>
  expectSame(
    "sound",
    EXPORTS.flatMap(([name, sent], index): Way[] =>
      [PROTOBUF, JSON_TYPE].flatMap((type, kind): Way[] => {
        // A trace of its own for each.
        const trace = String(100 + 2 * index + kind).padStart(32, "0");
        const own = JSON.parse(JSON.stringify(sent).replaceAll(TRACE, trace)) as JsonExport;
        const bytes = type === PROTOBUF ? toProtobuf(own) : Buffer.from(JSON.stringify(own));
        return [
          [name, bytes, type],
          [name, bytes, type, "gzip"],
        ];
      }),
    ),
  ));

it("answers the same on both sides of the border what cannot be read", () => {
  const sound = toProtobuf(exportOf([one(1), one(2)]));
  const json = JSON.stringify(exportOf([one(1)]));
  return expectSame("broken", [
    ["a group that never ends", Buffer.concat([sound, Buffer.from([0x7b])]), PROTOBUF],
    ["a length beyond the end", Buffer.concat([Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]), sound]), PROTOBUF],
    ["field 0", Buffer.concat([sound, Buffer.from([0x00])]), PROTOBUF],
    ["text that ends early", Buffer.from(json.slice(0, -1)), JSON_TYPE],
    ["a list", Buffer.from("[]"), JSON_TYPE],
    ["a number", Buffer.from("1"), JSON_TYPE],
    ["wrong types", Buffer.from('{"resourceSpans":[{"scopeSpans":{"spans":3}}]}'), JSON_TYPE],
    ["no UTF-8", Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]), JSON_TYPE],
    ["deep", Buffer.from(`{"a":${"[".repeat(9000)}${"]".repeat(9000)}}`), JSON_TYPE],
    ["protobuf as JSON", sound, JSON_TYPE],
  ]);
});
