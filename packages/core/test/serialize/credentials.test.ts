import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { capture } from "../../src/serialize/capture.ts";

const KEY = "sk-secret-1";

/** The public fields of openai 4 to 6's client. */
class OpenAI {
  apiKey = KEY;
  organization = null;
  baseURL = "https://api.openai.com/v1";
  maxRetries = 2;
  _options = { apiKey: KEY, defaultHeaders: { authorization: `Bearer ${KEY}` } };
  fetch = globalThis.fetch;
  defaultHeaders(): Record<string, string> {
    return { authorization: `Bearer ${this.apiKey}` };
  }
}
class Wrapped {
  label = "wrapped";
  options = { region: "eu", token: KEY, headers: { authorization: KEY } };
  inner = new OpenAI();
}
class Socket {
  _events = {};
  url = `https://user:${KEY}@host`;
}
class Repository {
  connection = { url: `postgres://user:${KEY}@host` };
}
class AxiosHeaders {
  "x-custom" = KEY;
}
class Usage {
  max_tokens = 1;
  total_tokens = 2;
  tokens = 3;
  promptTokens = 4;
  token_count = 5;
  completion_tokens_details = { reasoning_tokens: 6 };
  tokenizer = "o200k";
  primaryKey = 7;
}

describe("credentials of the application's objects", () => {
  test.each([
    ["a client", new OpenAI(), "[OpenAI]"],
    ["an emitter", new Socket(), "[Socket]"],
    ["what holds a connection", new Repository(), "[Repository]"],
    ["a URL", new URL(`https://me:${KEY}@example.com//a@b?c=d@e`), "https://example.com//a@b?c=d@e"],
    ["a database's URL in a field", { url: new URL(`postgres://${KEY}@host/db`) }, { url: "postgres://host/db" }],
    ["a URL without a user", new URL("foo://host?c=d@e"), "foo://host?c=d@e"],
    ["a header class", { headers: new AxiosHeaders() }, { headers: "[AxiosHeaders]" }],
    ["a client in a field", { client: new OpenAI(), n: 1 }, { client: "[OpenAI]", n: 1 }],
    [
      "options that hang on an instance",
      new Wrapped(),
      { label: "wrapped", options: { region: "eu", token: "[left out]", headers: "[left out]" }, inner: "[OpenAI]" },
    ],
  ])("%s", (_, value, captured) => {
    const copy = capture(value).value;
    expect(copy).toEqual(captured);
    expect(JSON.stringify(copy)).not.toContain(KEY);
  });

  test("of another realm, a toJSON that rejects is nobody's unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const value: unknown = runInNewContext("({ toJSON: async () => { throw new Error('trouble') } })");
    expect(capture(value).value).toBe("[Promise]");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test.each([
    "apiKey",
    "api_key",
    "accessToken",
    "token",
    "secretAccessKey",
    "password",
    "cookie",
    "authTokens",
    "_auth",
  ])("an instance with %s shows its class's name only", (key) => {
    class Thing {
      label = 1;
    }
    expect(capture(Object.assign(new Thing(), { [key]: KEY })).value).toBe("[Thing]");
  });

  test("usage and other data of instances stay", () => {
    expect(capture(new Usage()).value).toEqual(JSON.parse(JSON.stringify(new Usage())));
  });

  test("a plain object is what the user wrote", () => {
    const given = { apiKey: "mine", headers: { authorization: "mine" } };
    expect(capture(given).value).toEqual(given);
  });
});

describe("accessors", () => {
  test("none is invoked, whatever it would do", async () => {
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on("unhandledRejection", onRejection);
    let invoked = 0;
    const lazy = (): Promise<never> => {
      invoked++;
      return Promise.reject(new Error("lazy"));
    };
    class Entity {
      id = 1;
      get relation(): Promise<never> {
        return lazy();
      }
      get pipe(): Promise<never> {
        return lazy();
      }
      get toJSON(): never {
        return lazy() as never;
      }
    }
    const entity = new Entity();
    Object.defineProperty(entity, "own", { get: lazy, enumerable: true });
    const plain = Object.defineProperty({ a: 1 }, "b", { get: lazy, enumerable: true });
    expect(capture([entity, plain]).value).toEqual([
      { id: 1, own: "[getter]" },
      { a: 1, b: "[getter]" },
    ]);
    expect(capture({ toJSON: async () => Promise.reject(new Error("async")) }).value).toBe("[Promise]");
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", onRejection);
    expect(invoked).toBe(0);
    expect(rejections).toEqual([]);
  });
});
