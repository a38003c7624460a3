import { fieldsOf, isObject, stringOf, type Fields } from "./fields.ts";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;
const HOSTS = ["openai.com", "openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com"];

/**
 * The parameters with `stream_options.include_usage`, or undefined where they stay as they are: not streamed, the caller has
 * said it, no OpenAI chat class, or a host that may send usage unasked. The caller's objects are not changed.
 */
export function requestUsage(llm: object, params: Fields, choice: boolean | "auto"): Fields | undefined {
  if (choice === false || params["stream"] !== true || !isOpenAIChat(llm)) return undefined;
  const own = fieldsOf((llm as Fields)["additionalChatOptions"]);
  const given = fieldsOf(params["additionalChatOptions"]);
  if ("stream_options" in own || "stream_options" in given) return undefined;
  if (choice === "auto" && !sendsUsageWhenAsked(llm)) return undefined;
  return { ...params, additionalChatOptions: { ...given, stream_options: { include_usage: true } } };
}

/** By the names of the classes it extends: two copies of the package have two such classes. */
function isOpenAIChat(llm: object): boolean {
  for (let at: unknown = Object.getPrototypeOf(llm); at; at = Object.getPrototypeOf(at)) {
    if (fieldsOf(fieldsOf(at)["constructor"])["name"] === "OpenAI") return true;
  }
  return false;
}

function sendsUsageWhenAsked(llm: object): boolean {
  if (fieldsOf((llm as Fields)["constructor"])["name"] === "AzureOpenAI") return true;
  const { env } = fieldsOf(fieldsOf(globalThis)["process"]);
  const baseUrl = stringOf((llm as Fields)["baseURL"]) ?? stringOf(fieldsOf(env)["OPENAI_BASE_URL"]);
  if (baseUrl === undefined || baseUrl === "") return true;
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return LOOPBACK.test(hostname) || HOSTS.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

/** The chunk that `include_usage` adds at the end of a stream: usage and no choice. */
export function isUsageChunk(raw: unknown): boolean {
  const { choices, usage } = fieldsOf(raw);
  return Array.isArray(choices) && choices.length === 0 && isObject(usage);
}

/** `include_usage` also puts `usage: null` on every other chunk. Taken off before anybody has seen the chunk. */
export function stripEmptyUsage(raw: unknown): void {
  if (isObject(raw) && raw["usage"] === null) Reflect.deleteProperty(raw, "usage");
}
