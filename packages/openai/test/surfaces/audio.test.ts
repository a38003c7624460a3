import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_STREAM_CHARS } from "../../src/stream-budget.ts";
import type { DescribedResponse, Failure } from "../../src/response.ts";
import { MAX_TRANSCRIPT_ITEMS, speech, transcriptions, translations } from "../../src/surfaces/audio.ts";
import { expectText, expectUsage, isCorpusPresent, recordingsOf } from "./support/recordings.ts";

const file = new File([new Uint8Array(44)], "talk.wav", { type: "audio/wav" });
const usage = {
  type: "tokens",
  input_tokens: 14,
  input_token_details: { audio_tokens: 10, text_tokens: 4 },
  output_tokens: 6,
  total_tokens: 20,
};
const buckets = { input: 4, output: 6, input_audio_tokens: 10, total: 20 };

function delta(text: string, extra: object = {}): object {
  return { type: "transcript.text.delta", delta: text, ...extra };
}

function done(text: string, extra: object = {}): object {
  return { type: "transcript.text.done", text, ...extra };
}

function isVisible(event: unknown): boolean {
  return transcriptions.createStream!().isVisible(event);
}

function fold(events: readonly unknown[]): DescribedResponse & { finished: boolean; failure: Failure | undefined } {
  const stream = transcriptions.createStream!();
  for (const event of events) stream.accept(event);
  return { ...stream.describe(), finished: stream.finished, failure: stream.failure };
}

describe("transcription request", () => {
  it("describes the file and has the hints and all parameters", () => {
    const parameters = {
      language: "en",
      response_format: "verbose_json",
      temperature: 0.2,
      timestamp_granularities: ["word", "segment"],
      chunking_strategy: { type: "server_vad", threshold: 0.5 },
      include: ["logprobs"],
    };
    const hints = { prompt: "Spanwise, a name", known_speaker_names: ["Ada"] };
    expect(
      transcriptions.describeRequest({ model: "whisper-1", file, stream: true, ...hints, ...parameters }, true),
    ).toEqual({
      model: "whisper-1",
      input: { file: { upload: "file", name: "talk.wav", type: "audio/wav", bytes: 44 }, ...hints },
      modelParameters: parameters,
      metadata: { stream: true },
    });
  });

  it("has no word of the caller's without captureInput", () => {
    const secret = new File([], "secret.wav");
    const body = {
      model: "m",
      file: secret,
      prompt: "secret",
      known_speaker_names: ["secret"],
      known_speaker_references: ["data:audio/wav;base64,secret"],
      language: "secret",
      chunking_strategy: { secret: 1 },
      response_format: "json",
      temperature: 0,
    };
    expect(translations.describeRequest(body, false)).toEqual({
      model: "m",
      input: undefined,
      modelParameters: { response_format: "json", temperature: 0 },
      metadata: {},
    });
  });
});

describe("transcript", () => {
  it("is the text, with usage in tokens", () => {
    expect(transcriptions.describeResult({ text: "Hello", usage })).toEqual({
      output: "Hello",
      usageDetails: buckets,
      metadata: { usage },
    });
  });

  it.each([
    ["text", "Hello\n"],
    ["srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n"],
    ["vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"],
  ])("of %s is the text as it came", (_format, text) => {
    expect(transcriptions.describeResult(text)).toEqual({ output: text, metadata: {} });
  });

  it("of verbose_json has language, duration, segments and words, without token ids, and its usage in seconds", () => {
    const segment = { id: 0, start: 0, end: 1.5, text: "Hello", avg_logprob: -0.2 };
    const words = [{ word: "Hello", start: 0, end: 1.5 }];
    const body = {
      task: "transcribe",
      language: "english",
      duration: 1.5,
      text: "Hello",
      segments: [{ ...segment, tokens: [50364, 15947] }],
      words,
      usage: { type: "duration", seconds: 2 },
    };
    const described = translations.describeResult(body);
    expect(described.output).toEqual({ text: "Hello", language: "english", duration: 1.5, segments: [segment], words });
    expect(described.metadata["usage"]).toEqual({ type: "duration", seconds: 2 });
  });

  it("of diarized_json has who spoke", () => {
    const segments = [{ id: "seg_1", type: "transcript.text.segment", start: 0, end: 1, text: "Hi", speaker: "A" }];
    expect(
      transcriptions.describeResult({ task: "transcribe", duration: 1, text: "Hi", segments, usage }),
    ).toMatchObject({ output: { text: "Hi", duration: 1, segments }, usageDetails: buckets });
  });

  it("is bounded, and says what was cut", () => {
    const segments = Array.from({ length: MAX_TRANSCRIPT_ITEMS + 3 }, (_, id) => ({ id }));
    const { output, metadata } = transcriptions.describeResult({ text: "a", segments });
    expect((output as { segments: unknown[] }).segments).toHaveLength(MAX_TRANSCRIPT_ITEMS);
    expect(metadata["cutItems"]).toBe(3);
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        transcriptions.describeRequest(value, true);
        transcriptions.describeRequest({ file: value }, true);
        transcriptions.describeResult(value);
        transcriptions.describeResult({ text: "a", segments: value, words: [value], usage: value });
        fold([value, { type: value, delta: value, choices: [value] }, done("a", { usage: value, logprobs: value })]);
        speech.describeRequest(value, true);
        speech.describeResult(value);
      }),
    );
  });
});

describe("transcript stream", () => {
  it("joins deltas, with text and usage of the last event", () => {
    expect(fold([delta("I see"), delta(" skies"), done("I see skies", { usage })])).toEqual({
      output: "I see skies",
      usageDetails: buckets,
      metadata: { usage },
      finished: true,
      failure: undefined,
    });
    expect(fold([delta("I see")])).toMatchObject({ output: "I see", finished: false });
    expect(fold([])).toEqual({ metadata: {}, finished: false, failure: undefined });
  });

  it("keeps segments of speakers and log probabilities, copied from the caller's events", () => {
    const logprobs = [{ token: "Hi", logprob: -0.1, bytes: [72, 105] }];
    const segment = { type: "transcript.text.segment", id: "seg_1", start: 0, end: 1, text: "Hi", speaker: "A" };
    const stream = transcriptions.createStream!();
    for (const event of [delta("Hi", { logprobs }), segment, done("Hi", { logprobs })]) stream.accept(event);
    segment.text = "changed";
    logprobs[0]!.token = "changed";
    expect(stream.describe().output).toEqual({
      text: "Hi",
      segments: [{ id: "seg_1", start: 0, end: 1, text: "Hi", speaker: "A" }],
      logprobs: [{ token: "Hi", logprob: -0.1, bytes: [72, 105] }],
    });
    expect(fold([done("Hi", { logprobs: [{ token: "Hi" }] })]).output).toEqual({
      text: "Hi",
      logprobs: [{ token: "Hi" }],
    });
  });

  it("reads vLLM's chunks", () => {
    const chunk = (content: string, finish_reason: string | null = null): object => ({
      object: "transcription.chunk",
      model: "openai/whisper-small",
      choices: [{ delta: { content }, finish_reason }],
    });
    expect(fold([chunk("I "), chunk("see"), chunk("", "stop")])).toEqual({
      output: "I see",
      model: "openai/whisper-small",
      metadata: { finish_reason: "stop" },
      finished: true,
      failure: undefined,
    });
    expect([chunk("I"), chunk("")].map(isVisible)).toEqual([true, false]);
  });

  it("tells an error event", () => {
    expect(fold([delta("I"), { type: "error", message: "no" }])).toMatchObject({
      output: "I",
      finished: false,
      failure: { status: "error", message: "no" },
    });
  });

  it("takes text for the first token", () => {
    const events = [delta("a"), delta(""), done("a"), { type: "transcript.text.segment", text: "a" }, { type: "x" }, 1];
    expect(events.map(isVisible)).toEqual([true, false, true, true, false, false]);
  });

  it("is bounded, and says what was cut", () => {
    const long = "x".repeat(1_000_000);
    const cut = 6_000_000 - MAX_STREAM_CHARS;
    const deltas = Array.from({ length: 6 }, () => delta(long));
    expect(fold(deltas).output).toHaveLength(MAX_STREAM_CHARS);
    expect(fold(deltas).metadata["cutChars"]).toBe(cut);
    const whole = fold([...deltas, done(long.repeat(6))]);
    expect(whole.output).toHaveLength(MAX_STREAM_CHARS);
    expect(whole.metadata["cutChars"]).toBe(cut);
    const segments = Array.from({ length: MAX_TRANSCRIPT_ITEMS + 2 }, (_, id) => ({
      type: "transcript.text.segment",
      id,
    }));
    expect(fold(segments).metadata["cutItems"]).toBe(2);
  });
});

describe("speech", () => {
  it("has the text, instructions and all parameters", () => {
    const parameters = { voice: "alloy", response_format: "wav", speed: 1.5, stream_format: "audio" };
    expect(speech.describeRequest({ model: "tts-1", input: "Hello", ...parameters }, true)).toEqual({
      model: "tts-1",
      input: "Hello",
      modelParameters: parameters,
      metadata: {},
    });
    expect(speech.describeRequest({ input: "Hello", instructions: "Calm" }, true).input).toEqual({
      input: "Hello",
      instructions: "Calm",
    });
    const secret = { model: "m", input: "secret", instructions: "secret", voice: { id: "secret" }, speed: 1 };
    expect(speech.describeRequest(secret, false)).toEqual({
      model: "m",
      input: undefined,
      modelParameters: { speed: 1 },
      metadata: {},
    });
  });

  it("gives the type of the sound and leaves the body to the caller", async () => {
    const response = new Response(new Uint8Array([1, 2, 3]), { headers: { "content-type": "audio/mpeg" } });
    expect(speech.describeResult(response)).toEqual({ metadata: { contentType: "audio/mpeg" } });
    expect(response.bodyUsed).toBe(false);
    expect((await response.arrayBuffer()).byteLength).toBe(3);
  });
});

describe.skipIf(!isCorpusPresent)("recorded audio", () => {
  const recordings = recordingsOf(/^POST \S*\/audio\/trans/);
  const spoken = recordingsOf(/^POST \S*\/audio\/speech$/);

  it("are there", () => {
    expect(recordings.length).toBeGreaterThanOrEqual(3);
    expect(spoken.length).toBeGreaterThanOrEqual(1);
  });

  it.each(recordings)("$id", ({ endpoint, body, response, expected }) => {
    const surface = endpoint.endsWith("translations") ? translations : transcriptions;
    const described = surface.describeResult(response);
    expectText(described.output, expected.text!);
    expectUsage(described.usageDetails, expected.usage);
    const sent = body["file"] as File;
    expect(surface.describeRequest(body, true).input).toEqual({
      file: { upload: "file", name: sent.name, type: sent.type, bytes: sent.size },
    });
  });

  it.each(spoken)("$id", ({ body, response }) => {
    const bytes = Buffer.from((response as { base64: string }).base64, "base64");
    const answer = new Response(bytes, { headers: { "content-type": "audio/mpeg" } });
    expect(speech.describeRequest(body, true)).toMatchObject({
      input: body["input"],
      modelParameters: { voice: "af_bella", response_format: "mp3" },
    });
    expect(speech.describeResult(answer)).toEqual({ metadata: { contentType: "audio/mpeg" } });
  });
});
