import { expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, runClient } from "./run-client.ts";

it("Traceloop's SDK is stored as what the program did", { timeout: CLIENT_TIMEOUT_MS }, async () => {
  const { facts, trace, tree, details, find } = await runClient(["traceloop/program.mjs"]);
  expect(trace).toMatchObject({ name: "answer", userId: "user-7", sessionId: "session-7" });
  // The instrumentation exports no span for a call that fails.
  expect(tree).toEqual([
    "chain answer.workflow",
    "  agent meteorologist.agent",
    "    generation chat gpt-4o-mini",
    "    tool weather.tool",
    "    generation chat gpt-4o-mini",
    "  span colour.task",
    "    generation chat gpt-4o-mini",
  ]);
  const [first, second, stream] = details.filter((one) => one.type === "generation");
  expect(first).toMatchObject({
    model: "gpt-4o-mini-2024-07-18",
    provider: "openai",
    modelParameters: { temperature: 0.5 },
    usage: {
      input: facts.chat[0].usage.prompt_tokens,
      output: facts.chat[0].usage.completion_tokens,
      total: facts.chat[0].usage.total_tokens,
    },
    input: [
      { role: "system", parts: [{ type: "text", content: "You answer in one sentence." }] },
      { role: "user", parts: [{ type: "text", content: "What is the weather in Paris?" }] },
    ],
    output: [{ parts: [{ type: "tool_call", name: "weather", arguments: { city: "Paris" } }] }],
    metadata: { build: "12" },
  });
  expect(second?.output).toMatchObject([{ parts: [{ content: facts.chat[1].message.content }] }]);
  expect(stream?.output).toMatchObject([{ parts: [{ content: facts.stream.text }] }]);
  expect(find("weather.tool")).toMatchObject({
    input: { args: ["Paris"], kwargs: {} },
    output: { city: "Paris", celsius: 21 },
  });
  expect(find("meteorologist.agent")).toMatchObject({ output: facts.chat[1].message.content });
  expect(find("answer.workflow")).toMatchObject({ output: "done" });
  for (const one of details.filter((detail) => detail.type === "generation")) {
    expect(one.cost?.["total"]).toBeGreaterThan(0);
  }
});
