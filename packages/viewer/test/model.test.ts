import { describe, expect, it } from "vitest";
import { setupGuides } from "../src/model/onboarding.ts";
import { readablePreview } from "../src/model/preview.ts";
import { scoreText } from "../src/model/score.ts";
import { statusStyle } from "../src/model/status.ts";
import { timing } from "../src/trace/timing.ts";
import { usageRows } from "../src/model/usage.ts";
import { model } from "./trace-fixture.ts";

describe("readablePreview", () => {
  it("finds the last user text in a chat, also when the JSON is cut", () => {
    const cut = '{"messages":[{"role":"user","content":"first"},{"role":"user","content":"line\\none"},{"role":"assist';
    expect(readablePreview(cut)).toBe("line one");
  });

  it("falls back to the first field, then to the text", () => {
    expect(readablePreview('{"topic":"Batteries","n":1}')).toBe("topic: Batteries");
    expect(readablePreview("[1, 2]")).toBe("[1, 2]");
    expect(readablePreview('"quoted"')).toBe("quoted");
    expect(readablePreview(null)).toBeNull();
  });
});

describe("usageRows", () => {
  it("lists disjoint buckets with their cost, input first and the total last", () => {
    const rows = usageRows({
      usage: { output: 5, input_cached_tokens: 3, input: 2, total: 10 },
      cost: { input: 0.1, total: 0.4 },
    });
    expect(rows.map((row) => [row.label, row.tokens, row.cost])).toEqual([
      ["input", 2, 0.1],
      ["input · cached", 3, null],
      ["output", 5, null],
      ["total", 10, 0.4],
    ]);
  });

  it("is empty without usage and cost", () => {
    expect(usageRows({ usage: null, cost: null })).toEqual([]);
  });
});

describe("timing", () => {
  const call = { id: "a", start: 60, duration: 1_500, firstToken: 500, output: 50 };

  it("counts the rate from the first token", () => {
    expect(timing(model([call]), 0, 0)).toEqual({
      offsetMs: 60,
      durationMs: 1_500,
      firstTokenMs: 500,
      tokensPerSecond: 50,
    });
  });

  it("has no rate while it runs", () => {
    const running = model([{ ...call, duration: -1, status: "running" }]);
    expect(timing(running, 0, 360)).toMatchObject({ durationMs: 300, tokensPerSecond: null });
  });
});

it("says scores in words", () => {
  expect(scoreText({ dataType: "BOOLEAN", value: 1, stringValue: null })).toBe("yes");
  expect(scoreText({ dataType: "CATEGORICAL", value: null, stringValue: "good" })).toBe("good");
  expect(scoreText({ dataType: "NUMERIC", value: 0.91827, stringValue: null })).toBe("0.918");
});

it("survives a status of a newer server", () => {
  expect(statusStyle("paused").label).toBe("unknown");
});

it("gives set-up steps with the real origin and a span that parses", () => {
  const guides = setupGuides("http://localhost:4777", 1_700_000_000_000);
  expect(guides.every((guide) => guide.steps.some((step) => step.code.includes("http://localhost:4777")))).toBe(true);
  const curl = guides.find((guide) => guide.id === "curl")?.steps[0]?.code ?? "";
  const body: unknown = JSON.parse(/-d '(.*)'$/s.exec(curl)?.[1] ?? "");
  expect(body).toMatchObject({
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: expect.stringMatching(/^[0-9a-f]{32}$/) }] }] }],
  });
});
