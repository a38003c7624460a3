import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { expect, test } from "vitest";
import { collect, documents, useModelServer } from "./setup.ts";

const context = useModelServer();
const model = "gpt-4o-mini";
const weather = {
  type: "function" as const,
  name: "get_weather",
  description: "Finds the weather for a given city",
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};

test("plain: instructions, documents, usage", async () => {
  const response = await context.client.responses.create({
    model,
    instructions: "You are a helpful assistant.",
    input: `${documents}\n\nQuestion: What happens when a mask throws?`,
  });
  expect(response.status).toBe("completed");
  expect(response.output_text).toContain("A mask that throws yields a fixed placeholder.");
  expect(response.model).toBe("gpt-4o-mini-2024-07-18");
  expect(response.usage?.total_tokens).toBe((response.usage?.input_tokens ?? 0) + (response.usage?.output_tokens ?? 0));
});

test("stream: the events are numbered, in order, and their deltas add up", async () => {
  const events: ResponseStreamEvent[] = await collect(
    await context.client.responses.create({ model, input: "Say this is a test", stream: true }),
  );
  const types = events.map((event) => event.type);
  expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("")).toBe(
    "This is a test.",
  );
});

test("function calls, their results, and a conversation by previous_response_id", async () => {
  const first = await context.client.responses.create({
    model,
    input: "What is the weather in Paris?",
    tools: [weather],
  });
  const call = first.output.find((item) => item.type === "function_call");
  expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}' });
  const second = await context.client.responses.create({
    model,
    previous_response_id: first.id,
    tools: [weather],
    input: [
      {
        type: "function_call_output",
        call_id: call?.type === "function_call" ? call.call_id : "",
        output: "In Paris it is sunny.",
      },
    ],
  });
  expect(second.output_text).toContain("In Paris it is sunny.");
  expect(second.previous_response_id).toBe(first.id);
  await expect(
    context.client.responses.create({ model, input: "x", previous_response_id: "resp_none" }),
  ).rejects.toMatchObject({
    status: 400,
    code: "previous_response_not_found",
  });
});

test("function calls streamed, by a reasoning model", async () => {
  const stream = context.client.responses.stream({
    model: "gpt-5-nano",
    input: "What is the weather in Paris?",
    tools: [weather],
  });
  const fragments = (await collect(stream)).filter((event) => event.type === "response.function_call_arguments.delta");
  const final = await stream.finalResponse();
  expect(fragments.length).toBeGreaterThan(2);
  expect(fragments.map((event) => event.delta).join("")).toBe('{"city":"Paris"}');
  expect(final.output.map((item) => item.type)).toEqual(["reasoning", "function_call"]);
  expect(final.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
});

test("structured output, the length limit, a scripted refusal", async () => {
  const structured = await context.client.responses.create({
    model,
    input: "Return exactly this payment amount: 12.34",
    text: {
      format: {
        type: "json_schema",
        name: "payment",
        strict: true,
        schema: { type: "object", properties: { amount: { type: "number" } }, required: ["amount"] },
      },
    },
  });
  expect(JSON.parse(structured.output_text)).toEqual({ amount: 12.34 });
  const short = await context.client.responses.create({ model, input: "Say one two three four", max_output_tokens: 2 });
  expect(short.status).toBe("incomplete");
  expect(short.incomplete_details).toEqual({ reason: "max_output_tokens" });
  context.server.script([{ answer: { refusal: "I cannot do that." } }]);
  const refused = await collect(await context.client.responses.create({ model, input: "x", stream: true }));
  expect(refused.map((event) => event.type)).toContain("response.refusal.done");
});

test("background: queued, in progress, completed; cancel; delete", async () => {
  const queued = await context.client.responses.create({ model, input: "Say done", background: true });
  expect([queued.status, queued.output]).toEqual(["queued", []]);
  expect((await context.client.responses.retrieve(queued.id)).status).toBe("in_progress");
  await expect
    .poll(async () => (await context.client.responses.retrieve(queued.id)).status, { timeout: 2000 })
    .toBe("completed");
  expect((await context.client.responses.retrieve(queued.id)).output_text).toBe("Done.");

  const other = await context.client.responses.create({ model, input: "Say done", background: true });
  expect((await context.client.responses.cancel(other.id)).status).toBe("cancelled");
  expect((await context.client.responses.retrieve(other.id)).status).toBe("cancelled");
  await context.client.responses.delete(other.id);
  await expect(context.client.responses.retrieve(other.id)).rejects.toMatchObject({ status: 404 });
});
