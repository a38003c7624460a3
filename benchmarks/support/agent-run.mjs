/** One agent run of five observations: agent → (retriever → embedding), tool, generation with 3 KB of messages and answer. */
import { inputMarker, outputMarker } from "./markers.mjs";

export const EVENTS_A_TRACE = 5;

const sentence = "The quick brown fox jumps over the lazy dog while the band plays on in the rain. ";
const paragraph = sentence.repeat(12);
const usage = { input: 600, output: 250, total: 850 };

/** What the application holds when it calls the SDK: made before the clock of the call starts. */
export function agentRun(trace) {
  const event = trace * EVENTS_A_TRACE;
  return {
    agent: smallStep("agent", "agent", event),
    retriever: smallStep("retriever", "retrieve", event + 1),
    embedding: smallStep("embedding", "embed", event + 2),
    tool: smallStep("tool", "weather", event + 3),
    generation: generationStep(event + 4, paragraph, paragraph, paragraph),
  };
}

function smallStep(type, name, event) {
  return { type, name, input: { query: inputMarker(event) }, output: { result: outputMarker(event) } };
}

/** A model call whose texts are given. */
export function generationStep(event, system, question, answer) {
  return {
    type: "generation",
    name: "draft",
    model: "gpt-4o",
    input: {
      messages: [
        { role: "system", content: system },
        { role: "user", content: `${inputMarker(event)} ${question}` },
      ],
    },
    output: { role: "assistant", content: `${outputMarker(event)} ${answer}` },
    usage,
  };
}

/** Records a run through an SDK's explicit handles: `start(parent, step)` and `end(handle, step)`. */
export function recordRun({ start, end }, { agent, retriever, embedding, tool, generation }) {
  const root = start(undefined, agent);
  const retrieving = start(root, retriever);
  end(start(retrieving, embedding), embedding);
  end(retrieving, retriever);
  end(start(root, tool), tool);
  end(start(root, generation), generation);
  end(root, agent);
}
