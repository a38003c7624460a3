import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveEndpoint } from "../../src/api/endpoint.ts";
import { SpanwiseConfigError, createClient } from "../../src/api/index.ts";
import { createTracer, init } from "../../src/index.ts";

const basic = (keys: string): string => `Basic ${Buffer.from(keys).toString("base64")}`;

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^(SPANWISE|LANGFUSE)_/.test(name)) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const withVariables = (variables: Record<string, string>): void => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
};

describe("URL and keys come from one source", () => {
  test("the options, whatever the environment has", () => {
    withVariables({ SPANWISE_BASE_URL: "http://other", SPANWISE_PUBLIC_KEY: "pk-env", SPANWISE_SECRET_KEY: "sk-env" });
    expect(resolveEndpoint({ baseUrl: "http://mine/" })).toMatchObject({
      baseUrl: "http://mine",
      authorization: undefined,
      isScoresOnly: false,
    });
  });

  test("the SPANWISE variables, without Langfuse's keys", () => {
    withVariables({ SPANWISE_BASE_URL: "http://mine", LANGFUSE_PUBLIC_KEY: "pk", LANGFUSE_SECRET_KEY: "sk" });
    expect(resolveEndpoint({})).toMatchObject({ baseUrl: "http://mine", authorization: undefined });
    withVariables({ SPANWISE_PUBLIC_KEY: "a", SPANWISE_SECRET_KEY: "b" });
    expect(resolveEndpoint({}).authorization).toBe(basic("a:b"));
  });

  test("Langfuse's variables, with its cloud as the default", () => {
    withVariables({ LANGFUSE_PUBLIC_KEY: "pk", LANGFUSE_SECRET_KEY: "sk" });
    expect(resolveEndpoint({})).toMatchObject({
      baseUrl: "https://cloud.langfuse.com",
      authorization: basic("pk:sk"),
    });
    withVariables({ LANGFUSE_HOST: "https://self.hosted" });
    expect(resolveEndpoint({}).baseUrl).toBe("https://self.hosted");
  });

  test("what SPANWISE_EXPORTERS lists, so that production keys of a .env are not used under `spanwise run`", () => {
    withVariables({ SPANWISE_EXPORTERS: "spanwise", LANGFUSE_PUBLIC_KEY: "pk", LANGFUSE_SECRET_KEY: "sk" });
    expect(resolveEndpoint({})).toMatchObject({ baseUrl: "http://localhost:4777", authorization: undefined });
    withVariables({ SPANWISE_EXPORTERS: "otlp, Langfuse", SPANWISE_BASE_URL: "http://mine" });
    expect(resolveEndpoint({}).baseUrl).toBe("https://cloud.langfuse.com");
    withVariables({ SPANWISE_EXPORTERS: "console" });
    expect(() => resolveEndpoint({})).toThrow(SpanwiseConfigError);
  });
});

test("a public key alone is Bearer and sends scores only", () => {
  expect(resolveEndpoint({ baseUrl: "http://mine", publicKey: "pk" })).toMatchObject({
    authorization: "Bearer pk",
    isScoresOnly: true,
  });
});

test.each([
  [{}, /no backend is named/],
  [{ publicKey: "pk" }, /need a baseUrl/],
  [{ baseUrl: "http://mine", secretKey: "sk" }, /needs its publicKey/],
  [{ baseUrl: "localhost:4777" }, /must be a URL like http/],
  [{ baseUrl: "http://pk:sk@mine" }, /must not carry credentials/],
  [{ baseUrl: "http://mine", timeoutMs: 0 }, /timeoutMs/],
  [{ baseUrl: "http://mine", retries: -1 }, /retries/],
])("%j is a SpanwiseConfigError", (options, message) => {
  expect(() => createClient(options)).toThrow(SpanwiseConfigError);
  expect(() => createClient(options)).toThrow(message);
});

describe("a secret key", () => {
  const keys = { baseUrl: "http://mine", publicKey: "pk", secretKey: "sk" };

  test("in a browser's page or worker is refused, by createClient, init and createTracer", () => {
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/149.0 Safari/537.36" });
    // Bundlers give pages a `process` without versions.
    vi.stubGlobal("process", { env: {}, versions: {} });
    const attempts = [() => createClient(keys), () => init(keys), () => createTracer(keys)];
    const errors = attempts.map((attempt): unknown => {
      try {
        return attempt();
      } catch (error) {
        return error;
      }
    });
    const allowed = resolveEndpoint({ baseUrl: "http://mine", publicKey: "pk" });
    vi.unstubAllGlobals();
    for (const error of errors) {
      expect(error).toBeInstanceOf(SpanwiseConfigError);
      expect(String(error)).toMatch(/secretKey must not be used in a browser/);
      expect(String(error)).not.toContain('"sk"');
    }
    expect(allowed.isScoresOnly).toBe(true);
  });

  test("is fine in jsdom on Node, in Node 21, Deno and workerd", () => {
    vi.stubGlobal("document", {});
    for (const userAgent of ["Mozilla/5.0 (linux) jsdom/26.0", "Node.js/22", "Deno/2.1", "Cloudflare-Workers"]) {
      vi.stubGlobal("navigator", { userAgent });
      expect(createClient(keys)).toBeDefined();
    }
  });
});
