import type OpenAI from "openai";
import { expect } from "vitest";
import { json, USAGE, type Reply } from "../../support/model-server.ts";
import { events, sequence } from "../replies.ts";
import { collect, facts, type Scenario } from "../scenario.ts";

/** One pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const named = (name: string, type: string): File => new File([new Uint8Array(44)], name, { type });
const page = (ids: readonly string[], hasMore: boolean): Reply =>
  json({ object: "list", data: ids.map((id) => ({ id })), first_id: ids[0], last_id: ids.at(-1), has_more: hasMore });
const pages = sequence(page(["a", "b"], true), page(["c"], false), page(["a", "b"], true), page(["c"], false));
const legacy = (text: string, finish_reason: string | null): object => ({
  id: "cmpl-1",
  object: "text_completion",
  created: 1,
  model: "gpt-3.5-turbo-instruct",
  choices: [{ text, index: 0, finish_reason, logprobs: null }],
});
const chunks: Reply = (_request, response) => {
  const list = [legacy("Hel", null), legacy("lo", "stop"), { ...legacy("", null), choices: [], usage: USAGE }];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(`${list.map((item) => `data: ${JSON.stringify(item)}\n\n`).join("")}data: [DONE]\n\n`);
};
const sound: Reply = (_request, response) =>
  void response.writeHead(200, { "content-type": "audio/mpeg" }).end("SOUND");

/** A list, its two pages, and the items one by one, as every cursor page gives them. */
async function listAll(list: () => AsyncIterable<unknown> & PromiseLike<unknown>): Promise<unknown> {
  const first = (await list()) as { data: unknown[]; constructor: { name: string }; hasNextPage(): boolean };
  const next = (await (first as unknown as { getNextPage(): Promise<{ data: unknown[] }> }).getNextPage()).data;
  return [first.constructor.name, first.data, first.hasNextPage(), next, await collect(list())];
}

/** Majors before 5 call it `del`, and keep some resources under `beta`. */
type Loose = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;
const loose = (value: unknown): Loose => value as Loose;

export const SURFACES: readonly Scenario[] = [
  {
    name: "embeddings.create, with its decoding of base64",
    rows: ["1a.14", "L14"],
    reply: json({
      object: "list",
      model: "text-embedding-3-small",
      data: [{ object: "embedding", index: 0, embedding: "AACAPwAAAEA=" }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    }),
    run: async (client) => [
      await client.embeddings.create({ model: "text-embedding-3-small", input: "x" }),
      (await client.embeddings.create({ model: "text-embedding-3-small", input: "x" }).withResponse()).request_id,
    ],
    statuses: ["ok", "ok"],
    recorded([record]) {
      expect(record).toMatchObject({
        type: "embedding",
        output: { count: 1, dimensions: 2 },
        usageDetails: { input: 3, total: 3 },
      });
      expect(JSON.stringify(record)).not.toContain("AACAPwAAAEA");
    },
  },
  {
    name: "completions.create, plain and streamed",
    rows: ["1a.15"],
    reply: sequence(json({ ...legacy("Hello", "stop"), usage: USAGE }), chunks),
    run: async (client) => [
      await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Say" }),
      await collect(
        await client.completions.create({
          model: "gpt-3.5-turbo-instruct",
          prompt: "Say",
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      for (const record of records) expect(record).toMatchObject({ output: "Hello", usageDetails: { total: 15 } });
    },
  },
  {
    name: "images.generate and images.edit",
    rows: ["1a.16", "L15"],
    reply: json({
      created: 1,
      data: [{ b64_json: PNG }],
      usage: { input_tokens: 9, output_tokens: 100, total_tokens: 109 },
    }),
    run: async (client) => [
      await client.images.generate({ model: "gpt-image-1", prompt: "a cat" }),
      await client.images.edit({ model: "gpt-image-1", prompt: "a dog", image: named("cat.png", "image/png") }),
    ],
    statuses: ["ok", "ok"],
    recorded(records) {
      for (const record of records) {
        expect(record).toMatchObject({ usageDetails: { total: 109 } });
        expect(JSON.stringify(record)).not.toContain(PNG);
        expect(JSON.stringify(record.output)).toContain("image/png");
      }
    },
  },
  {
    name: "audio: transcription, translation, speech",
    rows: ["1a.17", "L15"],
    reply: sequence(json({ text: "hello" }), json({ text: "hallo" }), sound),
    async run(client) {
      const file = (): File => named("talk.wav", "audio/wav");
      return [
        await client.audio.transcriptions.create({ model: "whisper-1", file: file() }),
        await client.audio.translations.create({ model: "whisper-1", file: file() }),
        await (await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "hi" })).text(),
      ];
    },
    statuses: ["ok", "ok", "ok"],
    recorded(records) {
      expect(records.map(({ output }) => JSON.stringify(output))).toEqual(['"hello"', '"hallo"', undefined]);
      expect(JSON.stringify(records[0]!.input)).toContain("talk.wav");
    },
  },
  {
    name: "audio: a streamed transcription",
    rows: ["1a.17"],
    reply: events([
      { type: "transcript.text.delta", delta: "hel" },
      { type: "transcript.text.delta", delta: "lo" },
      { type: "transcript.text.done", text: "hello" },
    ]),
    run: async (client) =>
      collect(
        await client.audio.transcriptions.create({
          model: "gpt-4o-transcribe",
          file: named("talk.wav", "audio/wav"),
          stream: true,
        }),
      ),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.output).toBe("hello"),
  },
  {
    name: "moderations.create",
    rows: ["1a.18"],
    reply: json({
      id: "modr-1",
      model: "omni-moderation-latest",
      results: [{ flagged: true, categories: { hate: true }, category_scores: { hate: 0.9 } }],
    }),
    run: (client) => client.moderations.create({ input: "x" }),
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.output).toMatchObject({ flagged: true }),
  },
  {
    name: "files, batches, fine-tuning, models, stored chats: lists, pages, iteration",
    rows: ["1a.19", "L6"],
    reply: (request, response, n) => pages(request, response, ((n - 1) % 4) + 1),
    run: async (client) => [
      await listAll(() => client.files.list()),
      await listAll(() => client.batches.list()),
      await listAll(() => client.fineTuning.jobs.list()),
      await listAll(() => client.chat.completions.list()),
      await collect(client.models.list()),
    ],
    statuses: [],
  },
  {
    name: "files and batches: the other methods",
    rows: ["1a.19"],
    reply: json({ id: "file-1", object: "file", status: "processed" }),
    run: async (client) => [
      await client.files.create({ file: named("a.jsonl", "text/plain"), purpose: "batch" }),
      await client.files.retrieve("file-1"),
      await (await client.files.content("file-1")).json(),
      await client.files.waitForProcessing("file-1"),
      await client.batches.create({ completion_window: "24h", endpoint: "/v1/embeddings", input_file_id: "file-1" }),
      await client.batches.cancel("b"),
    ],
    statuses: [],
  },
  {
    name: "conversations",
    rows: ["1a.20"],
    majors: [5, 6, 7],
    why: "openai 4 has no conversations",
    reply: json({ id: "conv_1", object: "conversation", data: [{ id: "i" }], has_more: false }),
    run: async (client) => [
      await client.conversations.create({}),
      await client.conversations.retrieve("conv_1"),
      await collect(client.conversations.items.list("conv_1")),
    ],
    statuses: [],
  },
  {
    name: "assistants, threads, vector stores",
    rows: ["1a.21"],
    reply: json({ id: "x_1", object: "x", status: "completed", data: [{ id: "i" }], has_more: false }),
    async run(client) {
      const beta = client.beta as unknown as { assistants: Loose; threads: Loose };
      const stores = loose(client)["vectorStores"]!;
      const { assistants, threads } = beta as unknown as Record<string, Loose[string]>;
      return [
        await assistants!["create"]!({ model: "m" }),
        await threads!["create"]!({}),
        await threads!["retrieve"]!("t"),
        await stores["create"]!({}),
        await collect(stores["list"]!() as unknown as AsyncIterable<unknown>),
      ];
    },
    statuses: [],
  },
  {
    name: "realtime: a session's secret",
    rows: ["1a.21"],
    reply: json({ id: "sess_1", object: "realtime.session", client_secret: { value: "ek_1" } }),
    run: (client, { major }) =>
      major <= 4
        ? loose(loose(client)["beta"]!["realtime"])["sessions"]!["create"]!({ model: "gpt-realtime" })
        : (loose(client)["realtime"] as unknown as Loose | undefined)?.["clientSecrets"]?.["create"]?.({}),
    statuses: [],
  },
  {
    name: "an assistant's stream helper: events and finals",
    rows: ["1a.21"],
    reply: (_request, response) => {
      const run = { id: "run_1", object: "thread.run", status: "completed" };
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`event: thread.run.completed\ndata: ${JSON.stringify(run)}\n\nevent: done\ndata: [DONE]\n\n`);
    },
    async run(client, context) {
      const { runs } = client.beta.threads;
      const stream = (
        runs.stream as (...args: unknown[]) => ReturnType<OpenAI["beta"]["threads"]["runs"]["stream"]>
      ).call(runs, "thread_1", { assistant_id: "a" });
      const seen: unknown[] = [stream.constructor.name];
      stream.on("event", (event) => seen.push(event.event));
      seen.push(await facts(stream.finalRun(), context));
      return seen;
    },
    statuses: [],
  },
  {
    name: "AzureOpenAI: class, path, provider",
    rows: ["1a.22"],
    async run(_client, { module, server, observe }) {
      const raw = new module.AzureOpenAI({
        apiKey: "k",
        endpoint: new URL(server.baseURL).origin,
        deployment: "mine",
        apiVersion: "2024-10-21",
      });
      const client = observe(raw);
      const answer = await client.chat.completions.create({
        model: "gpt-4o",
        messages: [{ role: "user", content: "x" }],
      });
      return [client instanceof module.AzureOpenAI, client.constructor.name, answer.id];
    },
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.provider).toBe("azure"),
  },
  {
    name: "a compatible host by its base URL: provider",
    rows: ["1a.23"],
    async run(_client, { module, server, observe }) {
      const client = observe(
        new module.OpenAI({
          apiKey: "k",
          baseURL: "https://api.groq.com/openai/v1",
          // Led to the test's server: nothing leaves the machine.
          fetch: ((url: unknown, init: RequestInit) =>
            fetch(String(url).replace("https://api.groq.com/openai/v1", server.baseURL), {
              ...init,
              agent: undefined,
            } as RequestInit)) as never,
        }),
      );
      return (await client.chat.completions.create({ model: "llama", messages: [] })).id;
    },
    statuses: ["ok"],
    recorded: ([record]) => expect(record!.provider).toBe("groq"),
  },
];
