import { asObject, asStrings } from "../../json.ts";
import type { Prompt, Tool, ToolCall } from "./prompt.ts";
import { valueForSchema } from "./schema-value.ts";
import { keywords } from "./words.ts";

/** A tool fits from this score on: one word of its name, or two of its description. */
const fitScore = 2;
/** A second tool is called as well when it is at least this good, relative to the best. */
const parallelShare = 0.4;
const maxParallelCalls = 4;

/**
 * The calls the question asks for, or none. Tools fit by their words: name, description, parameters. A search tool fits any
 * question. A tool whose result is already there since the last user turn is not called again, so no agent loops.
 */
export function chooseToolCalls(prompt: Prompt, question: string, context: string): ToolCall[] {
  const { toolChoice } = prompt;
  if (toolChoice === "none" || prompt.tools.length === 0) return [];
  const called = toolsCalledSinceUser(prompt);
  const open = prompt.tools.filter((tool) => !called.has(tool.name));
  const call = (tool: Tool): ToolCall => ({
    name: tool.name,
    arguments: JSON.stringify(
      valueForSchema(tool.parameters, { question, text: `${question}\n${context}`, answer: question, sources: [] }),
    ),
  });
  if (typeof toolChoice === "object") return open.filter((tool) => tool.name === toolChoice.name).map(call);

  const scored = open.map((tool) => ({ tool, score: scoreOf(tool, question) })).toSorted((a, b) => b.score - a.score);
  const best = scored[0];
  if (best === undefined) return [];
  const isForced = toolChoice === "required";
  // After a result the model answers, unless it is made to call something.
  if (!isForced && (called.size > 0 || best.score < fitScore)) return [];
  const chosen = scored.filter(
    ({ score }, rank) => rank === 0 || (score >= fitScore && score >= best.score * parallelShare),
  );
  return chosen.slice(0, prompt.allowsParallelTools ? maxParallelCalls : 1).map(({ tool }) => call(tool));
}

function scoreOf(tool: Tool, question: string): number {
  const asked = new Set(keywords(question));
  const hits = (text: string): number => new Set(keywords(text).filter((word) => asked.has(word))).size;
  const properties = Object.entries(asObject(tool.parameters["properties"]));
  const parameterText = properties
    .map(([name, schema]) => `${name} ${asStrings(asObject(schema)["enum"]).join(" ")}`)
    .join(" ");
  const isSearch =
    /search|retriev|look_?up|find|query/i.test(tool.name) &&
    properties.some(([name]) => /^(q|query|question|text|input|search.*)$/i.test(name));
  return 2 * hits(tool.name) + hits(tool.description) + hits(parameterText) + (isSearch ? fitScore : 0);
}

function toolsCalledSinceUser(prompt: Prompt): Set<string> {
  const names = new Set<string>();
  const since = prompt.turns.slice(prompt.turns.findLastIndex((turn) => turn.role === "user") + 1);
  const answered = new Set(since.filter((turn) => turn.role === "tool").map((turn) => turn.callId));
  for (const turn of since) for (const [id, name] of turn.calls) if (answered.has(id)) names.add(name);
  return names;
}
