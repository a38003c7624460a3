import { fieldsOf, firstText, isFields, type Fields, type FineTuningTool } from "./types.ts";

/** Tools of any of the known shapes. What a provider runs itself, web search for instance, is no function and is left out. */
export function readTools(value: unknown): FineTuningTool[] {
  if (isFields(value)) {
    // The AI SDK's tools are an object by name.
    return Object.entries(value).flatMap(([name, tool]) => readTool({ ...fieldsOf(tool), name }));
  }
  return Array.isArray(value) ? (value as unknown[]).flatMap((tool) => readTool(fieldsOf(tool))) : [];
}

function readTool(tool: Fields): FineTuningTool[] {
  const declared = tool["functionDeclarations"] ?? tool["function_declarations"];
  if (Array.isArray(declared)) return (declared as unknown[]).flatMap((one) => readTool(fieldsOf(one)));
  if (isFields(tool["function"])) return readTool(tool["function"]);
  if (isFields(tool["toolSpec"])) return readTool(tool["toolSpec"]);
  const name = firstText(tool["name"]);
  const parameters = schemaOf(tool);
  if (name === undefined || name === "" || isHosted(tool, parameters)) return [];
  const description = firstText(tool["description"]);
  return [
    {
      type: "function",
      function: {
        name,
        ...(description !== undefined && { description }),
        ...(parameters !== undefined && { parameters }),
      },
    },
  ];
}

/** Anthropic's and OpenAI's own tools carry a type that is no function's, and no schema. */
function isHosted(tool: Fields, parameters: unknown): boolean {
  const type = firstText(tool["type"]);
  return parameters === undefined && type !== undefined && !["function", "custom", "dynamic"].includes(type);
}

function schemaOf(tool: Fields): unknown {
  const schema =
    tool["parameters"] ??
    tool["input_schema"] ??
    tool["inputSchema"] ??
    tool["parametersJsonSchema"] ??
    tool["parameters_json_schema"] ??
    tool["schema"];
  if (!isFields(schema)) return undefined;
  // The AI SDK and Bedrock wrap the schema.
  const inner = schema["jsonSchema"] ?? schema["json"];
  return lowerTypes(isFields(inner) ? inner : schema);
}

/** Gemini writes `"type": "STRING"`. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return (schema as unknown[]).map(lowerTypes);
  if (!isFields(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "type" && typeof value === "string" ? value.toLowerCase() : lowerTypes(value),
    ]),
  );
}
