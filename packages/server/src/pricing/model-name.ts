/** A provider of the price library, or none where the model's name alone should tell, and a model's name there. */
export interface PricedName {
  provider: string | null;
  model: string;
}

/** What SDKs, gateways and conventions call a provider, where the library's own matching does not know it or knows it wrongly. */
const PROVIDER_ALIASES: readonly (readonly [pattern: RegExp, id: string])[] = [
  // `azure.ai.openai` of the GenAI conventions, `AzureOpenAI` of LangChain: the library would take them for OpenAI.
  [/azure|^az\.|^microsoft/, "azure"],
  [/bedrock|^aws|amazon/, "aws"],
  [/vertex|google|gemini|^gcp/, "google"],
  [/^(x[-_. ]?ai|grok)(\W|$)/, "x-ai"],
  [/^together/, "together"],
  [/^fireworks/, "fireworks"],
  [/^moonshot|^kimi/, "moonshotai"],
  [/^anthropic|^claude/, "anthropic"],
  [/^openai/, "openai"],
  [/openrouter/, "openrouter"],
  [/mistral/, "mistral"],
  [/^voyage/, "voyageai"],
];

/**
 * Labels that say which client made the call and not who served it: an OpenAI client pointed at DeepSeek is labelled `openai`. There the
 * model's name may name its maker. Any other known provider that does not know a model has no price for it: hosts of open models
 * each set their own.
 */
const CLIENT_LABELS: ReadonlySet<string> = new Set(["openai", "azure", "anthropic", "google", "openrouter"]);

/** Names that one maker alone gives and the library finds under their provider only: Langfuse's SDKs, for one, send no provider. */
const MAKERS: readonly (readonly [pattern: RegExp, id: string])[] = [
  [/^(text-embedding-(3|ada)|text-davinci|chatgpt-|codex-|computer-use-|omni-moderation)/i, "openai"],
  [/^sonar(-|$)/i, "perplexity"],
  [/^embed-(v\d|english|multilingual)/i, "cohere"],
];

/** Variants of OpenRouter's routes that cost as the plain one does; `:free` and `:batch` have prices of their own. */
const ROUTE_VARIANT = /:(nitro|floor|online|exacto|beta)$/;

/** `us.anthropic.claude-…-v1:0`, `amazon.nova-pro-v1:0`, an ARN of any of them. */
const BEDROCK_ID =
  /^arn:aws[\w-]*:bedrock:|^(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|stability|writer)\.[\w-]/;

/** Dates that a model's name ends in: `-2024-08-06`, `-20241022`, `@20250929`, `-preview-05-06`. */
const DATE_SUFFIX = /[-@](?:20\d{2}-?\d{2}-?\d{2})$|-\d{2}-\d{2}$|@(?:default|latest)$/;

export function normalizeProvider(provider: string): string {
  const label = provider.trim().toLowerCase();
  return PROVIDER_ALIASES.find(([pattern]) => pattern.test(label))?.[1] ?? label;
}

/** Where a model's price may be found, the most exact first. */
export function namesToTry(
  provider: string | null,
  model: string,
  isKnownProvider: (provider: string) => boolean,
): PricedName[] {
  const names: PricedName[] = [];
  const add = (name: PricedName): void => {
    if (!names.some((known) => known.provider === name.provider && known.model === name.model)) names.push(name);
  };
  const label = provider === null || provider.trim() === "" ? null : normalizeProvider(provider);
  const isKnown = label !== null && isKnownProvider(label);
  for (const name of spellings(model.trim())) {
    if (isKnown) add({ provider: label, model: name });
    if (isKnown && !CLIENT_LABELS.has(label)) continue;
    if (BEDROCK_ID.test(name)) add({ provider: "aws", model: name });
    else addByName(name, isKnownProvider, add);
  }
  return names;
}

function addByName(
  model: string,
  isKnownProvider: (provider: string) => boolean,
  add: (name: PricedName) => void,
): void {
  // `openai/gpt-4o`, `azure/gpt-4o`, `openrouter/anthropic/claude-3.5-sonnet`, `openai:gpt-4o`.
  const cut = /^([\w.-]+)[/:](.+)$/.exec(model);
  const [, vendor = "", rest = ""] = cut ?? [];
  if (vendor === "ft") add({ provider: "openai", model });
  else if (vendor !== "") {
    const id = normalizeProvider(vendor);
    if (isKnownProvider(id)) add({ provider: id, model: rest });
    // `models/gemini-…`, and a vendor inside a gateway's name; a tag behind a model (`llama3:8b`) names nothing.
    if (model.includes("/")) addByName(rest, isKnownProvider, add);
    return;
  }
  const maker = MAKERS.find(([pattern]) => pattern.test(model))?.[1];
  add({ provider: maker ?? null, model });
}

/** The name as it is, then without what does not change its price. */
function spellings(model: string): string[] {
  const spelled = [model];
  // Vertex: `projects/…/publishers/anthropic/models/claude-…`; Gemini: `models/gemini-…`.
  const path = /(?:^|\/)models\/([^/]+)$/.exec(model)?.[1];
  if (path !== undefined && !model.startsWith("accounts/")) spelled.push(path);
  for (const name of spelled.slice()) {
    const route = name.replace(ROUTE_VARIANT, "");
    if (route !== name) spelled.push(route);
  }
  for (const name of spelled.slice()) {
    const undated = name.replace(DATE_SUFFIX, "");
    if (undated !== name && undated !== "") spelled.push(undated);
  }
  return spelled;
}
