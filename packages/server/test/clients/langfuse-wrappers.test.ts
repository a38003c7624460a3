import { describe, expect, it } from "vitest";
import type { TraceListResponse } from "../../src/index.ts";
import { failedCalls, withLangfuseClient, type LangfuseRun } from "./langfuse-run.ts";
import { CLIENT_TIMEOUT_MS, runClient } from "./run-client.ts";

const OPTIONS = { timeout: CLIENT_TIMEOUT_MS };

interface OpenAIUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}
const bucketsOf = (usage: OpenAIUsage) => ({
  input: usage.prompt_tokens,
  output: usage.completion_tokens,
  total: usage.total_tokens,
});

async function storedSamples({ json }: LangfuseRun): Promise<string[]> {
  const { data } = (await json("/api/traces?limit=200&q=name:sampled")) as TraceListResponse;
  // Whole traces or none of them.
  expect(new Set(data.map(({ observationCount }) => observationCount))).toEqual(new Set([2]));
  return data.map(({ traceId }) => traceId).sort();
}

async function expectMasked({ facts, trace, detail }: LangfuseRun): Promise<void> {
  const { observations } = await trace(facts.maskedId as string);
  expect(observations).toHaveLength(2);
  expect(await detail(facts.maskedId as string, "masked")).toMatchObject({ input: { card: "****" } });
  expect(await detail(facts.maskedId as string, "inner")).toMatchObject({ input: "card ****", output: ["****"] });
}

describe("langfuse@3", () => {
  it("observeOpenAI, masking and sampling are stored as what the program did", OPTIONS, () =>
    withLangfuseClient(["langfuse-3/wrappers.mjs"], async (run) => {
      const { facts, calls, detail } = run;
      expect(facts.problems).toEqual([]);
      expect(failedCalls(calls)).toEqual([]);
      const streamed = await detail(facts.traceId as string, "streamed");
      expect(streamed).toMatchObject({
        type: "generation",
        output: facts.stream.text,
        usage: bucketsOf(facts.stream.usage as OpenAIUsage),
        costSource: "computed",
      });
      expect(streamed.completionStartTime).toBeGreaterThan(streamed.startTime);
      expect(await detail(facts.traceId as string, "called")).toMatchObject({
        output: { tool_calls: facts.call.message.tool_calls },
        usage: bucketsOf(facts.call.usage as OpenAIUsage),
        toolDefinitions: [{ function: { name: "weather" } }],
      });
      expect(await detail(facts.traceId as string, "failed")).toMatchObject({
        status: "error",
        statusMessage: `Error: ${facts.failure}`,
      });
      await expectMasked(run);
      const stored = await storedSamples(run);
      // The client chose; of 40 at one half, fewer than 5 or more than 35 happen once in a million runs.
      expect(facts.sampled).toEqual(expect.arrayContaining(stored));
      expect(stored.length).toBeGreaterThan(4);
      expect(stored.length).toBeLessThan(36);
    }),
  );

  it("CallbackHandler of langfuse-langchain 3 is stored as what the program did", OPTIONS, async () => {
    const { facts, trace, tree, details } = await runClient(["langfuse-3-langchain/program.mjs"]);
    expect(facts.problems).toEqual([]);
    expect(trace).toMatchObject({
      traceId: facts.traceId,
      name: "answer",
      userId: "user-7",
      sessionId: "session-7",
      tags: ["contract"],
      metadata: { build: 12 },
      environment: "contract",
      release: "r-7",
      version: "2",
      outputPreview: facts.answer,
      errorCount: 1,
      totalTokens: facts.usage[0].total_tokens + facts.usage[1].total_tokens,
    });
    expect(tree).toEqual([
      "span answer",
      "  span answer",
      "    span Shelf",
      "    generation ChatOpenAI",
      "    span weather",
      "    generation ChatOpenAI",
      "    generation ChatOpenAI",
    ]);
    const [first, second, failed] = details.filter(({ type }) => type === "generation");
    const [usage] = facts.usage;
    expect(first?.usage).toMatchObject({ input: usage.input_tokens, output: usage.output_tokens });
    expect(JSON.stringify(first?.output)).toContain(facts.toolCall.id);
    expect(second?.output).toMatchObject({ content: facts.answer });
    expect(second?.completionStartTime).toBeGreaterThan(second?.startTime ?? Infinity);
    expect(failed).toMatchObject({ status: "error", model: "fault-400" });
    expect(failed?.statusMessage).toContain(facts.failure);
  });
});

describe("@langfuse/* 5", () => {
  it("a stream, masking and sampling are stored as what the program did", OPTIONS, () =>
    withLangfuseClient(["langfuse-5/masking.mjs"], async (run) => {
      const { facts, calls, trace } = run;
      expect(failedCalls(calls)).toEqual([]);
      const { observations } = await trace(facts.traceId as string);
      const [streamed, failed] = observations
        .filter(({ name }) => name === "streamed")
        .toSorted((a, b) => a.startTime - b.startTime);
      expect(streamed).toMatchObject({ status: "ok", usage: bucketsOf(facts.stream.usage as OpenAIUsage) });
      expect(streamed?.completionStartTime).toBeGreaterThan(streamed?.startTime ?? Infinity);
      expect(failed).toMatchObject({ status: "error", statusMessage: `Error: ${facts.failure}` });
      await expectMasked(run);
      const sampled = (facts.sampled as { id: string; isSampled: boolean }[]).filter(({ isSampled }) => isSampled);
      expect(await storedSamples(run)).toEqual(sampled.map(({ id }) => id).sort());
    }),
  );

  it("prompts are refused with a reason, fallbacks are used, and the client works on", OPTIONS, () =>
    withLangfuseClient(["langfuse-5/prompts.mjs"], async ({ facts, calls, trace }) => {
      expect(new Set(calls.filter(({ status }) => status >= 400).map(({ status }) => status))).toEqual(new Set([404]));
      expect(facts.text).toEqual({ text: "Hello Ann", isFallback: true });
      expect(facts.chat).toEqual({ messages: [{ role: "user", content: "Hi Ann" }], isFallback: true });
      for (const refused of ["bare", "create", "update", "list", "delete"]) {
        expect(facts[refused]).toMatchObject({
          status: 404,
          body: {
            error: "not_implemented",
            message: expect.stringMatching(/^Prompts are not managed here/) as unknown,
          },
        });
      }
      expect((await trace(facts.traceId as string)).observations).toMatchObject([
        { type: "generation", name: "after" },
      ]);
    }),
  );
});
