import { expect } from "vitest";
import { completion, json, sse, textChunks } from "../../support/model-server.ts";
import { body, messages, schema, sequence, STREAM, streamBody } from "../replies.ts";
import { collect, helpers, type Scenario } from "../scenario.ts";

/** 256 KiB that do not occur elsewhere. */
const IMAGE = Buffer.alloc(192 * 1024, "\u0089PNG spanwise").toString("base64");

/** Which field of the record holds what of a request and its answer. */
export const RECORDED_FIELDS: readonly Scenario[] = [
  {
    name: "audio out: the transcript is kept, the sound is not inlined",
    rows: ["1b.19"],
    reply: json(completion(null, {}, { audio: { id: "a1", data: IMAGE, transcript: "hello", expires_at: 1 } })),
    async run(client) {
      const given = {
        ...body,
        modalities: ["text" as const, "audio" as const],
        audio: { voice: "alloy" as const, format: "wav" as const },
      };
      return (await client.chat.completions.create(given)).choices[0]!.message.audio!.transcript;
    },
    statuses: ["ok"],
    recorded([record]) {
      expect(record!.output).toMatchObject({ audio: { transcript: "hello" } });
      expect(JSON.stringify(record).length).toBeLessThan(20_000);
    },
  },
  {
    name: "a base64 image in: taken out as an attachment",
    rows: ["1b.20"],
    run: (client) =>
      client.chat.completions.create({
        model: "gpt-4o",
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "what is it" },
              { type: "image_url", image_url: { url: `data:image/png;base64,${IMAGE}` } },
            ],
          },
        ],
      }),
    statuses: ["ok"],
    recorded([record]) {
      const text = JSON.stringify(record);
      expect(text).toContain("what is it");
      expect(text).toMatch(/@@@langfuseMedia:type=image\/png/);
      expect(text.length).toBeLessThan(20_000);
    },
  },
  {
    name: "a prompt of 2 MB: kept once, cut at maxValueBytes with its true size",
    rows: ["1b.21"],
    run: (client) =>
      client.chat.completions.create({
        model: "gpt-4o",
        messages: [{ role: "user", content: "x".repeat(2 * 1024 * 1024) }],
      }),
    statuses: ["ok"],
    recorded([record]) {
      const { length } = JSON.stringify(record);
      expect(length).toBeGreaterThan(500_000);
      expect(length).toBeLessThan(1_100_000);
    },
  },
  {
    name: "cached, reasoning and audio tokens in disjoint buckets",
    rows: ["1b.22"],
    reply: json(
      completion("hi", {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 40, audio_tokens: 10 },
          completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5 },
        },
      }),
    ),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
    recorded: ([record]) =>
      expect(record!.usageDetails).toEqual({
        input: 50,
        input_cached_tokens: 40,
        input_audio_tokens: 10,
        output: 25,
        output_reasoning_tokens: 20,
        output_audio_tokens: 5,
        total: 150,
      }),
  },
  {
    name: "usage details that are no numbers",
    rows: ["L20"],
    reply: json(
      completion("hi", {
        usage: { prompt_tokens: 3, completion_tokens: "4", prompt_tokens_details: { cached_tokens: true } },
      }),
    ),
    run: (client) => client.chat.completions.create(body),
    statuses: ["ok"],
    recorded([record]) {
      for (const value of Object.values(record!.usageDetails ?? {})) expect(Number.isFinite(value)).toBe(true);
    },
  },
  {
    name: "the first token is not the role",
    rows: ["1b.23", "L13"],
    reply: sse(textChunks("a", "b"), { delayMs: 25 }),
    run: async (client) => collect(await client.chat.completions.create(streamBody)),
    statuses: ["ok"],
    recorded([record]) {
      // The text comes 25 ms after the role.
      expect(record!.completionStartTime! - record!.startTime).toBeGreaterThan(22);
      expect(record!.completionStartTime!).toBeLessThan(record!.endTime!);
    },
  },
  {
    name: "tool definitions of chat and responses",
    rows: ["1b.24"],
    run: async (client) => [
      await client.chat.completions.create({
        ...body,
        tools: [{ type: "function", function: { name: "add", parameters: {} } }],
        tool_choice: "auto",
      }),
      await client.responses.create({
        model: "gpt-5",
        instructions: "be brief",
        input: "x",
        tools: [{ type: "function", name: "add", parameters: {}, strict: true }],
      }),
    ],
    statuses: ["ok", "ok"],
    recorded([chat, responses]) {
      expect(chat!.input).toMatchObject({ messages, tools: [{ function: { name: "add" } }], tool_choice: "auto" });
      expect(responses!.input).toMatchObject({ instructions: "be brief", tools: [{ name: "add" }] });
    },
  },
  {
    name: "the schema of a structured output",
    rows: ["1b.25"],
    reply: json(completion('{"n":1}')),
    run: (client, { major }) => helpers(client, major).parse({ ...body, response_format: schema } as never),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.input).toMatchObject({ response_format: schema }),
  },
  {
    name: "service tier, fingerprint, and the model that answered; a message of one shape, plain and streamed",
    rows: ["1b.26", "1a.1", "1a.2", "L11"],
    reply: sequence(json(completion("abc")), STREAM),
    run: async (client) => [
      await client.chat.completions.create(body),
      await collect(await client.chat.completions.create(streamBody)),
    ],
    statuses: ["ok", "ok"],
    recorded([plain, streamed]) {
      expect(plain).toMatchObject({
        metadata: { service_tier: "default", system_fingerprint: "fp_1", response_id: "chatcmpl-1" },
      });
      expect(streamed).toMatchObject({ metadata: { system_fingerprint: "fp_s", response_id: "chatcmpl-s" } });
      for (const record of [plain!, streamed!])
        expect(record).toMatchObject({ model: "gpt-4o-2024-08-06", output: { role: "assistant", content: "abc" } });
    },
  },
  {
    name: "a stored prompt's id and version",
    rows: ["1b.27"],
    run: (client) =>
      client.responses.create({ model: "gpt-5", input: "x", prompt: { id: "pmpt_1", version: "3" } } as never),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.metadata).toMatchObject({ prompt_id: "pmpt_1", prompt_version: "3" }),
  },
  {
    name: "the active observation is the parent, under concurrency too",
    rows: ["1b.28"],
    run: (client, { under }) =>
      under(async () => Promise.all([client.chat.completions.create(body), client.chat.completions.create(body)])),
    statuses: ["ok", "ok"],
    recorded(records, { parent }) {
      for (const record of records) expect(record).toMatchObject({ parentId: parent!.id, traceId: parent!.traceId });
    },
  },
  {
    name: "parameters, and no constant ones",
    rows: ["L16"],
    run: async (client) => [
      await client.chat.completions.create({
        ...body,
        max_completion_tokens: 10,
        reasoning_effort: "low",
        parallel_tool_calls: false,
        service_tier: "auto",
        store: true,
      }),
      await client.responses.create({ model: "gpt-5", input: "x", max_output_tokens: 9, reasoning: { effort: "low" } }),
      await client.chat.completions.create(body),
    ],
    statuses: ["ok", "ok", "ok"],
    recorded([chat, responses, bare]) {
      expect(chat!.modelParameters).toEqual({
        max_completion_tokens: 10,
        reasoning_effort: "low",
        parallel_tool_calls: false,
        service_tier: "auto",
        store: true,
      });
      expect(responses!.modelParameters).toMatchObject({ max_output_tokens: 9 });
      expect(bare!.modelParameters).toBeUndefined();
    },
  },
  {
    name: "names by method",
    rows: ["L17"],
    run: async (client) => [
      await client.chat.completions.create(body),
      await client.responses.create({ model: "gpt-5", input: "x" }),
      await client.embeddings.create({ model: "e", input: "x", encoding_format: "float" }),
    ],
    statuses: ["ok", "ok", "ok"],
    recorded: (records) =>
      expect(records.map(({ name }) => name)).toEqual(["chat.completions", "responses", "embeddings"]),
  },
];
