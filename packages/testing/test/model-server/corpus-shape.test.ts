import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { asObject, asString, parseJson } from "../../src/json.ts";
import type { JsonObject } from "../../src/json.ts";
import type { ModelRule } from "../../src/index.ts";
import { useModelServer } from "./setup.ts";
import { shapeDifferences, streamShape } from "./shape.ts";

const corpus = fileURLToPath(new URL("../../../../../shared/corpus/openai/", import.meta.url));
const isPresent = existsSync(corpus);
// Read in place and never copied, so a checkout alone does not have it.
if (!isPresent)
  process.stderr.write(
    "NOTICE: ../shared/corpus/openai is absent; the stand-in's shapes are not compared with recordings\n",
  );

const context = useModelServer();

/** Fields OpenAI added or dropped over time, so that recordings of different years differ in them among themselves. */
const varies =
  /(^|[ .\]])(obfuscation|moderation|frequency_penalty|presence_penalty|billing|phase|logprobs|prompt_cache_retention|completed_at|encrypted_content|stop_reason)$/;
const isUserData = /\.(tools|schema|parameters|metadata)(\[\])?\./;

interface Comparison {
  file: string;
  /** Where the recording kept no request, or one that asks for what the stand-in does not do. */
  request?: JsonObject;
  /** So that the answer is of the recorded kind. */
  rule?: ModelRule;
}

const comparisons: Comparison[] = [
  { file: "chat-plain-02171eb7" },
  { file: "chat-length-ec30f306", rule: { answer: { text: "word ".repeat(300) } } },
  { file: "chat-logprobs-32abfd15", rule: { answer: { text: "Why did it go?" } } },
  { file: "chat-structured-59b2ea92" },
  { file: "chat-tool-parallel-0e16fc47" },
  { file: "chat-tool-single-10d0e769", rule: { answer: { toolCalls: [{ name: "f", arguments: "{}" }] } } },
  { file: "chat-n-gt-1-sse-b45794a7" },
  { file: "chat-stream-no-usage-9e99d8b8" },
  { file: "chat-stream-usage-8fa1d3c2" },
  { file: "chat-tool-stream-1f6ca296" },
  { file: "chat-tool-stream-3a6722c7" },
  {
    file: "completions-stream-dae87e6b",
    request: {
      model: "gpt-3.5-turbo-instruct",
      prompt: "Say this is it",
      stream: true,
      stream_options: { include_usage: true },
    },
  },
  { file: "embeddings-float-adb766ae" },
  { file: "embeddings-base64-95ac1100" },
  { file: "responses-stream-8577ed71" },
  {
    file: "responses-function-stream-e94b2396",
    request: {
      model: "gpt-4o",
      stream: true,
      input: "Multiply 2 by 3",
      tools: [
        {
          type: "function",
          name: "multiply",
          description: "Multiply two numbers.",
          parameters: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
        },
      ],
    },
  },
  {
    // Recorded with reasoning switched off.
    file: "responses-structured-2840c062",
    request: {
      model: "gpt-4o",
      input: "Return exactly this payment amount: 12.34",
      text: {
        format: { type: "json_schema", name: "Payment", strict: true, schema: { type: "object", properties: {} } },
      },
    },
  },
  { file: "responses-background-2542f351" },
  {
    file: "err-in-stream-c7f1ec08",
    request: { model: "gpt-5-nano", input: "x", stream: true },
    rule: { stream: { breakAfterChunks: 2, how: "error-event" } },
  },
  { file: "err-400-b059501f", rule: { status: 400 } },
  { file: "err-401-e89c8ca4", rule: { status: 401 } },
  { file: "err-403-a4b4ffb2", rule: { status: 403 } },
  { file: "err-404-1ccbe951", rule: { status: 404 } },
];

test.skipIf(!isPresent).each(comparisons)(
  "$file: the same keys and types as OpenAI",
  async ({ file, request, rule }) => {
    const recorded = asObject(parseJson(readFileSync(`${corpus}${file}.json`, "utf8")));
    const path = asString(recorded["endpoint"]).replace(/^POST \/v1/, "");
    context.server.script(rule === undefined ? [] : [rule]);
    const response = await fetch(context.server.url + path, {
      method: "POST",
      body: JSON.stringify(request ?? recorded["request"]),
    });
    expect(response.status).toBe(recorded["status"]);
    const text = await response.text();
    const relevant = (difference: string): boolean => !varies.test(difference) && !isUserData.test(`${difference}.`);
    if (recorded["response_kind"] === "sse") {
      const real = streamShape(asString(recorded["response"]));
      const ours = streamShape(text);
      expect(shapeDifferences(real.shape, ours.shape).filter(relevant)).toEqual([]);
      expect(ours.order).toEqual(real.order);
      expect(ours.endsWithDone).toBe(real.endsWithDone);
    } else {
      expect(shapeDifferences(recorded["response"], parseJson(text)).filter(relevant)).toEqual([]);
    }
  },
);

test("a difference is found", () => {
  expect(shapeDifferences({ a: 1, list: [{ b: 1 }, { c: 1 }] }, { a: "1", list: [{ b: 2 }], d: 1 })).toEqual([
    "a: string instead of number",
    "missing list[].c",
    "extra d",
  ]);
});
