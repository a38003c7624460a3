import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { endpointOf, PROVIDERS } from "../src/provider.ts";

const at = (baseURL: string): object => new OpenAI({ apiKey: "k", baseURL });

describe("endpointOf", () => {
  it.each([
    ["https://api.openai.com/v1", "openai", true],
    ["https://eu.api.openai.com/v1", "openai", true],
    ["https://x.openai.azure.com/openai/v1", "azure", true],
    ["https://x.services.ai.azure.com/openai/v1", "azure", true],
    ["https://openrouter.ai/api/v1", "openrouter", false],
    ["https://api.groq.com/openai/v1", "groq", false],
    ["https://api.deepseek.com", "deepseek", false],
    ["https://api.x.ai/v1", "xai", false],
    ["https://api.mistral.ai/v1", "mistral", false],
    ["https://api.together.xyz/v1", "together", false],
    ["https://api.perplexity.ai", "perplexity", false],
    ["https://api.fireworks.ai/inference/v1", "fireworks", false],
    ["https://api.cerebras.ai/v1", "cerebras", false],
    ["http://localhost:11434/v1", "ollama", true],
    ["http://127.0.0.1:1234/v1", "lmstudio", true],
    ["http://[::1]:8000/v1", "openai", true],
    ["http://127.0.0.2:8000/v1", "openai", true],
    ["http://host.docker.internal:11434/v1", "ollama", false],
    ["https://models.inference.ai.azure.com", "azure", false],
    ["https://models.openai.azure.com.example.com/v1", "openai", false],
    ["https://llm.example.com/v1", "openai", false],
    ["https://notopenai.com.example.com/v1", "openai", false],
    ["https://evilgroq.com/v1", "openai", false],
  ])("%s is %s", (baseURL, provider, usageWhenAsked) => {
    expect(endpointOf(at(baseURL))).toMatchObject({ provider, usageWhenAsked });
  });

  it("tells Azure by its class, also of a subclass", () => {
    class Mine extends AzureOpenAI {}
    const client = new Mine({ apiKey: "k", endpoint: "https://gateway.example.com", apiVersion: "2024-10-21" });
    expect(endpointOf(client)).toMatchObject({ provider: "azure", usageWhenAsked: true });
  });

  it("keeps credentials and paths of the base URL to itself", () => {
    expect(endpointOf(at("https://user:secret@llm.example.com/tenant-key/v1?sig=x"))).toEqual({
      provider: "openai",
      origin: "https://llm.example.com",
      usageWhenAsked: false,
    });
  });

  it("takes a client without a readable base URL", () => {
    for (const client of [{}, { baseURL: 5 }, { baseURL: "nonsense" }]) {
      expect(endpointOf(client)).toEqual({ provider: "openai", origin: "", usageWhenAsked: false });
    }
  });

  it("has each host once", () => {
    const hosts = PROVIDERS.flatMap((provider) => provider.hosts);
    expect(new Set(hosts).size).toBe(hosts.length);
  });
});
