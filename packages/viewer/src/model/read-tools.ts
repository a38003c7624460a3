import type { ToolDefinition } from "./chat.ts";
import { firstString } from "./chat-parts.ts";
import { asString, isObject } from "./json.ts";

/** The tools a model was offered, as OpenAI, Anthropic, LangChain and the AI SDK describe them; Gemini keeps several functions in one tool. */
export function readTools(tools: unknown): ToolDefinition[] {
  if (!Array.isArray(tools)) return [];
  const each: unknown[] = tools.flatMap((tool: unknown) => {
    const declared = isObject(tool) ? (tool["functionDeclarations"] ?? tool["function_declarations"]) : undefined;
    return Array.isArray(declared) ? declared : [tool];
  });
  return each.map((tool) => {
    const definition = isObject(tool) && isObject(tool["function"]) ? tool["function"] : tool;
    const fields = isObject(definition) ? definition : {};
    return {
      name: firstString(fields, ["name", "type"]) ?? Object.keys(fields)[0] ?? "tool",
      description: asString(fields["description"]),
      value: tool,
    };
  });
}
