/** `@langfuse/client`: datasets, an experiment, scores, media and everything that its `api` reads. */
import { LangfuseMedia } from "@langfuse/core";
import { startObservation } from "@langfuse/tracing";
import { langfuse, provider, report } from "./tracing-setup.mjs";

const facts = {};
const errorOf = (promise) =>
  promise.then(
    () => null,
    (error) => ({ status: error.statusCode ?? null, name: error.constructor.name }),
  );

const span = startObservation("request", { input: { q: 1 }, output: "a" });
const generation = span.startObservation(
  "call",
  { model: "gpt-4o", input: "q", output: "a" },
  { asType: "generation" },
);
generation.end();
span.end();
await provider.forceFlush();
langfuse.score.create({
  id: "score-1",
  traceId: span.traceId,
  observationId: generation.id,
  name: "tone",
  value: "kind",
});
langfuse.score.create({ id: "score-2", traceId: span.traceId, name: "ok", value: 1, dataType: "BOOLEAN" });
await langfuse.flush();
facts.ids = { trace: span.traceId, span: span.id, generation: generation.id };

facts.trace = await langfuse.api.trace.get(span.traceId);
facts.traces = await langfuse.api.trace.list({ limit: 10 });
facts.observations = await langfuse.api.observations.getMany({
  traceId: span.traceId,
  fields: "core,basic,io,model,usage,metadata",
});
facts.observation = await langfuse.api.legacy.observationsV1.get(generation.id);
facts.scores = await langfuse.api.scoresV3.getManyV3({ traceId: span.traceId, fields: "details,subject" });
facts.olderScores = await langfuse.api.scores.getMany({ traceId: span.traceId }).catch((error) => String(error));
facts.sessions = await langfuse.api.sessions.list({});
facts.projects = await langfuse.api.projects.get();
facts.health = await langfuse.api.health.health();
facts.traceUrl = await langfuse.getTraceUrl(span.traceId);

await langfuse.api.datasets.create({ name: "folder/questions", description: "d" });
const picture = new LangfuseMedia({
  source: "bytes",
  contentBytes: Buffer.from("picture"),
  contentType: "image/png",
});
await langfuse.dataset.createItem({
  datasetName: "folder/questions",
  id: "one",
  input: { question: "one", picture },
  expectedOutput: 3,
});
await langfuse.dataset.createItem({
  datasetName: "folder/questions",
  id: "two",
  input: { question: "two" },
  expectedOutput: 3,
});
const dataset = await langfuse.dataset.get("folder/questions");
facts.items = dataset.items.map(({ id, input, expectedOutput }) => ({ id, input, expectedOutput }));
const result = await dataset.runExperiment({
  name: "lengths",
  runName: "run 1",
  description: "counts letters",
  metadata: { model: "none" },
  task: async ({ input }) => input.question.length,
  evaluators: [async ({ output, expectedOutput }) => ({ name: "exact", value: output === expectedOutput ? 1 : 0 })],
  runEvaluators: [async ({ itemResults }) => ({ name: "items", value: itemResults.length })],
});
await provider.forceFlush();
await langfuse.flush();
facts.experiment = {
  runName: result.runName,
  datasetRunId: result.datasetRunId,
  outputs: result.itemResults.map(({ output }) => output),
};
facts.run = await langfuse.api.datasets.getRun("folder/questions", "run 1");
facts.runs = await langfuse.api.datasets.getRuns("folder/questions");
facts.runScores = await langfuse.api.scoresV3.getManyV3({ experimentId: result.datasetRunId, fields: "subject" });

const prompt = await langfuse.prompt.get("greeting", { type: "text", fallback: "Hello {{name}}", maxRetries: 0 });
facts.prompt = { text: prompt.compile({ name: "Ann" }), isFallback: prompt.isFallback };
await langfuse.api.legacy.scoreV1.delete("score-2");
const range = { fromTimestamp: "2020-01-01T00:00:00Z", toTimestamp: "2100-01-01T00:00:00Z" };
const measure = (query) => langfuse.api.metrics.metrics({ query: JSON.stringify({ ...range, ...query }) });
facts.metrics = await measure({
  view: "observations",
  dimensions: [{ field: "providedModelName" }],
  metrics: [
    { measure: "count", aggregation: "count" },
    { measure: "latency", aggregation: "p95" },
  ],
  filters: [{ column: "traceName", operator: "=", value: "request", type: "string" }],
  orderBy: [{ field: "providedModelName", direction: "asc" }],
});
facts.scoreMetrics = await measure({
  view: "scores-categorical",
  dimensions: [{ field: "stringValue" }],
  metrics: [{ measure: "count", aggregation: "count" }],
  timeDimension: { granularity: "month" },
});
facts.refused = await errorOf(measure({ view: "observations", metrics: [] }));
facts.deleted = [
  await langfuse.api.trace.delete(span.traceId),
  await langfuse.api.trace.deleteMultiple({ traceIds: [span.traceId] }),
  await errorOf(langfuse.api.trace.get(span.traceId)),
];
facts.missing = {
  trace: await errorOf(langfuse.api.trace.get("no-such-trace")),
  dataset: await errorOf(langfuse.api.datasets.get("none")),
  comments: await errorOf(langfuse.api.comments.get({})),
  models: await errorOf(langfuse.api.models.list({})),
};
await report(facts);
