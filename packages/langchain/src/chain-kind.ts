import type { ObservationType } from "@spanwise/core";
import { arrayOf, fieldsOf, firstText, type Fields } from "./fields.ts";
import type { Run } from "./run.ts";

const GRAPHS: ReadonlySet<unknown> = new Set(["CompiledStateGraph", "CompiledGraph", "LangGraph", "Pregel"]);
const AGENTS: ReadonlySet<unknown> = new Set(["AgentExecutor"]);

/** The class of a runnable as LangChain writes it down: the last part of its id. */
export function classOf(serialized: unknown): string | undefined {
  const { id, name } = fieldsOf(serialized);
  return firstText(arrayOf(id).at(-1), name);
}

export function isGraphClass(className: string | undefined): boolean {
  return GRAPHS.has(className);
}

/** `createAgent` says so in metadata, which everything below inherits: only its graph is the agent. */
export function chainType(className: string | undefined, metadata: Fields): ObservationType {
  if (AGENTS.has(className)) return "agent";
  return isGraphClass(className) && metadata["ls_integration"] === "langchain_create_agent" ? "agent" : "chain";
}

/**
 * The graph of LangGraph's prebuilt `createReactAgent`, which nothing tells from another graph at its start: its node `agent`
 * runs a sequence whose first step is called `prompt`.
 */
export function reactAgentAround(
  runs: { find(runId: string): Run | undefined },
  parentRunId: string | undefined,
  name: string,
  className: string | undefined,
): Run | undefined {
  if (name !== "prompt" || className !== "RunnableLambda" || parentRunId === undefined) return undefined;
  const node = runs.find(parentRunId)?.parent;
  return node?.parent?.isGraph === true && node.name === "agent" ? node.parent : undefined;
}

export function nameOfRun(runName: unknown, serialized: unknown, fallback: string): string {
  return firstText(runName, classOf(serialized)) ?? fallback;
}
