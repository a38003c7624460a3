import { describe, expect, it } from "vitest";
import { failedCalls, withLangfuseClient } from "./langfuse-run.ts";
import { CLIENT_TIMEOUT_MS } from "./run-client.ts";

const OPTIONS = { timeout: CLIENT_TIMEOUT_MS };
const TOKEN = expect.stringMatching(/^@@@langfuseMedia:type=image\/png\|id=.{22}\|source=.*@@@$/) as unknown;

const byName = <T extends { name: string }>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => (a.name < b.name ? -1 : 1));

describe("langfuse@3", () => {
  it("traces are stored as what the program did", OPTIONS, () =>
    withLangfuseClient(["langfuse-3/tracing.mjs"], async ({ facts, calls, trace, detail }) => {
      expect(facts.problems).toEqual([]);
      expect(failedCalls(calls)).toEqual([]);
      const stored = await trace(facts.traceId as string);
      expect(stored.trace).toMatchObject({
        name: "answer",
        userId: "user-7",
        sessionId: "session-7",
        tags: ["contract", "late"],
        environment: "contract",
        release: "r-7",
        version: "2",
        metadata: { build: 12, more: "yes" },
        status: "ok",
        errorCount: 1,
        outputPreview: "21 degrees.",
        totalTokens: 20 + facts.completion.usage.total_tokens,
      });
      expect(byName(stored.scores)).toMatchObject([
        { name: "helpful", value: 1, comment: "good", observationId: null, environment: "contract" },
        { name: "tone", stringValue: "friendly", observationId: facts.ids.generation },
      ]);
      const root = await detail(facts.traceId as string, "answer");
      expect(root).toMatchObject({
        parentId: null,
        input: { question: "Weather in Paris?", picture: TOKEN },
        output: "21 degrees.",
      });
      const parentOf = (name: string) => stored.observations.find((row) => row.name === name)?.parentId;
      expect(["retrieve", "cache-miss", "draft", "fails", "ask"].map(parentOf)).toEqual([
        root.id,
        facts.ids.span,
        facts.ids.span,
        root.id,
        root.id,
      ]);
      expect(await detail(facts.traceId as string, "retrieve")).toMatchObject({
        type: "span",
        status: "ok",
        input: { query: "Paris" },
        output: { documents: 1 },
        metadata: { first: true, second: true },
      });
      const draft = await detail(facts.traceId as string, "draft");
      expect(draft).toMatchObject({
        type: "generation",
        model: "gpt-4o",
        modelParameters: { temperature: 0.5 },
        input: [{ role: "user", content: "Weather in Paris?" }],
        output: { role: "assistant", content: "21 degrees." },
        metadata: { attempt: 1 },
        usage: { input: 10, input_cached_tokens: 6, output: 4, total: 20 },
        costSource: "computed",
      });
      expect(draft.completionStartTime).toBeGreaterThan(draft.startTime);
      expect(draft.endTime).toBeGreaterThanOrEqual(draft.completionStartTime ?? Infinity);
      expect(await detail(facts.traceId as string, "cache-miss")).toMatchObject({
        type: "event",
        level: "WARNING",
        statusMessage: "not found",
        input: { key: "paris" },
      });
      expect(await detail(facts.traceId as string, "fails")).toMatchObject({
        status: "error",
        statusMessage: "it broke",
      });
      const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = facts.completion.usage;
      expect(await detail(facts.traceId as string, "ask")).toMatchObject({
        model: "gpt-4o-mini-2024-07-18",
        usage: { input, output, total },
      });
      expect(calls.map(({ method, route }) => `${method} ${route}`)).toEqual(
        expect.arrayContaining([
          "POST /api/public/ingestion",
          "POST /api/public/media",
          "PUT /api/public/media/upload/*",
          "PATCH /api/public/media/*",
        ]),
      );
    }),
  );

  it("reads back traces, sessions, media, datasets and runs", OPTIONS, () =>
    withLangfuseClient(["langfuse-3/reading.mjs"], async ({ facts, calls }) => {
      expect(facts.problems).toEqual([]);
      expect(failedCalls(calls)).toEqual(["GET /api/public/traces/* 404", "GET /api/public/v2/prompts/* 404"]);
      expect(facts.trace).toMatchObject({
        name: "read me",
        input: "in",
        output: "out",
        observations: [{ type: "GENERATION", name: "call", parentObservationId: null, usage: { input: 3, output: 2 } }],
        scores: [{ name: "helpful", value: 0.5 }],
      });
      expect(facts.traces).toMatchObject({ data: [{ id: facts.trace.id }], meta: { totalItems: 1 } });
      expect(facts.observations.data).toMatchObject([{ name: "call", model: "gpt-4o", input: "q", output: "a" }]);
      expect(facts.observation).toMatchObject({ id: facts.observations.data[0].id, traceId: facts.trace.id });
      expect(facts.sessions.data).toMatchObject([{ id: "session-1" }]);
      expect(facts.dataset).toMatchObject({
        name: "folder/questions",
        metadata: { v: 1 },
        items: [
          { id: "two", input: { question: "two" }, expectedOutput: 3, sourceTraceId: facts.trace.id },
          { id: "one", input: { question: "one" }, expectedOutput: 3 },
        ],
      });
      expect(facts.item).toMatchObject({ id: "one", status: "ACTIVE" });
      expect(facts.run).toMatchObject({ name: "run 1", description: "first", metadata: { model: "gpt-4o" } });
      expect(
        (facts.run.datasetRunItems as { datasetItemId: string }[]).map((item) => item.datasetItemId).sort(),
      ).toEqual(["one", "two"]);
      expect(facts.runs.data).toMatchObject([{ name: "run 1" }]);
      expect(facts.media).toMatchObject({ contentType: "application/pdf", contentLength: 10 });
      expect(facts.missing).toMatchObject({ error: "not_found" });
      expect(facts.prompt).toEqual({ text: "Hello Ann", isFallback: true });
    }),
  );
});

describe("@langfuse/* 5", () => {
  it("traces are stored as what the program did, OpenAI's and LangChain's too", OPTIONS, () =>
    withLangfuseClient(["langfuse-5/tracing.mjs"], async ({ facts, calls, trace, detail }) => {
      expect(failedCalls(calls)).toEqual([]);
      const traceId = facts.traceId as string;
      const stored = await trace(traceId);
      expect(stored.trace).toMatchObject({
        name: "answer",
        userId: "user-7",
        sessionId: "session-7",
        tags: ["contract"],
        environment: "contract",
        release: "r-7",
        version: "2",
        metadata: { build: "12" },
        errorCount: 1,
        outputPreview: "21 degrees.",
      });
      const root = await detail(traceId, "request");
      expect(root).toMatchObject({
        type: "agent",
        input: { question: "Weather in Paris?", picture: TOKEN },
        output: "21 degrees.",
        // The client sends numbers and texts alike.
        metadata: { first: "1", second: "2" },
      });
      const under = stored.observations.filter(({ parentId }) => parentId === root.id);
      expect(new Set(under.map(({ type, name }) => `${type} ${name}`))).toEqual(
        new Set([
          "tool look",
          "generation draft",
          "retriever a retriever",
          "embedding a embedding",
          "chain a chain",
          "evaluator a evaluator",
          "guardrail a guardrail",
          "event noted",
          "generation ask",
          "span city",
          "span fails",
        ]),
      );
      expect(await detail(traceId, "look")).toMatchObject({ input: "Paris", output: facts.tool });
      expect(await detail(traceId, "draft")).toMatchObject({
        model: "gpt-4o",
        modelParameters: { temperature: 0.5 },
        output: { role: "assistant", content: "hello" },
        usage: { input: 10, input_cached_tokens: 6, output: 4, total: 20 },
        cost: { input: 0.5, output: 0.25, total: 0.75 },
        costSource: "provided",
      });
      expect(await detail(traceId, "noted")).toMatchObject({ level: "WARNING", statusMessage: "careful" });
      expect(await detail(traceId, "fails")).toMatchObject({ status: "error", statusMessage: facts.failure });
      const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = facts.completion.usage;
      expect(await detail(traceId, "ask")).toMatchObject({ usage: { input, output, total } });
      const model = await detail(traceId, "ChatOpenAI");
      expect(model.type).toBe("generation");
      expect(JSON.stringify(model.output)).toContain(facts.chain);
      expect(byName(stored.scores)).toMatchObject([
        { name: "helpful", observationId: null },
        { name: "tone", observationId: facts.generationId },
      ]);
    }),
  );

  it("reads and writes datasets, experiments, scores and everything of its api", OPTIONS, () =>
    withLangfuseClient(["langfuse-5/reading.mjs"], async ({ facts, calls, json }) => {
      const { ids } = facts;
      expect(failedCalls(calls)).toEqual([
        "GET /api/public/comments 404",
        "GET /api/public/models 404",
        "GET /api/public/traces/* 404",
        "GET /api/public/v2/datasets/* 404",
        "GET /api/public/v2/metrics 400",
        "GET /api/public/v2/prompts/* 404",
      ]);
      expect(facts.trace).toMatchObject({ id: ids.trace, input: { q: 1 }, output: "a" });
      expect(facts.trace.observations).toHaveLength(2);
      expect(facts.traces.data).toMatchObject([
        { id: ids.trace, scores: expect.arrayContaining(["score-1", "score-2"]) },
      ]);
      expect(facts.observations.data).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: ids.generation, parentObservationId: ids.span, input: "q", model: "gpt-4o" }),
          expect.objectContaining({ id: ids.span, isRootObservation: true, input: '{"q":1}' }),
        ]),
      );
      expect(facts.observation).toMatchObject({ id: ids.generation, model: "gpt-4o" });
      expect(facts.scores.data).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            id: "score-1",
            value: "kind",
            subject: { kind: "observation", id: ids.generation, traceId: ids.trace },
          }),
          expect.objectContaining({ id: "score-2", value: true, subject: { kind: "trace", id: ids.trace } }),
        ]),
      );
      expect(facts.olderScores.data).toHaveLength(2);
      expect(await json("/api/public/v2/scores/score-2")).toMatchObject({ error: "not_found" });
      expect(facts.projects.data).toMatchObject([{ id: "default" }]);
      expect(facts.health).toMatchObject({ status: "OK" });
      expect(facts.traceUrl).toContain(`/project/default/traces/${ids.trace}`);
      expect(facts.items).toMatchObject([
        { id: "two", input: { question: "two" } },
        { id: "one", input: { question: "one", picture: TOKEN } },
      ]);
      expect(facts.experiment).toMatchObject({ outputs: [3, 3], datasetRunId: facts.run.id });
      expect(facts.run).toMatchObject({ name: "run 1", description: "counts letters", metadata: { model: "none" } });
      expect(facts.run.datasetRunItems).toHaveLength(2);
      expect(facts.runs.data).toMatchObject([{ id: facts.run.id }]);
      expect(facts.runScores.data).toMatchObject([
        { name: "items", value: 2, subject: { kind: "experiment", id: facts.run.id } },
      ]);
      expect(facts.prompt).toEqual({ text: "Hello Ann", isFallback: true });
      expect(facts.metrics.data).toEqual([
        { providedModelName: "gpt-4o", count_count: 1, p95_latency: expect.any(Number) as unknown },
        { providedModelName: null, count_count: 1, p95_latency: expect.any(Number) as unknown },
      ]);
      expect(facts.scoreMetrics.data).toEqual([
        {
          stringValue: "kind",
          count_count: 1,
          time_dimension: expect.stringMatching(/^\d{4}-\d\d-01$/) as unknown,
        },
      ]);
      expect(facts.refused).toMatchObject({ status: 400 });
      expect(facts.deleted).toMatchObject([
        { message: "Trace deleted successfully" },
        { message: "Traces deleted successfully" },
        { status: 404 },
      ]);
      expect(facts.missing).toMatchObject({ trace: { status: 404 }, dataset: { status: 404 } });
    }),
  );
});

describe("langfuse-cli", () => {
  it("talks to the server as to Langfuse", OPTIONS, () =>
    withLangfuseClient(["langfuse-5/cli.mjs"], async ({ facts, calls }) => {
      expect(failedCalls(calls)).toEqual(["GET /api/public/v2/prompts 404"]);
      expect(facts.health).toMatchObject({ status: "OK" });
      expect(facts.datasets.data).toMatchObject([{ id: facts.made.id, name: "questions", metadata: { v: 1 } }]);
      expect(facts.items.data).toMatchObject([{ id: "one", input: "q" }]);
      expect(facts.scores.data).toMatchObject([{ id: facts.score.id, name: "ok", value: 1 }]);
      expect(facts.observations).toEqual({ data: [], meta: {} });
      expect(facts.projects.data).toHaveLength(1);
      expect(new Set((facts.all.data as { id: string }[]).map(({ id }) => id))).toHaveProperty("size", 5);
      expect(facts.metrics.data).toEqual([{ count_count: 5 }]);
      expect(facts.deleted).toMatchObject({ message: "Trace deleted successfully" });
      expect(facts.left.data).toEqual([]);
      // 5 is the tool's code for an answer that is an error.
      expect(facts.refused).toMatchObject({ code: 5, said: expect.stringContaining("not managed here") as unknown });
    }),
  );
});
