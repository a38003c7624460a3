/** `langfuse@3` reading back: traces, observations, sessions, media, datasets with items and runs, prompts with a fallback. */
import { LangfuseMedia } from "langfuse";
import { dataOf, langfuse, report } from "./client.mjs";

const facts = {};
const trace = langfuse.trace({ name: "read me", userId: "user-1", sessionId: "session-1", input: "in", output: "out" });
const generation = trace.generation({ name: "call", model: "gpt-4o", input: "q" });
generation.end({ output: "a", usage: { input: 3, output: 2 } });
trace.score({ name: "helpful", value: 0.5 });
await langfuse.flushAsync();

facts.trace = dataOf(await langfuse.fetchTrace(trace.id));
facts.traces = await langfuse.fetchTraces({ userId: "user-1", limit: 5, fromTimestamp: new Date(Date.now() - 60_000) });
facts.observations = await langfuse.fetchObservations({ traceId: trace.id, type: "GENERATION" });
facts.observation = dataOf(await langfuse.fetchObservation(generation.id));
facts.sessions = await langfuse.fetchSessions({});

await langfuse.createDataset({ name: "folder/questions", description: "d", metadata: { v: 1 } });
for (const id of ["one", "two"]) {
  await langfuse.createDatasetItem({
    datasetName: "folder/questions",
    id,
    input: { question: id },
    expectedOutput: id.length,
    sourceTraceId: trace.id,
    sourceObservationId: generation.id,
  });
}
const dataset = await langfuse.getDataset("folder/questions");
facts.dataset = dataset;
for (const item of dataset.items) {
  const run = langfuse.trace({ name: "run", input: item.input });
  await item.link(run, "run 1", { description: "first", metadata: { model: "gpt-4o" } });
}
facts.run = await langfuse.getDatasetRun({ datasetName: "folder/questions", runName: "run 1" });
facts.runs = await langfuse.getDatasetRuns("folder/questions");
facts.item = await langfuse.getDatasetItem("one");

const media = new LangfuseMedia({ contentBytes: Buffer.from("some bytes"), contentType: "application/pdf" });
langfuse.trace({ name: "with media", input: { file: media } });
await langfuse.flushAsync();
facts.media = await langfuse.fetchMedia(media._mediaId);

// The client hands an error's body out as data.
facts.missing = dataOf(await langfuse.fetchTrace("no-such-trace"));
const prompt = await langfuse.getPrompt("greeting", undefined, { type: "text", fallback: "Hello {{name}}" });
facts.prompt = { text: prompt.compile({ name: "Ann" }), isFallback: prompt.isFallback };
await report(facts);
