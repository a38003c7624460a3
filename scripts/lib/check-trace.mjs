/** Holds the example's trace, as the server tells it, against what the example does. */

const ATTEMPTS = 50;
const PAUSE_MS = 100;

export async function checkTrace(serverUrl, traceId) {
  let problem = "the trace did not arrive";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const response = await fetch(`${serverUrl}/api/traces/${traceId}`);
    if (response.ok) {
      const detail = await response.json();
      problem = findProblem(detail);
      if (!problem) return summarise(detail);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`the stored trace is not whole: ${problem}`);
}

/** What is missing, or `undefined`. */
function findProblem({ trace, observations, scores }) {
  const ofType = (type) => observations.filter((observation) => observation.type === type);
  const roots = observations.filter(({ parentId }) => parentId === null);
  const ids = new Set(observations.map(({ id }) => id));
  const tools = ofType("tool");
  const streamed = ofType("generation").filter(({ completionStartTime }) => completionStartTime !== null);

  if (roots.length !== 1 || roots[0].type !== "agent") return "the root is not one agent";
  if (observations.some(({ parentId }) => parentId !== null && !ids.has(parentId))) return "a parent is missing";
  if (observations.some(({ status }) => status !== "ok")) return "an observation did not end well";
  if (ofType("retriever").length === 0) return "no retrieval";
  if (ofType("embedding").length === 0) return "no embedding";
  if (tools.length < 2) return "fewer than two tools";
  if (!overlap(tools[0], tools[1])) return "the tools do not overlap in time";
  if (streamed.length === 0) return "no streamed generation";
  if (!(streamed.at(-1).usage?.input > 0 && streamed.at(-1).usage?.output > 0))
    return "the streamed generation has no tokens";
  if (!(streamed.at(-1).cost?.total > 0)) return "the streamed generation has no cost";
  if (!(trace.cost > 0)) return "the trace has no cost";
  if (scores.length === 0) return "no score";
  const graph = observations.find(({ name }) => name === "follow-up");
  if (graph?.type !== "chain") return "no LangGraph graph";
  const nodes = observations.filter(({ parentId }) => parentId === graph.id);
  if (nodes.length === 0) return "the graph has no nodes";
  const inNode = (name, type) =>
    observations.some((one) => one.name === name && one.type === type && isBelow(one, graph.id, observations));
  if (!inNode("find-unused", "span")) return "the function in a node is not below the graph";
  if (nodes.length > 1 && !inNode("ChatOpenAI", "generation")) return "the graph's model call is not below it";
  return undefined;
}

function isBelow({ parentId }, ancestorId, observations) {
  if (parentId === ancestorId) return true;
  const parent = observations.find(({ id }) => id === parentId);
  return parent !== undefined && isBelow(parent, ancestorId, observations);
}

function overlap(a, b) {
  return a.startTime < b.endTime && b.startTime < a.endTime;
}

function summarise({ trace, observations, scores }) {
  const seconds = (trace.durationMs / 1000).toFixed(2);
  const cost = trace.cost.toFixed(6);
  const given = scores.map(({ name, value, stringValue }) => `${name}=${value ?? stringValue}`).join(", ");
  return `Stored whole: ${observations.length} observations, ${seconds} s, ${trace.inputTokens} → ${trace.outputTokens} tokens, $${cost}, scores ${given}`;
}
