/** Holds the traces of the example's programs, as the server tells them, against what the programs do. */
import { findLlamaIndexProblem } from "./check-llamaindex.mjs";
import { findAgentProblem } from "./check-agent.mjs";
import { findCommonProblem } from "./trace-shape.mjs";

const ATTEMPTS = 50;
const PAUSE_MS = 100;

/** What each program of `examples/docs-agent` must leave: what is missing, or `undefined`. */
const FINDERS = { main: findAgentProblem, "llamaindex-main": findLlamaIndexProblem };

export const PROGRAMS = Object.keys(FINDERS);

export async function checkTrace(serverUrl, traceId, program = "main") {
  let problem = "the trace did not arrive";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const response = await fetch(`${serverUrl}/api/traces/${traceId}`);
    if (response.ok) {
      const detail = await response.json();
      problem = findCommonProblem(detail) ?? FINDERS[program](detail);
      if (!problem) return summarise(detail);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`the stored trace is not whole: ${problem}`);
}

function summarise({ trace, observations, scores }) {
  const seconds = (trace.durationMs / 1000).toFixed(2);
  const cost = trace.cost.toFixed(6);
  const given = scores.map(({ name, value, stringValue }) => `${name}=${value ?? stringValue}`).join(", ");
  const counted = `${observations.length} observations, ${seconds} s, ${trace.inputTokens} → ${trace.outputTokens} tokens, $${cost}`;
  return `Stored whole: ${counted}${given && `, scores ${given}`}`;
}
