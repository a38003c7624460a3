import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findUsage, normalizeUsage } from "../../src/model/usage.ts";

interface Expected {
  usage?: {
    input_tokens: number | null;
    output_tokens: number | null;
    total_tokens: number | null;
    cached_tokens: number | null;
    reasoning_tokens: number | null;
    cache_write_tokens?: number | null;
    input_audio_tokens?: number | null;
    output_audio_tokens?: number | null;
    input_image_tokens?: number | null;
    output_image_tokens?: number | null;
    provider_cost?: number | null;
    provider_cost_in_usd_ticks?: number | null;
  } | null;
}

const corpus = fileURLToPath(new URL("../../../../../shared/corpus/openai/", import.meta.url));
const present = existsSync(`${corpus}index.json`);

/** Recorded providers that do not count a detail in its parent, or count more of it; each looked at by hand. */
const SPECIAL: Record<string, Record<string, number>> = {
  // `completion_tokens` leaves the reasoning out; the total does not.
  "xai-sse-c8c0e6e2": { input: 1, input_cached_tokens: 11, output: 2, output_reasoning_tokens: 340, total: 354 },
  // The audio is beside the text.
  "transcriptions-mistral-f7653938": { input: 5, input_audio_tokens: 375, output: 11, total: 391 },
  // 61 tokens that Mistral does not explain.
  "moderations-mistral-09e7726e": { input: 13, output: 0, other: 61, total: 74 },
  // More cached than there were.
  "azure-sse-ed2e92c3": { input: 0, input_cached_tokens: 377, output: 69, total: 446 },
  // One reasoning token more than output tokens.
  "err-in-stream-openrouter-e50d0991": { input: 43, output: 10, output_reasoning_tokens: 11, total: 53 },
};

if (!present)
  process.stderr.write("skipped: ../shared/corpus/openai is not here, usage is not checked against recordings\n");

describe.skipIf(!present)("usage of the recorded exchanges", () => {
  const { exchanges } = (present ? JSON.parse(readFileSync(`${corpus}index.json`, "utf8")) : { exchanges: [] }) as {
    exchanges: { id: string; file: string; expected: Expected | null }[];
  };
  const withUsage = exchanges.filter(({ expected }) => expected?.usage);

  it("reads a good part of them", () => {
    expect(withUsage.length).toBeGreaterThan(70);
  });

  it.each(withUsage)("$id", ({ id, file, expected }) => {
    const usage = expected!.usage!;
    const normalized = normalizeUsage(lastUsage(JSON.parse(readFileSync(corpus + file, "utf8")) as Exchange))!;
    const { usageDetails } = normalized;
    const of = (bucket: string): number => usageDetails[bucket] ?? 0;

    expect(usageDetails["total"] ?? null).toBe(usage.total_tokens);
    if (usage.provider_cost != null) expect(normalized.costDetails).toEqual({ total: usage.provider_cost });
    if (usage.provider_cost_in_usd_ticks) {
      expect(normalized.costDetails!["total"]).toBeCloseTo(usage.provider_cost_in_usd_ticks / 1e10, 12);
    }
    const special = SPECIAL[id];
    if (special) {
      expect(usageDetails).toEqual(special);
      return;
    }
    expect(normalized.flags).toBeUndefined();
    expect(of("input_cached_tokens")).toBe(usage.cached_tokens ?? 0);
    expect(of("input_cache_creation")).toBe(usage.cache_write_tokens ?? 0);
    expect(of("output_reasoning_tokens")).toBe(usage.reasoning_tokens ?? 0);
    for (const bucket of [
      "input_audio_tokens",
      "output_audio_tokens",
      "input_image_tokens",
      "output_image_tokens",
    ] as const) {
      if (usage[bucket] != null) expect(of(bucket)).toBe(usage[bucket]);
    }
    expect(sum(usageDetails, "input")).toBe(usage.input_tokens ?? 0);
    expect(sum(usageDetails, "output")).toBe(usage.output_tokens ?? 0);
  });
});

interface Exchange {
  response_kind: string;
  response: unknown;
}

function lastUsage({ response_kind, response }: Exchange): unknown {
  if (response_kind !== "sse") return findUsage(response);
  let last: unknown;
  for (const line of (response as string).split(/\r?\n/)) {
    if (!line.startsWith("data:") || line.includes("[DONE]")) continue;
    const event = JSON.parse(line.slice("data:".length)) as { response?: unknown };
    last = findUsage(event) ?? findUsage(event.response) ?? last;
  }
  return last;
}

function sum(details: Record<string, number>, side: "input" | "output"): number {
  return Object.entries(details).reduce((total, [key, value]) => (key.startsWith(side) ? total + value : total), 0);
}
