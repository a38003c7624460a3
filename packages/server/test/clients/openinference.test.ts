import { describe, expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, runClient } from "./run-client.ts";

describe("OpenInference", () => {
  it("of the OpenAI client is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS }, async () => {
    const { facts, trace, tree, details } = await runClient(["openinference/openai.mjs"]);
    expect(trace).toMatchObject({ traceId: facts.traceId, name: "request" });
    // The instrumentation never ends the span of a call that fails.
    expect(tree).toEqual([
      "span request",
      "  generation OpenAI Chat Completions",
      "  generation OpenAI Chat Completions",
      "  generation OpenAI Chat Completions",
      "  generation OpenAI Responses",
      "  embedding OpenAI Embeddings",
    ]);
    const [, first, second, stream, response, embedding] = details;
    for (const [index, call] of [first, second].entries()) {
      expect(call).toMatchObject({
        model: "gpt-4o-mini-2024-07-18",
        provider: "openai",
        usage: {
          input: facts.chat[index].usage.prompt_tokens,
          output: facts.chat[index].usage.completion_tokens,
          total: facts.chat[index].usage.total_tokens,
        },
        input: { messages: facts.messages.slice(0, index === 0 ? 2 : 4) },
        output: { choices: [{ message: facts.chat[index].message }] },
        metadata: { build: 12 },
      });
      expect(call?.cost?.["total"]).toBeGreaterThan(0);
    }
    expect(first?.modelParameters).toMatchObject({ temperature: 0.5 });
    // The instrumentation reads no usage of a stream.
    expect(stream).toMatchObject({ output: facts.stream.text, usage: null });
    expect(response).toMatchObject({ usage: { total: facts.response.usage.total_tokens } });
    expect(JSON.stringify(response?.output)).toContain(facts.response.text);
    expect(embedding).toMatchObject({
      model: "text-embedding-3-small",
      input: ["red", "green"],
      output: { embeddings: 2, dimensions: 1536 },
    });
    expect(trace).toMatchObject({ userId: "user-7", sessionId: "session-7", tags: ["contract", "openinference"] });
    expect(trace.totalTokens).toBe(
      facts.chat[0].usage.total_tokens + facts.chat[1].usage.total_tokens + facts.response.usage.total_tokens,
    );
  });

  it("of LangChain is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS }, async () => {
    const { facts, trace, tree, details, find } = await runClient(["openinference/langchain.mjs"]);
    expect(trace).toMatchObject({ traceId: facts.traceId, errorCount: 1 });
    expect(tree).toEqual([
      "span request",
      "  chain answer",
      "    retriever Shelf",
      "    generation ChatOpenAI",
      "    tool weather",
      "    generation ChatOpenAI",
      "  generation ChatOpenAI",
    ]);
    const [first, second, failed] = details.filter((one) => one.name === "ChatOpenAI");
    expect(first).toMatchObject({
      model: "gpt-4o-mini",
      usage: { input: facts.usage[0].input_tokens, output: facts.usage[0].output_tokens },
      input: [
        { role: "system", content: expect.stringContaining("Context: About") },
        { role: "user", content: "What is the weather in Paris?" },
      ],
      output: { role: "assistant", tool_calls: [{ function: { name: "weather", arguments: '{"city":"Paris"}' } }] },
      metadata: { build: 12 },
    });
    expect(second).toMatchObject({
      usage: { total: facts.usage[1].total_tokens },
      output: { role: "assistant", content: facts.answer },
    });
    expect(failed).toMatchObject({ status: "error", model: "fault-400" });
    expect(failed?.statusMessage).toContain(facts.failure);
    expect(find("answer")).toMatchObject({ input: "What is the weather in Paris?", output: facts.answer });
    expect(find("Shelf")).toMatchObject({ input: "What is the weather in Paris?" });
    expect(find("weather").input).toBe("Paris");
    expect(trace.totalTokens).toBe(facts.usage[0].total_tokens + facts.usage[1].total_tokens);
  });
});
