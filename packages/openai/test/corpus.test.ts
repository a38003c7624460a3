import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { createChatServer, type Reply } from "./support/model-server.ts";
import { createTraced, type Read } from "./support/traced.ts";

interface Text {
  chars: number;
  sha256: string;
}

interface ExpectedChoice {
  index: number;
  finish_reason: string | null;
  text?: Text | null;
  reasoning_text?: Text | null;
  refusal?: Text | string | null;
  tool_calls?: { id: string; name: string; arguments: Text | string }[];
}

interface Exchange {
  id: string;
  file: string;
  endpoint: string;
  status: number;
  response_kind: string;
  expected: {
    model?: string | null;
    response_id?: string | null;
    usage?: { input_tokens: number | null; output_tokens: number | null; total_tokens: number | null } | null;
    choices?: ExpectedChoice[];
    error?: { type?: string | null; code?: string | number | null; message_first120?: string };
    error_in_stream?: boolean;
  };
}

interface Recording {
  request: Record<string, unknown> | null;
  status: number;
  response_headers: Record<string, string>;
  response: unknown;
}

const corpus = fileURLToPath(new URL("../../../../shared/corpus/openai/", import.meta.url));
const present = existsSync(`${corpus}index.json`);
if (!present)
  process.stderr.write("skipped: ../shared/corpus/openai is not here, nothing is replayed from recordings\n");

/** Two answers recorded as one stream: two calls of index 0, told apart by their ids. The facts were made by index alone. */
const TWO_IN_ONE = "cerebras-sse-515800f7";
/** Its usage comes in the event of the error, of which the client shows the error only. */
const USAGE_WITH_ERROR = "err-in-stream-openrouter-e50d0991";

describe.skipIf(!present)("recorded chat completions, replayed over HTTP", () => {
  const index = present ? readFileSync(`${corpus}index.json`, "utf8") : '{"exchanges":[]}';
  const chats = (JSON.parse(index) as { exchanges: Exchange[] }).exchanges.filter(({ endpoint }) =>
    /^POST \S*\/chat\/completions/.test(endpoint),
  );

  it("are a good number", () => {
    expect(chats.length).toBeGreaterThan(50);
  });

  it.each(chats)("$id", async (exchange) => {
    const recording = JSON.parse(readFileSync(corpus + exchange.file, "utf8")) as Recording;
    const { record, caller } = await replay(recording, exchange.response_kind === "sse");
    const { expected } = exchange;

    if (expected.error) {
      expect(record).toMatchObject({ status: "error", level: "ERROR" });
      expect(record.statusMessage).toContain((expected.error.message_first120 ?? "").slice(0, 40));
      if (!expected.error_in_stream) expect(record.metadata.httpStatus).toBe(exchange.status);
    } else {
      expect(record).toMatchObject({ status: "ok", metadata: { httpStatus: exchange.status } });
    }
    expect(caller.threw).toBe(record.status === "error");
    if (expected.model) expect(record.model).toBe(expected.model);
    if (expected.response_id) expect(record.metadata.response_id).toBe(expected.response_id);
    const total = exchange.id === USAGE_WITH_ERROR ? null : (expected.usage?.total_tokens ?? null);
    expect(record.usageDetails?.["total"] ?? null).toBe(total);
    if (exchange.id === TWO_IN_ONE) {
      const call = { type: "function", function: { name: "nonUsefulTool", arguments: "{}" } };
      expect(record.output.tool_calls).toEqual([
        { id: "bbd2b9d98", ...call },
        { id: "e0ecf32e0", ...call },
      ]);
    } else if (expected.choices && record.status === "ok") compareChoices(record, expected.choices);
  });
});

async function replay(recording: Recording, streamed: boolean): Promise<{ record: Read; caller: { threw: boolean } }> {
  const reply: Reply = (_request, response) => {
    response.writeHead(recording.status, { "content-type": streamed ? "text/event-stream" : "application/json" });
    response.end(typeof recording.response === "string" ? recording.response : JSON.stringify(recording.response));
  };
  const server = await createChatServer(reply);
  const traced = createTraced();
  const client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.baseURL, maxRetries: 0 }), {
    tracer: traced.tracer,
  });
  // What the host would have sent unasked must not be hidden from the caller by our asking.
  const body = { model: "m", messages: [], ...recording.request, stream: streamed };
  const caller = { threw: false };
  try {
    const answer = (await client.chat.completions.create(body as never)) as unknown;
    if (streamed) for await (const item of answer as AsyncIterable<unknown>) void item;
  } catch {
    caller.threw = true;
  }
  await server.close();
  return { record: await traced.one(), caller };
}

function compareChoices(record: Read, expected: readonly ExpectedChoice[]): void {
  const messages = (Array.isArray(record.output) ? record.output : [record.output]) as Record<string, unknown>[];
  const reasons: unknown = record.metadata.finish_reasons ?? [record.metadata.finish_reason ?? null];
  expect(messages).toHaveLength(expected.length);
  expect(reasons).toEqual(expected.map(({ finish_reason }) => finish_reason));
  for (const [position, choice] of expected.entries()) {
    const message = messages[position]!;
    if (typeof message["content"] === "string" || choice.text?.chars) compareText(message["content"], choice.text);
    if (choice.reasoning_text)
      compareText(
        message["reasoning_content"] ?? message["reasoning"] ?? thinkingOf(message["content"]),
        choice.reasoning_text,
      );
    const calls = (message["tool_calls"] ?? []) as {
      id: string;
      function?: { name: string; arguments: string };
      custom?: { name: string; input: string };
    }[];
    expect(calls.map(({ id }) => id)).toEqual((choice.tool_calls ?? []).map(({ id }) => id));
    for (const [at, call] of calls.entries()) {
      const wanted = choice.tool_calls![at]!;
      expect((call.function ?? call.custom)!.name).toBe(wanted.name);
      compareText(call.function?.arguments ?? call.custom?.input, wanted.arguments as Text);
    }
  }
}

function thinkingOf(content: unknown): unknown {
  if (!Array.isArray(content)) return undefined;
  return (content as { thinking?: { text: string }[] }[])
    .flatMap(({ thinking = [] }) => thinking.map(({ text }) => text))
    .join("");
}

function compareText(text: unknown, expected: Text | null | undefined): void {
  if (Array.isArray(text)) text = (text as { text?: string }[]).map((part) => part.text ?? "").join("");
  if (!expected || typeof expected !== "object") return;
  const hash = createHash("sha256").update(String(text), "utf8").digest("hex");
  expect({ chars: Array.from(String(text)).length, sha256: hash }).toEqual({
    chars: expected.chars,
    sha256: expected.sha256,
  });
}
