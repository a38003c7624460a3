import { describe, expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, runClient } from "./run-client.ts";

describe.each(["proto", "json"])("the OpenTelemetry SDK with its %s exporter", (format) => {
  it("is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS }, async () => {
    const { facts, trace, tree, find, scores } = await runClient(["otel/program.mjs", format]);
    expect(trace).toMatchObject({
      traceId: facts.traceId,
      name: "invoke_agent helper",
      userId: "user-7",
      environment: "test",
      inputTokens: facts.usage.prompt_tokens,
      outputTokens: facts.usage.completion_tokens,
      errorCount: 1,
    });
    expect(trace.cost).toBeGreaterThan(0);
    expect(tree).toEqual([
      "agent invoke_agent helper",
      "  generation chat gpt-4o-mini",
      "  tool paint",
      "  span types",
    ]);
    const chat = find("chat gpt-4o-mini");
    expect(chat).toMatchObject({
      model: "gpt-4o-mini-2024-07-18",
      provider: "openai",
      modelParameters: { temperature: 0.25 },
      input: [{ role: "user", parts: [{ type: "text", content: "Name a colour." }] }],
      output: [{ role: "assistant", parts: [{ type: "text", content: facts.text }], finish_reason: "stop" }],
      usage: { input: facts.usage.prompt_tokens, output: facts.usage.completion_tokens },
      costSource: "computed",
      scope: { name: "program", version: "1.2.3" },
    });
    // The agent's own numbers are kept and not counted.
    expect(find("invoke_agent helper").usage).toMatchObject({ total: facts.usage.total_tokens });
    expect(trace.cost).toBeCloseTo(chat.cost?.["total"] ?? 0, 12);
    expect(find("paint")).toMatchObject({
      status: "error",
      level: "ERROR",
      statusMessage: facts.failure,
      input: { colour: "red" },
      events: [{ name: "exception", attributes: { "exception.type": "TypeError" } }],
    });
    expect(find("types").attributes).toEqual(facts.types);
    expect(scores).toMatchObject([{ name: "colourful", value: 0.5, observationId: chat.id }]);
  });
});
