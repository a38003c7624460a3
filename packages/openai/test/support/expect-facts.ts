import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Expected, ExpectedChoice, ExpectedUsage, Text } from "./corpus.ts";
import type { Read } from "./traced.ts";

type Json = Record<string, unknown>;

/** Compares text with its recorded size and hash; a list of parts counts as the text put together. */
export function expectText(text: unknown, expected: Text | string | null | undefined): void {
  if (expected === undefined) return;
  const joined = Array.isArray(text) ? (text as { text?: string }[]).map((part) => part.text ?? "").join("") : text;
  if (expected === null || typeof expected === "string") {
    expect(joined ?? "").toBe(expected ?? "");
    return;
  }
  const sha256 = createHash("sha256").update(String(joined), "utf8").digest("hex");
  expect({ chars: Array.from(String(joined)).length, sha256 }).toEqual({
    chars: expected.chars,
    sha256: expected.sha256,
  });
}

/** Buckets are disjoint: each side adds up to what the provider counted, unless a detail was counted beside it. */
export function expectUsage(record: Read, usage: ExpectedUsage | null | undefined): void {
  const buckets: Record<string, number> = record.usageDetails ?? {};
  if (!usage) {
    expect(buckets).toEqual({});
    return;
  }
  const bucket = (name: string): number => buckets[name] ?? 0;
  const side = (name: string): number =>
    Object.entries(buckets).reduce((sum, [key, count]) => (key.startsWith(name) ? sum + count : sum), 0);

  const input = usage.input_tokens ?? 0;
  const output = usage.output_tokens ?? 0;
  expect(bucket("input_cached_tokens")).toBe(Math.min(usage.cached_tokens ?? 0, input));
  expect(bucket("input_cache_creation")).toBe(usage.cache_write_tokens ?? 0);
  expect(bucket("output_reasoning_tokens")).toBe(usage.reasoning_tokens ?? 0);
  for (const kind of [
    "input_audio_tokens",
    "input_image_tokens",
    "output_audio_tokens",
    "output_image_tokens",
  ] as const) {
    // Absent where the facts' script did not look for it.
    if (usage[kind] !== undefined) expect(bucket(kind)).toBe(usage[kind] ?? 0);
  }

  const rest = (usage.total_tokens ?? input + output) - input - output;
  if (rest === 0) expect([side("input"), side("output")]).toEqual([input, output]);
  else if (rest === usage.reasoning_tokens) expect(bucket("output")).toBe(output);
  else if (rest === usage.input_audio_tokens) expect(bucket("input")).toBe(input);
  else expect(bucket("other")).toBe(rest);
  if (usage.total_tokens !== null) {
    expect(bucket("total")).toBe(usage.total_tokens);
    expect(side("input") + side("output") + bucket("other")).toBe(usage.total_tokens);
  }
  const { provider_cost: cost, provider_cost_in_usd_ticks: ticks } = usage;
  if (typeof cost === "number") expect(record.costDetails?.["total"]).toBeCloseTo(cost, 12);
  else if (ticks) expect(record.costDetails?.["total"]).toBeCloseTo(ticks * 1e-10, 12);
  else expect(record.costDetails).toBeUndefined();
}

/** `messages` of chat completions, texts of legacy completions. */
export function expectChoices(record: Read, expected: readonly ExpectedChoice[]): void {
  const answers = (Array.isArray(record.output) ? record.output : [record.output]) as unknown[];
  const reasons: unknown = record.metadata.finish_reasons ?? [record.metadata.finish_reason ?? null];
  expect(answers).toHaveLength(expected.length);
  expect(reasons).toEqual(expected.map(({ finish_reason }) => finish_reason));
  for (const [position, choice] of expected.entries()) {
    const answer = answers[position];
    if (typeof answer === "string") expectText(answer, choice.text);
    else expectMessage(answer as Json, choice);
  }
}

function expectMessage(message: Json, choice: ExpectedChoice): void {
  const { content } = message;
  expectText(content, choice.text);
  expectText(message["refusal"], choice.refusal);
  if (choice.reasoning_text)
    expectText(message["reasoning_content"] ?? message["reasoning"] ?? thinkingOf(content), choice.reasoning_text);
  if (choice.function_call) expect(message["function_call"]).toEqual(choice.function_call);
  if (choice.audio) expectText((message["audio"] as Json)["transcript"], choice.audio.transcript);
  if (choice.annotations !== undefined) expect(message["annotations"]).toHaveLength(choice.annotations);
  const { content: tokens = [] } = (message["logprobs"] ?? {}) as { content?: unknown[] };
  expect(tokens).toHaveLength(choice.logprob_tokens ?? 0);
  const calls = (message["tool_calls"] ?? []) as Json[];
  const wanted = choice.tool_calls ?? [];
  expect(calls.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
  for (const [at, call] of calls.entries()) {
    const { name, arguments: given, input } = (call["function"] ?? call["custom"]) as Json;
    expect(name).toBe(wanted[at]!.name);
    expectText(given ?? input, wanted[at]!.arguments);
  }
}

function thinkingOf(content: unknown): unknown {
  if (!Array.isArray(content)) return undefined;
  return (content as { thinking?: { text: string }[] }[])
    .flatMap(({ thinking = [] }) => thinking.map(({ text }) => text))
    .join("");
}

const MEDIA = /^@@@langfuseMedia:type=image\/\w+\|id=[\w-]{22}\|source=\w+@@@$/;

const CALLS: ReadonlySet<unknown> = new Set(["function_call", "custom_tool_call", "mcp_call"]);

/** The items of a response. */
export function expectItems(record: Read, expected: Expected): void {
  const items = (record.output ?? []) as Json[];
  const of = (type: string): Json[] => items.filter((item) => item["type"] === type);
  expect(items.map(({ type }) => type)).toEqual(expected.output_types);

  const parts = of("message").flatMap(({ content }) => content as Json[]);
  expectText(
    parts.filter(({ type }) => type === "output_text"),
    expected.text,
  );
  if (expected.annotations !== undefined) {
    const annotations = parts.flatMap((part) => (part["annotations"] ?? []) as unknown[]);
    expect(annotations).toHaveLength(expected.annotations);
  }
  // Images travel apart from the payload.
  for (const { result } of of("image_generation_call")) expect(result).toMatch(MEDIA);

  const calls = items.filter(({ type }) => CALLS.has(type));
  const wanted = expected.tool_calls ?? [];
  expect(calls.map(({ type, call_id, name }) => ({ type, call_id: call_id ?? null, name }))).toEqual(
    wanted.map(({ type, call_id, name }) => ({ type, call_id, name })),
  );
  for (const [at, call] of calls.entries()) expectText(call["arguments"] ?? call["input"], wanted[at]!.arguments);
  for (const type of expected.builtin_tool_calls ?? []) expect(of(type).length).toBeGreaterThan(0);

  if (expected.reasoning_summary) {
    const summaries = of("reasoning").flatMap(({ summary }) => (summary ?? []) as { text: string }[]);
    expectText(summaries.map(({ text }) => text).join("\n\n"), expected.reasoning_summary);
  }
  if (expected.reasoning_content) {
    expectText(
      of("reasoning").flatMap(({ content }) => (content ?? []) as { text: string }[]),
      expected.reasoning_content,
    );
  }
}
