import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  ApiError,
  NetworkError,
  RateLimitedError,
  TimeoutError,
  UnauthorizedError,
  createClient,
  isApiError,
} from "../../src/api/index.ts";
import { codeOf, keys, setUp } from "./setup.ts";

const soon = { "retry-after": "0" };

describe("retries", () => {
  test.each([408, 429, 500, 502, 503])("%i is tried again until it passes", async (status) => {
    const { api, client } = await setUp();
    api.script([{ status, headers: soon, times: 3 }]);
    await client.datasets.create({ name: "d" });
    expect(api.requests.map((request) => request.status)).toEqual([status, status, status, 200]);
    expect(client.stats()).toMatchObject({ requests: 4, retried: 3 });
  });

  test("end after `retries` with the last error", async () => {
    const { api, client } = await setUp(4, { retries: 1 });
    api.script([{ status: 503, headers: soon, times: 9 }]);
    await expect(client.datasets.list()).rejects.toMatchObject({ code: "SERVER", status: 503 });
    expect(api.requests).toHaveLength(2);
  });

  test("wait as long as Retry-After asks", async () => {
    const { api, client } = await setUp();
    api.script([{ status: 429, headers: { "retry-after": "1" } }]);
    const startedAt = performance.now();
    await client.datasets.list();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  test("do not wait for minutes: the caller is told how long it would be", async () => {
    const { api, client } = await setUp();
    api.script([{ status: 429, headers: { "retry-after": "120" }, body: '{"message":"slow down"}' }]);
    const error: unknown = await Promise.resolve(client.datasets.list()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ retryAfterMs: 120_000, status: 429, body: { message: "slow down" } });
    expect(api.requests).toHaveLength(1);
  });

  test("an answer that got lost makes no second item and no error of a delete", async () => {
    const { api, client } = await setUp();
    await client.datasets.create({ name: "d" });
    api.script([{ reset: "after" }]);
    const { id } = await client.datasetItems.create({ datasetName: "d", input: 1 });
    expect(api.data.items.size).toBe(1);
    api.script([{ reset: "after" }]);
    await client.datasetItems.delete(id);
    expect(api.data.items.size).toBe(0);
  });

  test("a run item is not sent again when nobody knows whether it was kept, but it is after 429", async () => {
    const { api, client } = await setUp(3);
    await client.datasets.create({ name: "d" });
    await client.datasetItems.create({ datasetName: "d", id: "i", input: 1 });
    const item = { runName: "r", datasetItemId: "i", traceId: "t" };
    api.script([{ reset: "after" }]);
    await expect(client.datasetRunItems.create(item)).rejects.toThrow(NetworkError);
    expect(api.data.runItems).toHaveLength(1);
    api.script([{ status: 429, headers: soon }]);
    await client.datasetRunItems.create(item);
    expect(api.data.runItems).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409, 422])("%i is not tried again", async (status) => {
    const { api, client } = await setUp();
    api.script([{ status, times: 9 }]);
    expect(await codeOf(client.datasets.create({ name: "d" }))).toMatch(/BAD_REQUEST|UNAUTHORIZED|NOT_FOUND/);
    expect(api.requests).toHaveLength(1);
  });
});

describe("errors", () => {
  test("wrong keys are an UnauthorizedError that does not show them", async () => {
    const { api } = await setUp();
    const client = createClient({ baseUrl: api.url, publicKey: "pk-wrong", secretKey: "sk-very-secret" });
    const error: unknown = await client.datasets.get("d").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnauthorizedError);
    expect(isApiError(error)).toBe(true);
    expect(error).toMatchObject({
      status: 401,
      message: "GET /api/public/v2/datasets/d: HTTP 401 Invalid credentials",
    });
    expect(JSON.stringify([error, String((error as Error).stack)])).not.toMatch(/very-secret|Basic/);
  });

  test("a backend that is not there is a NetworkError", async () => {
    const client = createClient({ baseUrl: "http://127.0.0.1:1", retries: 0 });
    const error: unknown = await client.datasets.get("d").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ status: undefined, code: "NETWORK", cause: expect.any(Error) as unknown });
  });

  test("no answer in time is a TimeoutError, for each attempt anew", async () => {
    const { api, client } = await setUp(4, { timeoutMs: 50, retries: 1 });
    api.script([{ delayMs: 500, times: 2 }]);
    await expect(client.datasets.get("d")).rejects.toThrow(TimeoutError);
    expect(client.stats().requests).toBe(2);
  });

  test.each([
    ["that never answers", async () => new Promise<never>(() => {})],
    ["whose answer never ends", async () => new Response(new ReadableStream({}))],
  ])("a fetch of the application's %s and knows no signals ends at the time-out all the same", async (_, fetch) => {
    const { client } = await setUp(4, { timeoutMs: 30, retries: 0, fetch });
    await expect(client.datasets.get("d")).rejects.toThrow(TimeoutError);
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const request = client.datasets.get("d", { signal: controller.signal });
    controller.abort(reason);
    await expect(request).rejects.toBe(reason);
    client.score({ name: "s", value: 1, traceId: "0".repeat(31) + "1" });
    await client.flush({ timeoutMs: 200 });
    expect(client.stats().scores.lastError).toMatch(/no answer within 30 ms/);
  });

  test("a page of a proxy is UNREADABLE and shows how it begins", async () => {
    const { api, client } = await setUp();
    api.script([{ status: 200, body: "<html>hello" }]);
    await expect(client.datasets.get("d")).rejects.toMatchObject({
      code: "UNREADABLE",
      status: 200,
      body: "<html>hello",
    });
    api.script([{ status: 200, body: "[]" }]);
    expect(await codeOf(client.datasets.list())).toBe("UNREADABLE");
  });

  test("a redirect is not followed: what was meant for one host goes to no other", async () => {
    const { api } = await setUp();
    const server = createServer((_, response) => void response.writeHead(307, { location: api.url }).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const client = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...keys });
    await expect(client.datasets.create({ name: "d" })).rejects.toThrow(/a redirect to http.*: set baseUrl/);
    expect(api.requests).toEqual([]);
  });

  test("what is no JSON is the caller's own mistake, and nothing is sent", async () => {
    const { api, client } = await setUp();
    const input: Record<string, unknown> = {};
    input["self"] = input;
    await expect(client.datasetItems.create({ datasetName: "d", input })).rejects.toThrow(TypeError);
    expect(api.requests).toEqual([]);
  });

  test("are known across copies of the package", () => {
    const foreign = Object.assign(new Error("x"), { [Symbol.for("spanwise.apiError")]: true });
    expect(isApiError(foreign)).toBe(true);
    expect(isApiError(new Error("x"))).toBe(false);
    expect(new ApiError("x", { code: "SERVER" })).toBeInstanceOf(Error);
  });
});

describe("an abort", () => {
  test("ends a request under way with the signal's reason", async () => {
    const { api, client } = await setUp();
    api.script([{ delayMs: 1000 }]);
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    setTimeout(() => controller.abort(reason), 30);
    await expect(client.datasets.get("d", { signal: controller.signal })).rejects.toBe(reason);
  });

  test("ends a wait between attempts, and before the first one nothing is sent", async () => {
    const { api, client } = await setUp();
    api.script([{ status: 503, headers: { "retry-after": "30" }, times: 9 }]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(client.datasets.get("d", { signal: controller.signal })).rejects.toThrow(/abort/i);
    expect(api.requests).toHaveLength(1);
    await expect(client.datasets.get("d", { signal: controller.signal })).rejects.toThrow(/abort/i);
    expect(api.requests).toHaveLength(1);
  });

  test("leaves no listener on a signal that lives long", async () => {
    const { client } = await setUp();
    await client.datasets.create({ name: "d" });
    const { signal } = new AbortController();
    let listeners = 0;
    const addEventListener = signal.addEventListener.bind(signal);
    const removeEventListener = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener(...args);
    };
    for (let i = 0; i < 5; i++) await client.datasets.get("d", { signal });
    expect(listeners).toBe(0);
  });
});

test("a list whose backend gives the same cursor for ever ends with an error", async () => {
  const { api, client } = await setUp();
  api.script([{ status: 200, body: '{"data":[],"meta":{"cursor":"x"}}', times: 9 }]);
  const drain = async (): Promise<void> => {
    for await (const _ of client.scores.list()) continue;
  };
  expect(await codeOf(drain())).toBe("UNREADABLE");
});

test("the given fetch is used for every request", async () => {
  const urls: string[] = [];
  const { client } = await setUp(4, {
    fetch: (input, init) => {
      urls.push(input as string);
      return fetch(input, init);
    },
  });
  await client.datasets.list({ limit: 3 });
  client.score({ name: "s", value: 1, traceId: "t" });
  await client.flush();
  expect(urls.map((url) => new URL(url).pathname + new URL(url).search)).toEqual([
    "/api/public/v2/datasets?limit=3",
    "/api/public/ingestion",
  ]);
});
