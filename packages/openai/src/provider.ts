import { stringOf } from "./fields.ts";

interface Provider {
  name: string;
  /** The host itself or the end of it, after a dot. */
  hosts: readonly string[];
  /** Known to accept `stream_options.include_usage`. The others refuse it, send usage unasked, or were not tried. */
  includeUsage: boolean;
}

/** Hosts of OpenAI-compatible APIs. Names are those of OpenTelemetry's `gen_ai.provider.name` or the provider's own. */
export const PROVIDERS: readonly Provider[] = [
  { name: "openai", hosts: ["openai.com"], includeUsage: true },
  {
    name: "azure",
    hosts: [
      "openai.azure.com",
      "services.ai.azure.com",
      "cognitiveservices.azure.com",
      "models.inference.ai.azure.com",
    ],
    includeUsage: true,
  },
  { name: "openrouter", hosts: ["openrouter.ai"], includeUsage: true },
  { name: "groq", hosts: ["groq.com"], includeUsage: true },
  { name: "deepseek", hosts: ["deepseek.com"], includeUsage: true },
  { name: "xai", hosts: ["x.ai"], includeUsage: true },
  { name: "together", hosts: ["together.xyz", "together.ai"], includeUsage: true },
  { name: "fireworks", hosts: ["fireworks.ai"], includeUsage: true },
  { name: "cerebras", hosts: ["cerebras.ai"], includeUsage: true },
  { name: "alibaba", hosts: ["aliyuncs.com"], includeUsage: true },
  { name: "nvidia", hosts: ["nvidia.com"], includeUsage: true },
  { name: "ollama", hosts: ["ollama.com"], includeUsage: true },
  // Mistral and Perplexity send usage unasked; Mistral refused the field for long.
  { name: "mistral", hosts: ["mistral.ai"], includeUsage: false },
  { name: "perplexity", hosts: ["perplexity.ai"], includeUsage: false },
  { name: "cohere", hosts: ["cohere.com", "cohere.ai"], includeUsage: false },
  { name: "huggingface", hosts: ["huggingface.co"], includeUsage: false },
  { name: "google", hosts: ["googleapis.com"], includeUsage: false },
  { name: "anthropic", hosts: ["anthropic.com"], includeUsage: false },
  { name: "moonshot", hosts: ["moonshot.ai", "moonshot.cn"], includeUsage: false },
  { name: "zai", hosts: ["z.ai", "bigmodel.cn"], includeUsage: false },
  { name: "github", hosts: ["githubcopilot.com", "models.github.ai"], includeUsage: false },
  { name: "aws", hosts: ["amazonaws.com", "api.aws"], includeUsage: false },
  { name: "vercel", hosts: ["ai-gateway.vercel.sh"], includeUsage: false },
  { name: "cloudflare", hosts: ["cloudflare.com"], includeUsage: false },
];

/** Local model servers, told by their default port. */
const LOCAL_PORTS: Readonly<Record<string, string>> = { "11434": "ollama", "1234": "lmstudio" };

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"]);

export interface Endpoint {
  provider: string;
  /** Scheme, host and port: never a path, query or credentials. Empty where the client's base URL cannot be read. */
  origin: string;
  /** Whether the host is known to accept `stream_options.include_usage`. Local servers accept or ignore it. */
  includeUsage: boolean;
}

/** Whom a client talks to, from its class and base URL. A host that is not known counts as `openai`, whose API it speaks. */
export function endpointOf(client: object): Endpoint {
  const url = baseUrlOf(client);
  const origin = url ? `${url.protocol}//${url.host}` : "";
  const host = url?.hostname ?? "";
  if (isAzureClient(client)) return { provider: "azure", origin, includeUsage: true };
  const known = PROVIDERS.find(({ hosts }) => hosts.some((suffix) => host === suffix || host.endsWith(`.${suffix}`)));
  if (known) return { provider: known.name, origin, includeUsage: known.includeUsage };
  const local = LOOPBACK.has(host);
  return { provider: (local && LOCAL_PORTS[url?.port ?? ""]) || "openai", origin, includeUsage: local };
}

function baseUrlOf(client: object): URL | undefined {
  const text = stringOf((client as { baseURL?: unknown }).baseURL);
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/** By name along the classes it extends, so that a subclass is one too; two copies of openai have two such classes. */
function isAzureClient(client: object): boolean {
  for (let at: unknown = Object.getPrototypeOf(client); at; at = Object.getPrototypeOf(at)) {
    if ((at as { constructor?: { name?: unknown } }).constructor?.name === "AzureOpenAI") return true;
  }
  return false;
}
