/** LangChain's words for providers to those of `@spanwise/openai` and OpenTelemetry. Others stay, in lower case. */
const PROVIDERS: Readonly<Record<string, string>> = {
  google_genai: "google",
  google_vertexai: "google",
  googlegenerativeai: "google",
  google_vertexai_web: "google",
  vertexai: "google",
  amazon_bedrock: "aws",
  bedrock: "aws",
  bedrockconverse: "aws",
  mistralai: "mistral",
  azure_openai: "azure",
  azureopenai: "azure",
  togetherai: "together",
  moonshotai: "moonshot",
};

export function providerNamed(name: string): string | undefined {
  const known = name.toLowerCase();
  if (known === "") return undefined;
  return Object.hasOwn(PROVIDERS, known) ? PROVIDERS[known] : known;
}
