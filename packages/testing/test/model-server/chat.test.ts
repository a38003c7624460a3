import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { asObject } from "../../src/json.ts";
import { collect, documents, useModelServer } from "./setup.ts";

const context = useModelServer();
const model = "gpt-4o-mini";
const ask = (content: string) => [{ role: "user" as const, content }];

test("answers from the documents and cites their titles", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: ask(`${documents}\n\nQuestion: What happens when a mask throws?`),
  });
  const text = completion.choices[0]?.message.content ?? "";
  expect(text).toContain("A mask that throws yields a fixed placeholder.");
  expect(text).toContain("[masking.md]");
  expect(text).not.toContain("flush interval");
});

test("another question, another answer; the same question, the same answer", async () => {
  const answer = async (question: string): Promise<string> =>
    (await context.client.chat.completions.create({ model, messages: ask(`${documents}\n\nQuestion: ${question}`) }))
      .choices[0]?.message.content ?? "";
  const interval = await answer("How long is the flush interval?");
  expect(interval).toContain("The flush interval is one second.");
  expect(await answer("How long is the flush interval?")).toBe(interval);
});

test("documents in the system prompt are quoted, instructions are not", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: [
      {
        role: "system",
        content:
          "You are a helpful agent that never tells the flush interval.\n\nContext:\nThe flush interval is one second.",
      },
      { role: "user", content: "What is the flush interval?" },
    ],
  });
  expect(completion.choices[0]?.message.content).toBe("The flush interval is one second.");
});

test("says plainly what it is when there is nothing to answer from", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: ask("What is the capital of France?"),
  });
  expect(completion.choices[0]?.message.content).toMatch(/local stand-in, not a language model/);
  expect(completion.system_fingerprint).toBe("fp_spanwise_standin");
  expect(completion.model).toBe("gpt-4o-mini-2024-07-18");
});

test("counts tokens with the real vocabulary", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: ask("Say antidisestablishmentarianism twice"),
  });
  const text = completion.choices[0]?.message.content ?? "";
  expect(completion.usage?.completion_tokens).toBe(encode(text).length);
  expect(completion.usage?.total_tokens).toBe((completion.usage?.prompt_tokens ?? 0) + encode(text).length);
});

test("streams token by token, with usage only when asked", async () => {
  const messages = ask("Say naïve café 😀 works");
  const plain = await collect(await context.client.chat.completions.create({ model, messages, stream: true }));
  expect(plain.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Naïve café 😀 works.");
  expect(plain.length).toBeGreaterThan(6);
  expect(plain.every((chunk) => !("usage" in chunk) && chunk.choices.length === 1)).toBe(true);
  expect(plain[0]?.choices[0]?.delta.role).toBe("assistant");
  expect(plain.at(-1)?.choices[0]?.finish_reason).toBe("stop");

  const withUsage = await collect(
    await context.client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    }),
  );
  expect(withUsage.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(withUsage.at(-1)?.choices).toEqual([]);
  const whole = await context.client.chat.completions.create({ model, messages });
  expect(withUsage.at(-1)?.usage).toEqual(whole.usage);
});

test("n choices differ, and take turns in a stream", async () => {
  const messages = ask(
    `${documents}\n\nQuestion: What do masking and batches do about the queue, the host and observations?`,
  );
  const completion = await context.client.chat.completions.create({ model, messages, n: 3 });
  expect(new Set(completion.choices.map((choice) => choice.message.content)).size).toBe(3);
  expect(completion.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);

  const chunks = await collect(await context.client.chat.completions.create({ model, messages, n: 3, stream: true }));
  const order = chunks.map((chunk) => chunk.choices[0]?.index);
  expect(order.slice(0, 6)).toEqual([0, 1, 2, 0, 1, 2]);
  const texts = ["", "", ""];
  for (const chunk of chunks) for (const { index, delta } of chunk.choices) texts[index] += delta.content ?? "";
  expect(texts).toEqual(completion.choices.map((choice) => choice.message.content));
});

test("max_tokens, stop, logprobs", async () => {
  const short = await context.client.chat.completions.create({
    model,
    messages: ask("Say one two three four five"),
    max_tokens: 3,
  });
  expect(short.choices[0]?.finish_reason).toBe("length");
  expect(short.usage?.completion_tokens).toBe(3);
  const stopped = await context.client.chat.completions.create({
    model,
    messages: ask("Say one two three"),
    stop: ["two"],
  });
  expect(stopped.choices[0]?.message.content).toBe("One ");
  expect(stopped.choices[0]?.finish_reason).toBe("stop");
  const logged = await context.client.chat.completions.create({
    model,
    messages: ask("Say hello"),
    logprobs: true,
    top_logprobs: 2,
  });
  const content = logged.choices[0]?.logprobs?.content ?? [];
  expect(content.map((entry) => entry.token).join("")).toBe("Hello.");
  expect(content[0]?.top_logprobs).toHaveLength(2);
});

test("reasoning models bill reasoning inside the completion tokens", async () => {
  const completion = await context.client.chat.completions.create({ model: "o4-mini", messages: ask("Say hi") });
  const reasoning = completion.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
  expect(reasoning).toBeGreaterThan(0);
  expect(completion.usage?.completion_tokens).toBeGreaterThan(reasoning);
});

test("a repeated prefix of 1024 tokens or more is cached", async () => {
  const prefix = "The quick brown fox jumps over the lazy dog. ".repeat(150);
  const send = async (question: string): Promise<number | undefined> =>
    (
      await context.client.chat.completions.create({
        model,
        messages: [{ role: "system", content: prefix }, ...ask(question)],
      })
    ).usage?.prompt_tokens_details?.cached_tokens;
  expect(await send("Say a")).toBe(0);
  const cached = (await send("Say b")) ?? 0;
  expect(cached).toBeGreaterThanOrEqual(1024);
  expect(cached % 128).toBe(0);
});

test("json_schema: the value is valid and filled from the text", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: ask("Return a report. Alice Smith is 42 years old, lives in Vienna and is happy."),
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "report",
        strict: true,
        schema: {
          type: "object",
          additionalProperties: false,
          required: ["name", "age", "mood", "tags", "nested", "maybe"],
          properties: {
            name: { type: "string" },
            age: { type: "integer", minimum: 0, maximum: 120 },
            mood: { enum: ["sad", "happy"] },
            tags: { type: "array", items: { type: "string" }, minItems: 2 },
            nested: { $ref: "#/$defs/flag" },
            maybe: { anyOf: [{ type: "null" }, { type: "number" }] },
          },
          $defs: {
            flag: {
              type: "object",
              required: ["on"],
              properties: { on: { type: "boolean" } },
              additionalProperties: false,
            },
          },
        },
      },
    },
  });
  const value: unknown = JSON.parse(completion.choices[0]?.message.content ?? "");
  expect(value).toMatchObject({
    name: "Alice Smith",
    age: 42,
    mood: "happy",
    nested: { on: expect.any(Boolean) },
    maybe: expect.any(Number),
  });
  expect(Object.keys(asObject(value))).toHaveLength(6);
});

test("json_object holds the keys that were asked for", async () => {
  const completion = await context.client.chat.completions.create({
    model,
    messages: ask(`${documents}\n\nWhat is the flush interval? Answer in JSON format with a 'reason' key.`),
    response_format: { type: "json_object" },
  });
  const value: unknown = JSON.parse(completion.choices[0]?.message.content ?? "");
  expect(Object.keys(asObject(value))).toEqual(["reason"]);
});

test("what OpenAI refuses is refused in its words", async () => {
  const refused = async (body: object): Promise<{ status: number; error: Record<string, unknown> }> => {
    const response = await fetch(`${context.server.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { status: response.status, error: asObject(asObject(await response.json())["error"]) };
  };
  expect(await refused({ messages: [] })).toMatchObject({
    status: 400,
    error: { message: "you must provide a model parameter" },
  });
  expect(await refused({ model })).toMatchObject({
    status: 400,
    error: { param: "messages", code: "missing_required_parameter" },
  });
  const dangling = [
    { role: "assistant", tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }] },
  ];
  expect(await refused({ model, messages: dangling })).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining("call_1") },
  });
});
