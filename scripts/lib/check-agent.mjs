import { isBelow } from "./trace-shape.mjs";

/** `examples/docs-agent/src/main.ts`: the hand-made agent with its LangGraph graph. What is missing, or `undefined`. */
export function findAgentProblem({ observations, scores }) {
  const tools = observations.filter(({ type }) => type === "tool");

  if (tools.length < 2) return "fewer than two tools";
  if (!overlap(tools[0], tools[1])) return "the tools do not overlap in time";
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

function overlap(a, b) {
  return a.startTime < b.endTime && b.startTime < a.endTime;
}
