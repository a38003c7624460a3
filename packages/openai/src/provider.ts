import { stringOf } from "./fields.ts";

interface Provider {
  name: string;
  /** The host itself or the end of it, after a dot. */
  hosts: readonly string[];
  /**
   * Sends the usage of a stream only to those who ask: what our asking adds can be told from what the caller gets anyway.
   * The others send it unasked, refuse the wish, or serve models of many vendors.
   */
  usageWhenAsked?: true;
}

/** Hosts of OpenAI-compatible APIs. Names are those of OpenTelemetry's `gen_ai.provider.name` or the provider's own. */
export const PROVIDERS: readonly Provider[] = [
  { name: "openai", hosts: ["openai.com"], usageWhenAsked: true },
  {
    name: "azure",
    hosts: ["openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com"],
    usageWhenAsked: true,
  },
  { name: "azure", hosts: ["models.inference.ai.azure.com"] },
  { name: "openrouter", hosts: ["openrouter.ai"] },
  { name: "groq", hosts: ["groq.com"] },
  { name: "deepseek", hosts: ["deepseek.com"] },
  { name: "xai", hosts: ["x.ai"] },
  { name: "together", hosts: ["together.xyz", "together.ai"] },
  { name: "fireworks", hosts: ["fireworks.ai"] },
  { name: "cerebras", hosts: ["cerebras.ai"] },
  { name: "alibaba", hosts: ["aliyuncs.com"] },
  { name: "nvidia", hosts: ["nvidia.com"] },
  { name: "ollama", hosts: ["ollama.com"] },
  { name: "mistral", hosts: ["mistral.ai"] },
  { name: "perplexity", hosts: ["perplexity.ai"] },
  { name: "cohere", hosts: ["cohere.com", "cohere.ai"] },
  { name: "huggingface", hosts: ["huggingface.co"] },
  { name: "google", hosts: ["googleapis.com"] },
  { name: "anthropic", hosts: ["anthropic.com"] },
  { name: "moonshot", hosts: ["moonshot.ai", "moonshot.cn"] },
  { name: "zai", hosts: ["z.ai", "bigmodel.cn"] },
  { name: "github", hosts: ["githubcopilot.com", "models.github.ai"] },
  { name: "aws", hosts: ["amazonaws.com", "api.aws"] },
  { name: "vercel", hosts: ["ai-gateway.vercel.sh"] },
  { name: "cloudflare", hosts: ["cloudflare.com"] },
];

/** Local model servers, told by their default port. */
const LOCAL_PORTS: Readonly<Record<string, string>> = { "11434": "ollama", "1234": "lmstudio" };

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;
/** This machine, seen from a container. */
const DOCKER_HOST = "host.docker.internal";

export interface Endpoint {
  provider: string;
  /** Scheme, host and port: never a path, query or credentials. Empty where the client's base URL cannot be read. */
  origin: string;
  /** Whether the usage of a stream comes only if it is asked for. Servers on loopback do it so. */
  usageWhenAsked: boolean;
}

/** Reading a URL costs microseconds, and every call asks. A client's base URL may be set anew. */
const endpoints = new WeakMap<object, { baseUrl: string | undefined; endpoint: Endpoint }>();

/** Whom a client talks to, from its class and base URL. A host that is not known counts as `openai`, whose API it speaks. */
export function endpointOf(client: object): Endpoint {
  const baseUrl = stringOf((client as { baseURL?: unknown }).baseURL);
  const known = endpoints.get(client);
  if (known && known.baseUrl === baseUrl) return known.endpoint;
  const endpoint = readEndpoint(client, baseUrl);
  endpoints.set(client, { baseUrl, endpoint });
  return endpoint;
}

function readEndpoint(client: object, baseUrl: string | undefined): Endpoint {
  const url = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const origin = url ? `${url.protocol}//${url.host}` : "";
  const host = url?.hostname ?? "";
  if (isAzureClient(client)) return { provider: "azure", origin, usageWhenAsked: true };
  const known = PROVIDERS.find(({ hosts }) => hosts.some((suffix) => host === suffix || host.endsWith(`.${suffix}`)));
  if (known) return { provider: known.name, origin, usageWhenAsked: known.usageWhenAsked === true };
  const usageWhenAsked = LOOPBACK.test(host);
  const local = usageWhenAsked || host === DOCKER_HOST;
  return { provider: (local && LOCAL_PORTS[url?.port ?? ""]) || "openai", origin, usageWhenAsked };
}

/** By name along the classes it extends, so that a subclass is one too; two copies of openai have two such classes. */
function isAzureClient(client: object): boolean {
  for (let at: unknown = Object.getPrototypeOf(client); at; at = Object.getPrototypeOf(at)) {
    if ((at as { constructor?: { name?: unknown } }).constructor?.name === "AzureOpenAI") return true;
  }
  return false;
}
