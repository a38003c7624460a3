import type { ObservationRecord } from "../../model/record.ts";
import type { AttributeWriter } from "../attribute-writer.ts";
import { jsonOf, parseFields, type Fields } from "./json-values.ts";
import { isRecord } from "../../util/is-record.ts";

interface Parameter {
  key: string;
  kind: "int" | "double" | "text" | "texts" | "flag";
}

const int = (key: string): Parameter => ({ key, kind: "int" });
const double = (key: string): Parameter => ({ key, kind: "double" });

/** Spellings of the providers, in snake case, to the conventions' names and types. */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  temperature: double("gen_ai.request.temperature"),
  top_p: double("gen_ai.request.top_p"),
  // A double in 1.41 and an int in what follows it: whole numbers, as all are, suit both when written as a double.
  top_k: double("gen_ai.request.top_k"),
  frequency_penalty: double("gen_ai.request.frequency_penalty"),
  presence_penalty: double("gen_ai.request.presence_penalty"),
  max_tokens: int("gen_ai.request.max_tokens"),
  max_completion_tokens: int("gen_ai.request.max_tokens"),
  max_output_tokens: int("gen_ai.request.max_tokens"),
  max_new_tokens: int("gen_ai.request.max_tokens"),
  seed: int("gen_ai.request.seed"),
  n: int("gen_ai.request.choice.count"),
  candidate_count: int("gen_ai.request.choice.count"),
  dimensions: int("gen_ai.embeddings.dimension.count"),
  stop: { key: "gen_ai.request.stop_sequences", kind: "texts" },
  stop_sequences: { key: "gen_ai.request.stop_sequences", kind: "texts" },
  encoding_format: { key: "gen_ai.request.encoding_formats", kind: "texts" },
  reasoning_effort: { key: "gen_ai.request.reasoning.level", kind: "text" },
  stream: { key: "gen_ai.request.stream", kind: "flag" },
};

/** OpenInference's name for parameters as one JSON object: here those that the conventions have no name for. */
const OTHER_PARAMETERS = "llm.invocation_parameters";

/** `fromInput`: settings that were recorded among the input, such as `tool_choice`. */
export function writeModelParameters(
  record: ObservationRecord,
  fromInput: Fields | undefined,
  stream: boolean | undefined,
  write: AttributeWriter,
): void {
  const others: Fields = {};
  const written = new Set<string>();
  const { modelParameters } = record;
  const given = parseFields(modelParameters);
  for (const [name, value] of Object.entries({ ...given, ...(stream && { stream }) })) {
    const known = snakeCase(name);
    const parameter = Object.hasOwn(PARAMETERS, known) ? PARAMETERS[known] : undefined;
    // Two spellings of one parameter: the first has the name, since a key stands once.
    if (parameter && !written.has(parameter.key) && writeParameter(parameter, value, write)) written.add(parameter.key);
    else others[name] = value;
  }
  // What is no object was cut to a text: it is kept as it is.
  const rest = modelParameters !== undefined && !given ? modelParameters : jsonOf({ ...others, ...fromInput });
  write.text(OTHER_PARAMETERS, rest);
}

/** False for a value that is not of the parameter's type. */
function writeParameter({ key, kind }: Parameter, value: unknown, write: AttributeWriter): boolean {
  switch (kind) {
    case "double":
    case "int":
      if (typeof value !== "number" || (kind === "int" && !Number.isSafeInteger(value))) return false;
      write[kind === "int" ? "number" : "double"](key, value);
      return true;
    case "flag":
      if (typeof value !== "boolean") return false;
      write.flag(key, value);
      return true;
    case "text":
      if (typeof value !== "string") return false;
      write.text(key, value);
      return true;
    case "texts": {
      const texts = typeof value === "string" ? [value] : value;
      if (!Array.isArray(texts) || texts.length === 0 || isRecord(texts[0])) return false;
      if (!texts.every((text) => typeof text === "string")) return false;
      write.texts(key, texts);
      return true;
    }
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
