import OpenAI from "openai";
import { expect, test } from "vitest";
import { createModelServer } from "../../src/index.ts";
import { asObject } from "../../src/json.ts";
import { collect, useModelServer } from "./setup.ts";

const context = useModelServer({ apiKey: "right" });
const client = (): OpenAI => new OpenAI({ baseURL: context.server.url, apiKey: "right", maxRetries: 0 });

test("says what it is", async () => {
  const open = await createModelServer();
  try {
    const root: unknown = await (await fetch(new URL("/", open.url))).json();
    expect(root).toMatchObject({
      statement: expect.stringContaining("not a language model"),
      system_fingerprint: "fp_spanwise_standin",
    });
  } finally {
    await open.close();
  }
});

test("models are listed as a stand-in's", async () => {
  const models = await collect(client().models.list());
  expect(models.map((model) => model.id)).toContain("gpt-4o-mini");
  expect(models.every((model) => model.owned_by.includes("not a model"))).toBe(true);
  await expect(client().models.retrieve("nothing")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
});

test("completions: several prompts and choices, the default limit, a stream", async () => {
  const completion = await client().completions.create({
    model: "gpt-3.5-turbo-instruct",
    prompt: ["Say a", "Say b"],
    n: 2,
  });
  expect(completion.choices.map((choice) => choice.text)).toEqual(["A.", "A. (choice 2)", "B.", "B. (choice 2)"]);
  const long = await client().completions.create({
    model: "gpt-3.5-turbo-instruct",
    prompt: `Say ${"word ".repeat(40)}`,
  });
  expect([long.choices[0]?.finish_reason, long.usage?.completion_tokens]).toEqual(["length", 16]);
  const chunks = await collect(
    await client().completions.create({
      model: "gpt-3.5-turbo-instruct",
      prompt: "Say hello there",
      stream: true,
      stream_options: { include_usage: true },
    }),
  );
  expect(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join("")).toBe("Hello there.");
  expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
});

test("moderations flag by category", async () => {
  const { results } = await client().moderations.create({ input: ["a friendly note", "I will murder them"] });
  expect(results.map((result) => result.flagged)).toEqual([false, true]);
  expect(results[1]?.categories.violence).toBe(true);
});

test("unknown routes, bodies that do not parse, a wrong key", async () => {
  const send = async (path: string, init: RequestInit, key = "right"): Promise<unknown> => {
    const response = await fetch(context.server.url + path, { ...init, headers: { authorization: `Bearer ${key}` } });
    return { status: response.status, ...asObject(await response.json()) };
  };
  expect(await send("/nothing", { method: "POST" })).toEqual({
    status: 404,
    error: { message: "Invalid URL (POST /v1/nothing)", type: "invalid_request_error", param: null, code: null },
  });
  expect(await send("/chat/completions", { method: "POST", body: "{" })).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining("parse the JSON") },
  });
  expect(await send("/models", {}, "wrong")).toMatchObject({ status: 401, error: { code: "invalid_api_key" } });
});

test("headers name request, time and version; requests are logged", async () => {
  const { response, request_id } = await client()
    .chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Say hi" }] })
    .withResponse();
  expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
  expect(Number(response.headers.get("openai-processing-ms"))).toBeGreaterThanOrEqual(0);
  expect(response.headers.get("openai-version")).toBe("2020-10-01");
  expect(context.server.requests.at(-1)).toMatchObject({
    method: "POST",
    path: "/v1/chat/completions",
    status: 200,
    body: { model: "gpt-4o" },
  });
});

test("close ends open streams and frees the port", async () => {
  const server = await createModelServer({ chunkDelayMs: 10_000 });
  const chunks = await new OpenAI({ baseURL: server.url, apiKey: "x", maxRetries: 0 }).chat.completions.create({
    model: "m",
    messages: [{ role: "user", content: "Say one two three" }],
    stream: true,
  });
  const reading = collect(chunks).catch((error: unknown) => error);
  await server.close();
  expect(await reading).toBeInstanceOf(Error);
  const again = await createModelServer({ port: server.port });
  expect(again.port).toBe(server.port);
  await again.close();
});
