import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CHOICES } from "../../src/accumulate-chat.ts";
import { MAX_STREAM_CHARS } from "../../src/stream-budget.ts";
import { completions, MAX_LOGPROB_TOKENS } from "../../src/surfaces/completions.ts";
import type { DescribedResponse } from "../../src/response.ts";
import { expectText, expectUsage, isCorpusPresent, recordingsOf } from "./support/recordings.ts";

const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };

function chunk(text: string, index = 0, finish_reason: string | null = null, extra: object = {}): object {
  return { id: "cmpl-1", model: "gpt-3.5-turbo-instruct", choices: [{ text, index, finish_reason, ...extra }] };
}

function fold(chunks: readonly unknown[]): DescribedResponse & { finished: boolean } {
  const stream = completions.createStream!();
  for (const one of chunks) stream.accept(one);
  return { ...stream.describe(), finished: stream.finished };
}

describe("request", () => {
  it("has the prompt, the suffix and all parameters", () => {
    const parameters = {
      temperature: 0.7,
      top_p: 0.9,
      max_tokens: 16,
      n: 2,
      best_of: 3,
      echo: true,
      logprobs: 2,
      stop: ["\n", "END"],
      seed: 1,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      logit_bias: { "50256": -100 },
    };
    const body = { model: "m", prompt: "Say", suffix: "bye", stream: true, user: "u1", ...parameters, top_k: null };
    expect(completions.describeRequest(body, true)).toEqual({
      model: "m",
      input: { prompt: "Say", suffix: "bye" },
      modelParameters: parameters,
      metadata: { stream: true, user: "u1" },
    });
    expect(completions.describeRequest({ prompt: ["a", "b"] }, true).input).toEqual(["a", "b"]);
  });

  it("counts token ids instead of recording them", () => {
    expect(completions.describeRequest({ prompt: [1, 2, 3] }, true).input).toEqual({ tokens: 3 });
    expect(completions.describeRequest({ prompt: [[1, 2, 3], [4]] }, true).input).toEqual({ inputs: 2, tokens: 4 });
  });

  it("has no word of the caller's without captureInput", () => {
    const body = {
      model: "m",
      prompt: "secret",
      suffix: "secret",
      user: "secret",
      stop: ["secret"],
      logit_bias: { secret: 1 },
      n: 2,
    };
    expect(completions.describeRequest(body, false)).toEqual({
      model: "m",
      input: undefined,
      modelParameters: { n: 2 },
      metadata: {},
    });
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (body) => {
        completions.describeRequest(body, true);
        completions.describeResult(body);
        fold([body, { choices: body }, { choices: [{ text: body, logprobs: body }] }]);
      }),
    );
  });
});

describe("answer", () => {
  it("is the text, or the texts by index where there are several", () => {
    const one = {
      id: "cmpl-1",
      model: "m-2",
      choices: [{ text: "hi", index: 0, finish_reason: "stop", logprobs: null }],
    };
    expect(completions.describeResult({ ...one, usage, system_fingerprint: "fp" })).toEqual({
      output: "hi",
      model: "m-2",
      usageDetails: { input: 5, output: 7, total: 12 },
      metadata: { response_id: "cmpl-1", finish_reason: "stop", system_fingerprint: "fp", usage },
    });
    const several = [
      { text: "second", index: 1, finish_reason: "length" },
      { text: "first", index: 0, finish_reason: "stop" },
    ];
    expect(completions.describeResult({ choices: several })).toMatchObject({
      output: ["first", "second"],
      metadata: { finish_reasons: ["stop", "length"] },
    });
  });

  it("has log probabilities where they were asked for", () => {
    const logprobs = { tokens: ["hi"], token_logprobs: [-0.1], top_logprobs: [{ hi: -0.1 }], text_offset: [0] };
    expect(completions.describeResult({ choices: [{ text: "hi", logprobs }] }).output).toEqual({
      text: "hi",
      logprobs,
    });
  });

  it("of another shape is recorded as it is", () => {
    expect(completions.describeResult({ message: "odd" }).output).toEqual({ message: "odd" });
  });
});

describe("stream", () => {
  it("assembles each choice by its index, with usage from the last chunk", () => {
    const chunks = [chunk("b", 1), chunk("a", 0), chunk("B", 1, "length"), chunk("A", 0), chunk("", 0, "stop")];
    expect(fold([...chunks, { model: "gpt-3.5-turbo-instruct", choices: [], usage }])).toEqual({
      output: ["aA", "bB"],
      model: "gpt-3.5-turbo-instruct",
      usageDetails: { input: 5, output: 7, total: 12 },
      metadata: { response_id: "cmpl-1", finish_reasons: ["stop", "length"], usage },
      finished: true,
    });
    expect(fold(chunks.slice(0, -1)).finished).toBe(false);
    expect(fold([])).toEqual({ metadata: {}, finished: false });
  });

  it("gives what the whole answer would have given", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (first, second) => {
        const chunks = [...first.map((text) => chunk(text, 0)), ...second.map((text) => chunk(text, 1))];
        const whole = completions.describeResult({
          choices: [
            { index: 0, text: first.join("") },
            { index: 1, text: second.join("") },
          ],
        });
        expect(fold(chunks).output).toEqual(whole.output);
      }),
    );
  });

  it("joins log probabilities, copied from the caller's chunks", () => {
    const top = { a: -1 };
    const logprobs = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [top], text_offset: [0] };
    const stream = completions.createStream!();
    stream.accept(chunk("a", 0, null, { logprobs }));
    stream.accept(chunk("b", 0, "stop", { logprobs: { ...logprobs, tokens: ["b"], text_offset: [1] } }));
    top.a = 99;
    expect(stream.describe().output).toEqual({
      text: "ab",
      logprobs: {
        tokens: ["a", "b"],
        token_logprobs: [-1, -1],
        top_logprobs: [{ a: -1 }, { a: -1 }],
        text_offset: [0, 1],
      },
    });
  });

  it("takes text for the first token, nothing else", () => {
    const isVisible = (event: unknown): boolean => completions.createStream!().isVisible(event);
    expect([chunk("a"), chunk("", 0, "stop"), { choices: [], usage }, {}, undefined].map(isVisible)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("is bounded, and says what was cut", () => {
    const text = "x".repeat(1_000_000);
    const { output, metadata } = fold(Array.from({ length: 6 }, (_, at) => chunk(text, at % 2)));
    expect((output as string[]).join("")).toHaveLength(MAX_STREAM_CHARS);
    expect(metadata["cutChars"]).toBe(6_000_000 - MAX_STREAM_CHARS);
    const many = fold(Array.from({ length: MAX_CHOICES + 3 }, (_, index) => chunk("a", index)));
    expect(many.output).toHaveLength(MAX_CHOICES);
    expect(many.metadata["cutChoices"]).toBe(3);
    const token_logprobs = Array.from({ length: 1_000 }, () => -1);
    const logged = fold(Array.from({ length: 3 }, () => chunk("a", 0, null, { logprobs: { token_logprobs } })));
    expect((logged.output as { logprobs: { token_logprobs: number[] } }).logprobs.token_logprobs).toHaveLength(
      MAX_LOGPROB_TOKENS,
    );
    expect(logged.metadata["cutLogprobs"]).toBe(3_000 - MAX_LOGPROB_TOKENS);
  });
});

describe.skipIf(!isCorpusPresent)("recorded completions", () => {
  const recordings = recordingsOf(/^POST \S*\/v1\/completions$/);

  it("are there", () => expect(recordings.length).toBeGreaterThanOrEqual(4));

  it.each(recordings)("$id", ({ kind, response, expected }) => {
    const described = kind === "sse" ? fold(response as unknown[]) : completions.describeResult(response);
    if (kind === "sse") expect(described).toMatchObject({ finished: true });
    expect(described.model).toBe(expected.model);
    expect(described.metadata["response_id"]).toBe(expected.response_id);
    expectUsage(described.usageDetails, expected.usage);
    expect(expected.choices).toHaveLength(1);
    expectText(described.output, expected.choices![0]!.text);
    expect(described.metadata["finish_reason"]).toBe(expected.choices![0]!.finish_reason);
  });
});
