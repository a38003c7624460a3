import { arrayOf, classNameOf, defined, fieldsOf, stringOf, type Fields } from "./fields.ts";
import { describeMessage, describeTools } from "./values.ts";

/** Settings of a model that are recorded. Only listed names are taken: an unknown key may hold a credential. */
const PARAMETERS = [
  "temperature",
  "top_p",
  "top_k",
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "num_predict",
  "num_ctx",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "stop",
  "n",
  "logprobs",
  "top_logprobs",
  "reasoning_effort",
  "verbosity",
  "service_tier",
  "tool_choice",
  "parallel_tool_calls",
] as const;

/** Providers by LlamaIndex's class names, also of classes that extend them. */
const PROVIDERS: Readonly<Record<string, string>> = {
  AzureOpenAI: "azure",
  Groq: "groq",
  DeepSeekLLM: "deepseek",
  TogetherLLM: "together",
  FireworksLLM: "fireworks",
  Perplexity: "perplexity",
  XAI: "xai",
  OpenAI: "openai",
  OpenAIResponses: "openai",
  Anthropic: "anthropic",
  Gemini: "google",
  GoogleStudio: "google",
  Vertex: "google",
  MistralAI: "mistral",
  Ollama: "ollama",
  Bedrock: "aws",
  ReplicateLLM: "replicate",
  HuggingFaceLLM: "huggingface",
  HuggingFaceInferenceAPI: "huggingface",
  Portkey: "portkey",
  VercelLLM: "vercel",
};

export interface DescribedRequest {
  model: string | undefined;
  provider: string | undefined;
  modelParameters: Record<string, unknown> | undefined;
}

/** Parameters whose text is a word of the API, never the caller's. */
const WORDS: ReadonlySet<string> = new Set(["reasoning_effort", "verbosity", "service_tier"]);

/**
 * Model, provider and parameters, from the instance and from what the call changes of them. Without `captureInput` the
 * parameters are numbers, booleans and the API's own words.
 */
export function describeModel(llm: object, options: unknown, captureInput: boolean): DescribedRequest {
  const fields = llm as Fields;
  // The metadata of some models fail for a model that they do not know, or tell of defaults that are never sent.
  const metadata = fieldsOf(readOr(() => fields["metadata"]));
  const setting = (name: string): unknown => (name in llm ? fields[name] : metadata[name]);
  const { model = fields["model"], contextWindow } = metadata;
  const maxTokens = setting("maxTokens");
  const extra: Fields = {
    ...fieldsOf(fields["options"]), // Ollama
    ...fieldsOf(fields["additionalChatOptions"]),
    ...fieldsOf(options),
  };
  const parameters: Record<string, unknown> = defined({
    temperature: setting("temperature"),
    top_p: setting("topP"),
    // Ollama's gives the context window for it.
    max_tokens: (maxTokens === contextWindow ? undefined : maxTokens) ?? fields["maxOutputTokens"],
    reasoning_effort: fields["reasoningEffort"],
  });
  for (const name of PARAMETERS) {
    const value = extra[name];
    const isPlain = typeof value === "number" || typeof value === "boolean" || WORDS.has(name);
    if (value !== undefined && (captureInput || isPlain)) parameters[name] = value;
  }
  return {
    model: stringOf(extra["model"]) ?? stringOf(model),
    provider: providerOf(llm),
    modelParameters: Object.keys(parameters).length > 0 ? parameters : undefined,
  };
}

/** The messages, or an object with them where the call also gives tools or a format. */
export function describeInput(params: Fields): unknown {
  const messages = arrayOf(params["messages"]).map(describeMessage);
  const tools = describeTools(params["tools"]);
  const format = params["responseFormat"];
  if (!tools && format === undefined) return messages;
  return defined({ messages, tools, response_format: format === undefined ? undefined : describeFormat(format) });
}

/** A schema object of a validation library is named, not copied. */
function describeFormat(format: unknown): unknown {
  const name = classNameOf(format, "");
  return name === "" ? format : { schema: name };
}

/** Of a model or an embedding model, by its class or the nearest one that it extends. */
export function providerOf(model: object): string | undefined {
  for (let at: unknown = Object.getPrototypeOf(model); at; at = Object.getPrototypeOf(at)) {
    const name = (stringOf(fieldsOf(fieldsOf(at)["constructor"])["name"]) ?? "").replace(/Embedding$/, "");
    // `TogetherEmbedding` is of the provider of `TogetherLLM`.
    for (const key of [name, `${name}LLM`]) if (Object.hasOwn(PROVIDERS, key)) return PROVIDERS[key];
  }
  return undefined;
}

/** Somebody's getter may throw. */
export function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
