import { describe, expect, it } from "vitest";
import type { ObservationDetail } from "../src/api/types.ts";
import { curlCommand, observationMarkdown, traceMarkdown } from "../src/model/export.ts";
import { observation, trace } from "./fixtures.ts";

const summary = { ...trace({ traceId: "t1", name: "support" }), metadata: null, public: false, version: null };
const detail: ObservationDetail = {
  ...observation({ id: "o1", name: "answer", type: "generation", hasInput: true, hasOutput: true, model: "gpt-4o" }),
  projectId: "default",
  input: [{ role: "user", content: "Why?" }],
  output: { role: "assistant", content: "Because ```x``` and ````y````" },
  metadata: null,
  modelParameters: null,
  version: null,
  prompt: null,
  attributes: {},
  resource: {},
  scope: null,
  events: [],
  span: null,
  toolDefinitions: null,
  scores: [],
};

describe("Markdown of an observation", () => {
  it("has facts, messages and the way back", () => {
    const text = observationMarkdown(detail, summary, "http://localhost:4777/x");
    expect(text).toContain("# generation: answer");
    expect(text).toContain("- Model: gpt-4o");
    expect(text).toContain("**user**\n\nWhy?");
    expect(text).toContain("http://localhost:4777/x");
    expect(text).not.toContain("Cost");
  });

  it("fences so that what a model wrote cannot end the fence, and keeps large integers", () => {
    const text = observationMarkdown(
      { ...detail, input: { id: 12345678901234567890n, code: "````" }, output: null, hasOutput: false },
      summary,
      "u",
    );
    expect(text).toContain('`````json\n{\n  "id": 12345678901234567890');
  });
});

it("outlines a trace, and says what it leaves out", () => {
  const row = { type: "tool", name: "search", status: "error", durationMs: 1_240, tokens: 0, cost: null };
  const rows = Array.from({ length: 202 }, (_, depth) => ({ ...row, depth: depth === 1 ? 1 : 0 }));
  const text = traceMarkdown(summary, rows, "u");
  expect(text).toContain("\n  - tool `search` (1.24 s, **error**)");
  expect(text).toContain("… 2 more");
});

it("quotes an address for the shell", () => {
  expect(curlCommand("http://x/a'b")).toBe(String.raw`curl -s 'http://x/a'\''b' -H 'accept: application/json'`);
});
