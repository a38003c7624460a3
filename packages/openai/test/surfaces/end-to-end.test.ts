import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTracer, memory } from "@spanwise/core";
import { observeOpenAI } from "../../src/index.ts";
import { MAJORS } from "../conformance/majors.ts";
import { createWireServer, jsonReply, sseReply, type WireReply, type WireServer } from "./support/wire-server.ts";

/** One pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PNG_REFERENCE = expect.stringMatching(
  /^@@@langfuseMedia:type=image\/png\|id=[\w-]{22}\|source=\w+@@@$/,
) as string;
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const imageUsage = { input_tokens: 9, output_tokens: 100, total_tokens: 109 };
const speechUsage = { type: "tokens", input_tokens: 3, output_tokens: 2, total_tokens: 5 };

interface Case {
  name: string;
  /** The first major whose client has it. */
  since?: number;
  reply: WireReply;
  call: (client: OpenAI) => Promise<unknown>;
  record: Record<string, unknown>;
  /** Attachments taken out. */
  media?: number;
}

const file = (): File => new File([new Uint8Array(44)], "talk.wav", { type: "audio/wav" });
const picture = (): File => new File([Buffer.from(PNG, "base64")], "cat.png", { type: "image/png" });

async function collect(stream: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of (await stream) as AsyncIterable<unknown>) items.push(structuredClone(item));
  return items;
}

function completion(text: string, finish_reason: string | null, index = 0): object {
  return { id: "cmpl-1", model: "gpt-3.5-turbo-instruct", choices: [{ text, index, finish_reason, logprobs: null }] };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "surfaces-"));
  writeFileSync(join(folder, "speech.mp3"), "sound");
});
afterAll(() => rmSync(folder, { recursive: true }));

const CASES: readonly Case[] = [
  {
    name: "completions",
    reply: jsonReply({ ...completion("Hello", "stop"), usage }),
    call: async (client) => client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Say", n: 1 }),
    record: {
      name: "completions",
      input: "Say",
      output: "Hello",
      model: "gpt-3.5-turbo-instruct",
      modelParameters: { n: 1 },
      usageDetails: { input: 5, output: 2, total: 7 },
      metadata: { finish_reason: "stop", response_id: "cmpl-1" },
    },
  },
  {
    name: "completions, streamed",
    reply: sseReply([completion("Hel", null), completion("lo", "stop"), { choices: [], usage }]),
    call: async (client) =>
      collect(
        client.completions.create({ model: "m", prompt: "Say", stream: true, stream_options: { include_usage: true } }),
      ),
    record: {
      output: "Hello",
      usageDetails: { total: 7 },
      metadata: { finish_reason: "stop" },
      completionStartTime: expect.any(Number),
    },
  },
  {
    name: "completions, left early",
    reply: sseReply([completion("Hel", null), completion("lo", "stop")]),
    async call(client) {
      const stream = await client.completions.create({
        model: "m",
        prompt: "Say",
        stream: true,
        stream_options: { include_usage: false },
      });
      for await (const chunk of stream) return chunk;
      return undefined;
    },
    record: { output: "Hel", status: "cancelled" },
  },
  {
    name: "embeddings in the client's own encoding",
    reply: jsonReply({
      model: "text-embedding-3-small",
      data: [{ index: 0, embedding: Buffer.from(new Float32Array([0.5, -0.5]).buffer).toString("base64") }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    }),
    call: async (client) => client.embeddings.create({ model: "text-embedding-3-small", input: ["hi"], dimensions: 2 }),
    record: {
      name: "embeddings",
      type: "embedding",
      input: ["hi"],
      output: { count: 1, dimensions: 2 },
      modelParameters: { dimensions: 2 },
      usageDetails: { input: 2, total: 2 },
    },
  },
  {
    name: "embeddings of tokens, as floats",
    reply: jsonReply({ model: "m", data: [{ index: 0, embedding: [0.5, -0.5, 1] }] }),
    call: async (client) => client.embeddings.create({ model: "m", input: [[1, 2]], encoding_format: "float" }),
    record: { type: "embedding", input: { inputs: 1, tokens: 2 }, output: { count: 1, dimensions: 3 } },
  },
  {
    name: "images.generate",
    reply: jsonReply({ created: 1, quality: "low", data: [{ b64_json: PNG }], usage: imageUsage }),
    call: async (client) => client.images.generate({ model: "gpt-image-1", prompt: "A cat", size: "1024x1024" }),
    record: {
      name: "images.generate",
      input: "A cat",
      output: { b64_json: PNG_REFERENCE },
      modelParameters: { size: "1024x1024" },
      usageDetails: { input: 9, output: 100, total: 109 },
      metadata: { quality: "low" },
    },
    media: 1,
  },
  {
    name: "images.generate, streamed",
    since: 5,
    reply: sseReply(
      [
        { type: "image_generation.partial_image", partial_image_index: 0, b64_json: "AAAA" },
        { type: "image_generation.completed", b64_json: PNG, usage: imageUsage },
      ],
      false,
    ),
    call: async (client) =>
      collect(client.images.generate({ model: "gpt-image-1", prompt: "A cat", stream: true, partial_images: 1 })),
    record: {
      output: { b64_json: PNG_REFERENCE },
      usageDetails: { total: 109 },
      metadata: { partialImages: 1, stream: true },
      completionStartTime: expect.any(Number),
    },
    media: 1,
  },
  {
    name: "images.edit, streamed, with an error on the way",
    since: 5,
    reply: sseReply([
      { type: "image_edit.partial_image", partial_image_index: 0, b64_json: PNG },
      { type: "error", error: { message: "blocked", type: "user_error", code: "moderation_blocked", param: null } },
    ]),
    async call(client) {
      const seen: unknown[] = [];
      try {
        const stream = await client.images.edit({ model: "m", prompt: "Green", image: picture(), stream: true });
        for await (const event of stream) seen.push(event.type);
      } catch (error) {
        seen.push((error as Error).message, (error as { code?: unknown }).code);
      }
      return seen;
    },
    record: {
      status: "error",
      statusMessage: "blocked",
      output: { b64_json: PNG_REFERENCE, partial_image_index: 0 },
      metadata: { error: { code: "moderation_blocked", type: "user_error" }, requestId: "req_1" },
    },
    media: 1,
  },
  {
    name: "images.edit",
    reply: jsonReply({ created: 1, data: [{ url: "https://host/a.png?sig=secret" }] }),
    call: async (client) => client.images.edit({ model: "gpt-image-1", prompt: "Green", image: picture() }),
    record: {
      name: "images.edit",
      input: { prompt: "Green", image: { upload: "file", name: "cat.png", type: "image/png", bytes: 70 } },
      output: { url: "https://host/a.png" },
    },
  },
  {
    name: "images.createVariation",
    reply: jsonReply({ created: 1, data: [{ b64_json: PNG }, { b64_json: PNG }] }),
    call: async (client) => client.images.createVariation({ image: picture(), n: 2 }),
    record: {
      name: "images.createVariation",
      output: [{ b64_json: PNG_REFERENCE }, { b64_json: PNG_REFERENCE }],
      modelParameters: { n: 2 },
    },
    media: 1,
  },
  {
    name: "images.generate, refused",
    reply: jsonReply(
      { error: { message: "blocked", type: "image_generation_user_error", code: "moderation_blocked", param: null } },
      400,
    ),
    call: async (client) =>
      client.images.generate({ model: "gpt-image-1", prompt: "A cat" }).catch((error: Error) => error.message),
    record: {
      status: "error",
      metadata: { httpStatus: 400, error: { code: "moderation_blocked", type: "image_generation_user_error" } },
    },
  },
  {
    name: "audio.transcriptions",
    reply: jsonReply({ text: "I see skies", usage: speechUsage }),
    call: async (client) => client.audio.transcriptions.create({ model: "whisper-1", file: file(), language: "en" }),
    record: {
      name: "audio.transcriptions",
      input: { file: { upload: "file", name: "talk.wav", type: "audio/wav", bytes: 44 } },
      output: "I see skies",
      modelParameters: { language: "en" },
      usageDetails: { input: 3, output: 2, total: 5 },
    },
  },
  {
    name: "audio.transcriptions of a file on disk, as srt",
    reply: { type: "text/plain; charset=utf-8", body: "1\n00:00:00,000 --> 00:00:01,000\nHi\n" },
    call: async (client) =>
      client.audio.transcriptions.create({
        model: "whisper-1",
        file: createReadStream(join(folder, "speech.mp3")),
        response_format: "srt",
      }),
    record: {
      input: { file: { upload: "stream", name: "speech.mp3" } },
      output: "1\n00:00:00,000 --> 00:00:01,000\nHi\n",
      modelParameters: { response_format: "srt" },
    },
  },
  {
    name: "audio.transcriptions, streamed",
    reply: sseReply([
      { type: "transcript.text.delta", delta: "I see" },
      { type: "transcript.text.delta", delta: " skies" },
      { type: "transcript.text.done", text: "I see skies", usage: speechUsage },
    ]),
    call: async (client) =>
      collect(client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: file(), stream: true })),
    record: {
      output: "I see skies",
      usageDetails: { total: 5 },
      status: "ok",
      completionStartTime: expect.any(Number),
    },
  },
  {
    name: "audio.transcriptions, streamed and aborted",
    reply: sseReply([
      { type: "transcript.text.delta", delta: "I see" },
      { type: "transcript.text.delta", delta: " skies" },
    ]),
    async call(client) {
      const stream = await client.audio.transcriptions.create({ model: "m", file: file(), stream: true });
      const seen: unknown[] = [];
      for await (const event of stream) {
        seen.push(structuredClone(event));
        stream.controller.abort();
      }
      return seen.length > 0;
    },
    record: { output: expect.stringMatching(/^I see/), status: "cancelled" },
  },
  {
    name: "audio.translations",
    reply: jsonReply({ task: "translate", text: "Good day", language: "german", duration: 1.5 }),
    call: async (client) =>
      client.audio.translations.create({ model: "whisper-1", file: file(), response_format: "verbose_json" }),
    record: { name: "audio.translations", output: { text: "Good day", language: "german", duration: 1.5 } },
  },
  {
    name: "audio.speech",
    reply: { type: "audio/mpeg", body: new Uint8Array([0x49, 0x44, 0x33, 4, 0, 255]) },
    async call(client) {
      const response = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hello" });
      return [response.status, response.bodyUsed, [...new Uint8Array(await response.arrayBuffer())]];
    },
    record: {
      name: "audio.speech",
      input: "Hello",
      output: undefined,
      modelParameters: { voice: "alloy" },
      metadata: { contentType: "audio/mpeg", httpStatus: 200, requestId: "req_1" },
    },
  },
  {
    name: "moderations",
    reply: jsonReply({
      id: "modr-1",
      model: "omni-moderation-2024-09-26",
      results: [{ flagged: true, categories: { hate: true, violence: false }, category_scores: { hate: 0.9 } }],
    }),
    call: async (client) => client.moderations.create({ input: "..." }),
    record: {
      name: "moderations",
      input: "...",
      model: "omni-moderation-2024-09-26",
      output: { flagged: true, categories: ["hate"], category_scores: { hate: 0.9 } },
      metadata: { flaggedResults: 1 },
    },
  },
];

describe.each(MAJORS)("openai $version: raw and observed alike, and recorded", ({ major, load }) => {
  it.each(CASES.filter(({ since = 4 }) => since <= major))("$name", async ({ reply, call, record, media = 0 }) => {
    const { OpenAI: Client } = await load();
    const run = async (wrap: (client: OpenAI) => OpenAI): Promise<{ result: unknown; server: WireServer }> => {
      const server = await createWireServer(reply);
      const client = wrap(new Client({ apiKey: "sk-test", baseURL: server.baseURL, maxRetries: 0 }));
      const result = await call(client);
      await server.close();
      return { result, server };
    };
    const exporter = memory();
    const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
    const raw = await run((client) => client);
    const observed = await run((client) => observeOpenAI(client, { tracer }));
    await tracer.flush();

    expect(observed.result).toEqual(raw.result);
    expect(observed.server.requests).toEqual(raw.server.requests);
    expect(raw.server.requests).toHaveLength(1);
    expect(exporter.observations).toHaveLength(1);
    const { input, output, metadata, modelParameters, ...rest } = exporter.observations[0]!;
    const payloads = { input, output, metadata, modelParameters };
    const parsed = Object.entries(payloads).map(([key, json]) => [key, json === undefined ? json : JSON.parse(json)]);
    expect({ ...rest, ...Object.fromEntries(parsed) }).toMatchObject({
      type: "generation",
      status: "ok",
      ...record,
    });
    expect(exporter.media.size).toBe(media);
    expect(JSON.stringify(exporter.observations)).not.toContain(PNG.slice(0, 40));
    await tracer.shutdown();
  });
});

describe("a streamed completion that does not say whether it wants usage", () => {
  it("asks for it, records it and hides it from the caller", async () => {
    const server = await createWireServer(sseReply([completion("Hello", "stop"), { choices: [], usage }]));
    const exporter = memory();
    const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
    const { OpenAI: Client } = await MAJORS.find(({ major }) => major === 6)!.load();
    const client = observeOpenAI(new Client({ apiKey: "sk-test", baseURL: server.baseURL }), { tracer });
    const chunks = await collect(client.completions.create({ model: "m", prompt: "Say", stream: true }));
    await tracer.flush();
    expect(JSON.parse(server.requests[0]!.body)).toMatchObject({ stream_options: { include_usage: true } });
    expect(chunks).toEqual([completion("Hello", "stop")]);
    expect(exporter.observations[0]).toMatchObject({ usageDetails: { input: 5, output: 2, total: 7 }, status: "ok" });
    await server.close();
    await tracer.shutdown();
  });
});

describe("captureInput and captureOutput false", () => {
  it.each(CASES)("$name", async ({ reply, call }) => {
    const server = await createWireServer(reply);
    const exporter = memory();
    const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
    const { OpenAI: Client } = await MAJORS.find(({ major }) => major === 6)!.load();
    const client = new Client({ apiKey: "sk-test", baseURL: server.baseURL, maxRetries: 0 });
    await call(observeOpenAI(client, { tracer, captureInput: false, captureOutput: false }));
    await tracer.flush();
    const { input, output } = exporter.observations[0]!;
    expect({ input, output }).toEqual({ input: undefined, output: undefined });
    expect(JSON.stringify(exporter.observations)).not.toMatch(/A cat|Green|cat\.png|talk\.wav|speech\.mp3|Hello|skies/);
    await server.close();
    await tracer.shutdown();
  });
});
