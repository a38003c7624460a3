import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";
import { expect, test } from "vitest";
import { asObject, asString, parseJson } from "../../src/json.ts";
import { collect, useModelServer } from "./setup.ts";

const context = useModelServer();
const model = "gpt-4o-mini";

const tool = (
  name: string,
  description: string,
  properties: Record<string, unknown>,
  required: string[] = Object.keys(properties),
): ChatCompletionTool => ({
  type: "function",
  function: {
    name,
    description,
    parameters: { type: "object", properties, required },
  },
});
const weather = tool(
  "get_weather",
  "Finds the weather for a given city",
  {
    city: { type: "string" },
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
  },
  ["city"],
);
const population = tool("get_population", "Finds the population of a given city", { city: { type: "string" } });
const search = tool("search_docs", "Searches the documentation", { query: { type: "string" } });
const multiply = tool("multiply", "Multiply two numbers", { a: { type: "integer" }, b: { type: "integer" } });
const tools = [weather, population, search, multiply];

interface Called {
  name: string;
  arguments: unknown;
}

async function callsFor(question: string, extra: object = {}): Promise<Called[]> {
  const completion = await context.client.chat.completions.create({
    model,
    messages: [{ role: "user", content: question }],
    tools: [weather, population, multiply],
    stream: false,
    ...extra,
  });
  return (completion.choices[0]?.message.tool_calls ?? []).flatMap((call): Called[] =>
    call.type === "function" ? [{ name: call.function.name, arguments: JSON.parse(call.function.arguments) }] : [],
  );
}

test("calls the tool that fits, with arguments from the question", async () => {
  expect(await callsFor("What is the weather in Paris?")).toEqual([
    { name: "get_weather", arguments: { city: "Paris" } },
  ]);
  expect(await callsFor("What is the weather in Paris in fahrenheit?")).toEqual([
    { name: "get_weather", arguments: { city: "Paris", unit: "fahrenheit" } },
  ]);
  expect(await callsFor("Multiply 1231 and 2331 please")).toEqual([
    { name: "multiply", arguments: { a: 1231, b: 2331 } },
  ]);
  expect(await callsFor("Tell me a joke about cats")).toEqual([]);
});

test("two tools that fit are called in one answer, one where parallel calls are off", async () => {
  const question = "What's the weather and population in San Francisco?";
  expect(await callsFor(question)).toEqual([
    { name: "get_weather", arguments: { city: "San Francisco" } },
    { name: "get_population", arguments: { city: "San Francisco" } },
  ]);
  expect(await callsFor(question, { parallel_tool_calls: false })).toHaveLength(1);
});

test("tool_choice: none, required, by name", async () => {
  expect(await callsFor("What is the weather in Paris?", { tool_choice: "none" })).toEqual([]);
  expect(await callsFor("Tell me a joke about cats", { tool_choice: "required" })).toHaveLength(1);
  const named = { tool_choice: { type: "function", function: { name: "get_population" } } };
  expect((await callsFor("What is the weather in Paris?", named)).map((call) => call.name)).toEqual(["get_population"]);
});

test("after the results it answers from them, and an agent's loop ends", async () => {
  const messages: ChatCompletionMessageParam[] = [
    { role: "user", content: "What's the weather and population in San Francisco?" },
  ];
  let rounds = 0;
  for (; rounds < 10; rounds += 1) {
    const completion = await context.client.chat.completions.create({ model, messages, tools });
    const message = completion.choices[0]?.message;
    if (message === undefined) throw new Error("no choice");
    messages.push(message);
    if (message.tool_calls === undefined) break;
    for (const call of message.tool_calls) {
      messages.push({
        role: "tool",
        tool_call_id: call.id,
        content: JSON.stringify({
          city: "San Francisco",
          value: call.type === "function" && call.function.name === "get_weather" ? "sunny, 21 degrees" : "808437",
        }),
      });
    }
  }
  expect(rounds).toBe(1);
  expect(messages.at(-1)?.content).toMatch(/sunny, 21 degrees/);
  expect(messages.at(-1)?.content).toMatch(/808437/);
});

test("forced to call again and again, it still ends", async () => {
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "What is the weather in Paris?" }];
  const called: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    const completion = await context.client.chat.completions.create({
      model,
      messages,
      tools,
      tool_choice: "required",
      parallel_tool_calls: false,
    });
    const message = completion.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    if (message === undefined || call?.type !== "function") break;
    called.push(call.function.name);
    messages.push(message, { role: "tool", tool_call_id: call.id, content: "done" });
  }
  expect(called.toSorted()).toEqual(["get_population", "get_weather", "multiply", "search_docs"]);
});

test("a search tool fits any question", async () => {
  const calls = await callsFor("How does Spanwise treat secrets?", { tools: [weather, search] });
  expect(calls).toEqual([{ name: "search_docs", arguments: { query: "How does Spanwise treat secrets?" } }]);
});

test("streamed: arguments come in fragments and add up", async () => {
  for (const question of ["What is the weather in Paris?", "What's the weather and population in San Francisco?"]) {
    const chunks = await collect(
      await context.client.chat.completions.create({
        model,
        messages: [{ role: "user", content: question }],
        tools,
        stream: true,
      }),
    );
    const calls: { name: string; arguments: string; fragments: number }[] = [];
    for (const delta of chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])) {
      const call = (calls[delta.index] ??= { name: "", arguments: "", fragments: 0 });
      call.name += delta.function?.name ?? "";
      call.arguments += delta.function?.arguments ?? "";
      call.fragments += 1;
    }
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
    expect(calls.every((call) => call.fragments > 3)).toBe(true);
    expect(calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) as unknown }))).toEqual(
      await callsFor(question, { tools }),
    );
  }
});

test("runTools of the official client comes to an end", async () => {
  const runner = context.client.chat.completions.runTools({
    model,
    messages: [{ role: "user", content: "What is the weather in Paris?" }],
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "Finds the weather for a given city",
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
          parse: (text: string) => ({ city: asString(asObject(parseJson(text))["city"]) }),
          function: ({ city }: { city: string }) => `In ${city} it is sunny.`,
        },
      },
    ],
  });
  expect(await runner.finalContent()).toBe("In Paris it is sunny. [get_weather]");
});
