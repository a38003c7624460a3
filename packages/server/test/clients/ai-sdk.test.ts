import { describe, expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, newerNode, runClient, type ClientRun } from "./run-client.ts";

/** Input and output tokens under the names of all majors. */
function tokensOf(usage: Record<string, number>): { input: number | undefined; output: number | undefined } {
  return {
    input: usage["inputTokens"] ?? usage["promptTokens"],
    output: usage["outputTokens"] ?? usage["completionTokens"],
  };
}

/** Every token of the program once, though outer spans repeat those of the calls inside of them. */
function expectTotals({ facts, trace }: ClientRun, streamTokens: number): void {
  const steps = facts.agent.steps.map(tokensOf) as { input: number; output: number }[];
  const object = tokensOf(facts.object.usage);
  const counted = steps.reduce((sum, step) => sum + step.input + step.output, 0);
  expect(trace.totalTokens).toBe(
    counted + streamTokens + (object.input ?? 0) + (object.output ?? 0) + facts.embed.usage.tokens,
  );
  expect(trace.cost).toBeGreaterThan(0);
}

describe.each([4, 5, 6])("AI SDK %i", (major) => {
  it("is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS }, async () => {
    const run = await runClient(["ai-sdk/program.mjs", String(major)]);
    const { facts, trace, tree, details, find } = run;
    expect(trace).toMatchObject({ traceId: facts.traceId, name: "request" });
    expect(tree).toEqual([
      "span request",
      "  span ai.generateText",
      "    generation ai.generateText.doGenerate",
      "    tool weather",
      "    generation ai.generateText.doGenerate",
      "  span ai.streamText",
      "    generation ai.streamText.doStream",
      "  span ai.generateObject",
      "    generation ai.generateObject.doGenerate",
      "  span ai.embedMany",
      "    embedding ai.embedMany.doEmbed",
      "  span ai.generateText",
      "    generation ai.generateText.doGenerate",
    ]);
    const calls = details.filter((one) => one.name === "ai.generateText.doGenerate");
    for (const [index, usage] of facts.agent.steps.entries()) {
      expect(calls[index]).toMatchObject({
        model: "gpt-4o-mini-2024-07-18",
        provider: "openai",
        modelParameters: { temperature: 0.5 },
        usage: tokensOf(usage),
        metadata: { build: 12 },
      });
    }
    expect(calls[0]).toMatchObject({
      input: [
        { role: "system", content: "You answer in one sentence." },
        { role: "user", content: [{ type: "text", text: "What is the weather in Paris?" }] },
      ],
      output: { role: "assistant", tool_calls: [{ function: { name: "weather", arguments: '{"city":"Paris"}' } }] },
    });
    expect(calls[1]).toMatchObject({ output: facts.agent.text });
    expect(find("weather")).toMatchObject({
      input: { city: "Paris" },
      output: { city: "Paris", celsius: 21, sky: "clear" },
    });
    const stream = find("ai.streamText.doStream");
    expect(stream).toMatchObject({ output: facts.stream.text });
    expect(stream.completionStartTime).toBeGreaterThan(stream.startTime);
    expect(stream.completionStartTime).toBeLessThanOrEqual(stream.endTime ?? 0);
    expect(find("ai.generateObject.doGenerate")).toMatchObject({ output: facts.object.object });
    expect(find("ai.embedMany.doEmbed")).toMatchObject({
      model: "text-embedding-3-small",
      input: ["red", "green"],
      output: { embeddings: 2, dimensions: 1536 },
      usage: { input: facts.embed.usage.tokens },
    });
    expect(calls[2]).toMatchObject({ status: "error", statusMessage: facts.failure, model: "fault-400" });
    expect(trace).toMatchObject({ userId: "user-7", sessionId: "session-7", tags: ["contract", "ai-sdk"] });
    const streamed = tokensOf(facts.stream.usage);
    // Major 4 asks for no usage of a stream.
    expectTotals(run, major === 4 ? 0 : (streamed.input ?? 0) + (streamed.output ?? 0));
  });
});

describe("AI SDK 7", () => {
  it("is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS * 2 }, async (context) => {
    const node = newerNode();
    if (node === null) {
      context.skip("AI SDK 7 needs Node 22: npx could not get node@24.");
      return;
    }
    const run = await runClient(["ai-sdk/program.mjs", "7"], node);
    const { facts, trace, tree, details, find } = run;
    expect(trace).toMatchObject({ traceId: facts.traceId, name: "request" });
    expect(tree).toEqual([
      "span request",
      "  agent invoke_agent gpt-4o-mini",
      "    agent step 1",
      "      generation chat gpt-4o-mini",
      "      tool weather",
      "    agent step 2",
      "      generation chat gpt-4o-mini",
      "  agent invoke_agent gpt-4o-mini",
      "    agent step 1",
      "      generation chat gpt-4o-mini",
      "  agent invoke_agent gpt-4o-mini",
      "    generation chat gpt-4o-mini",
      "  embedding embeddings text-embedding-3-small",
      "    embedding embeddings text-embedding-3-small",
      "  agent invoke_agent fault-400",
      "    agent step 1",
      "      generation chat fault-400",
    ]);
    const calls = details.filter((one) => one.name === "chat gpt-4o-mini");
    for (const [index, usage] of facts.agent.steps.entries()) {
      expect(calls[index]).toMatchObject({
        model: "gpt-4o-mini-2024-07-18",
        provider: "openai",
        modelParameters: { temperature: 0.5 },
        usage: tokensOf(usage),
      });
    }
    expect(calls[0]).toMatchObject({
      input: [
        { role: "system", parts: [{ type: "text", content: "You answer in one sentence." }] },
        { role: "user", parts: [{ type: "text", content: "What is the weather in Paris?" }] },
      ],
      output: [{ parts: [{ type: "tool_call", name: "weather", arguments: { city: "Paris" } }] }],
    });
    expect(calls[1]?.output).toMatchObject([{ parts: [{ type: "text", content: facts.agent.text }] }]);
    expect(find("weather")).toMatchObject({ output: { city: "Paris", celsius: 21, sky: "clear" } });
    expect(calls[2]?.completionStartTime).toBeGreaterThan(calls[2]?.startTime ?? 0);
    expect(find("chat fault-400")).toMatchObject({ status: "error", statusMessage: facts.failure });
    const streamed = tokensOf(facts.stream.usage);
    expectTotals(run, (streamed.input ?? 0) + (streamed.output ?? 0));
  });
});
