import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DescribedResponse, Failure } from "../../src/response.ts";
import {
  imagesCreateVariation,
  imagesEdit,
  imagesGenerate,
  MAX_STREAM_IMAGE_CHARS,
  MAX_STREAM_IMAGES,
} from "../../src/surfaces/images.ts";
import { expectUsage, isCorpusPresent, recordingsOf } from "./support/recordings.ts";

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
const chosen = { background: "opaque", output_format: "png", quality: "low", size: "1024x1024" };
const usage = {
  input_tokens: 20,
  input_tokens_details: { image_tokens: 8, text_tokens: 12 },
  output_tokens: 100,
  total_tokens: 120,
};

function draft(index: number, b64_json = png): object {
  return { type: "image_generation.partial_image", partial_image_index: index, b64_json, created_at: 1, ...chosen };
}

function final(b64_json = png): object {
  return { type: "image_generation.completed", b64_json, created_at: 2, ...chosen, usage };
}

function fold(events: readonly unknown[]): DescribedResponse & { finished: boolean; failure: Failure | undefined } {
  const stream = imagesGenerate.createStream!();
  for (const event of events) stream.accept(event);
  return { ...stream.describe(), finished: stream.finished, failure: stream.failure };
}

describe("request", () => {
  it("has the prompt and all parameters", () => {
    const parameters = {
      n: 2,
      size: "1024x1024",
      quality: "hd",
      style: "vivid",
      background: "transparent",
      moderation: "low",
      response_format: "b64_json",
      output_format: "webp",
      output_compression: 80,
      partial_images: 2,
    };
    const body = { model: "gpt-image-1", prompt: "A cat", user: "u", stream: true, ...parameters };
    expect(imagesGenerate.describeRequest(body, true)).toEqual({
      model: "gpt-image-1",
      input: "A cat",
      modelParameters: parameters,
      metadata: { user: "u", stream: true },
    });
  });

  it("describes the files of an edit or variation and never reads them", () => {
    const image = [
      new File(["abc"], "a.png", { type: "image/png" }),
      new File(["abcd"], "b.webp", { type: "image/webp" }),
    ];
    const mask = new File([], "mask.png", { type: "image/png" });
    const body = { model: "gpt-image-1", prompt: "Join", image, mask, input_fidelity: "high" };
    expect(imagesEdit.describeRequest(body, true)).toMatchObject({
      input: {
        prompt: "Join",
        image: [
          { upload: "file", name: "a.png", type: "image/png", bytes: 3 },
          { upload: "file", name: "b.webp", type: "image/webp", bytes: 4 },
        ],
        mask: { upload: "file", name: "mask.png", type: "image/png", bytes: 0 },
      },
      modelParameters: { input_fidelity: "high" },
    });
    expect(imagesCreateVariation.describeRequest({ image: image[0], n: 2 }, true)).toMatchObject({
      input: { image: { name: "a.png" } },
      modelParameters: { n: 2 },
    });
  });

  it("has no word of the caller's without captureInput", () => {
    const image = new File(["abc"], "secret.png");
    const body = { model: "m", prompt: "secret", image, user: "secret", size: "auto", n: 1 };
    expect(imagesEdit.describeRequest(body, false)).toEqual({
      model: "m",
      input: undefined,
      modelParameters: { n: 1, size: "auto" },
      metadata: {},
    });
  });
});

describe("answer", () => {
  it("keeps base64 under the name that core takes out as an attachment, with usage and what the model chose", () => {
    const body = { created: 1, ...chosen, data: [{ b64_json: png, revised_prompt: "A grey cat" }], usage };
    expect(imagesGenerate.describeResult(body)).toEqual({
      output: { b64_json: png, revised_prompt: "A grey cat" },
      usageDetails: { input: 12, output: 100, input_image_tokens: 8, total: 120 },
      metadata: { ...chosen, usage },
    });
  });

  it("is an array for several images", () => {
    const data = [{ url: "https://host/1.png" }, { url: "https://host/2.png" }];
    expect(imagesGenerate.describeResult({ data }).output).toEqual(data);
  });

  it("leaves the signature of a URL out", () => {
    const url = (query: string): unknown =>
      imagesGenerate.describeResult({ data: [{ url: `https://host/a.png${query}` }] }).output;
    expect(url("?st=2025&se=2026&sig=abc%3D")).toEqual({ url: "https://host/a.png" });
    expect(url("?X-Amz-Signature=abc")).toEqual({ url: "https://host/a.png" });
    expect(url("?width=10")).toEqual({ url: "https://host/a.png?width=10" });
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        imagesEdit.describeRequest(value, true);
        imagesEdit.describeRequest({ image: value, mask: [value], prompt: value }, true);
        imagesGenerate.describeResult(value);
        imagesGenerate.describeResult({ data: [value, { url: value, b64_json: value }] });
        fold([value, { type: value }, { ...draft(0), b64_json: value }, { ...final(), usage: value }]);
      }),
    );
  });
});

describe("stream", () => {
  it("ends with the final image, and counts the drafts", () => {
    expect(fold([draft(0), draft(1), final("ZmluYWw=")])).toEqual({
      output: { b64_json: "ZmluYWw=" },
      usageDetails: { input: 12, output: 100, input_image_tokens: 8, total: 120 },
      metadata: { ...chosen, partialImages: 2, usage },
      finished: true,
      failure: undefined,
    });
  });

  it("shows the last draft where the final image did not come", () => {
    expect(fold([draft(0), draft(1, "ZHJhZnQ=")])).toMatchObject({
      output: { b64_json: "ZHJhZnQ=", partial_image_index: 1 },
      metadata: { partialImages: 2 },
      finished: false,
    });
    expect(fold([final(), draft(0)])).toMatchObject({
      output: [{}, { partial_image_index: 0 }],
      usageDetails: { total: 120 },
      finished: false,
    });
    expect(fold([])).toMatchObject({ finished: false, metadata: {} });
  });

  it("takes the same events of an edit, several images, and images by URL of other hosts", () => {
    const edit = { type: "image_edit.completed", b64_json: png, usage };
    expect(fold([{ type: "image_edit.partial_image", b64_json: png }, edit, edit])).toMatchObject({
      output: [{ b64_json: png }, { b64_json: png }],
      finished: true,
    });
    const one = { type: "image_generation.partial_succeeded", url: "https://host/1.png", image_index: 0 };
    expect(fold([one])).toMatchObject({ output: { url: "https://host/1.png" }, finished: false });
    expect(fold([one, { type: "image_generation.completed", usage }])).toMatchObject({
      output: { url: "https://host/1.png" },
      usageDetails: { total: 120 },
      finished: true,
    });
  });

  it("tells an error event", () => {
    const error = { type: "error", message: "blocked", code: "moderation_blocked", param: null };
    expect(fold([draft(0), error])).toMatchObject({
      finished: false,
      failure: { status: "error", message: "blocked", metadata: { error: { code: "moderation_blocked" } } },
    });
  });

  it("takes an image for the first token", () => {
    const isVisible = (event: unknown): boolean => imagesGenerate.createStream!().isVisible(event);
    expect(
      [draft(0), final(), { type: "image_generation.completed", usage }, { type: "error" }, null].map(isVisible),
    ).toEqual([true, true, false, false, false]);
  });

  it("is bounded, and says what was cut", () => {
    const half = "A".repeat(MAX_STREAM_IMAGE_CHARS / 2);
    expect(fold([final(half), final(half), final("AAAA")])).toMatchObject({
      output: [{}, {}],
      metadata: { cutImages: 1 },
    });
    expect(fold([final(half), draft(0, `${half}A`)]).output).toEqual({ b64_json: half });
    const many = fold(Array.from({ length: MAX_STREAM_IMAGES + 2 }, () => final()));
    expect(many.output).toHaveLength(MAX_STREAM_IMAGES);
    expect(many.metadata["cutImages"]).toBe(2);
  });
});

describe.skipIf(!isCorpusPresent)("recorded images", () => {
  const recordings = recordingsOf(/^POST \S*\/images\/\w+$/);

  it("are there", () => expect(recordings.length).toBeGreaterThanOrEqual(3));

  it.each(recordings)("$id", ({ endpoint, body, response, expected }) => {
    const surface = endpoint.endsWith("edits") ? imagesEdit : imagesGenerate;
    const described = surface.describeResult(response);
    expectUsage(described.usageDetails, expected.usage);
    expect(expected.images).toBe(1);
    const recorded = (response as { data: { url?: string; b64_json?: string }[] }).data[0]!;
    if (recorded.url) expect(described.output).toEqual({ url: recorded.url.split("?")[0] });
    else expect(described.output).toEqual({ b64_json: recorded.b64_json });
    for (const name of ["size", "quality", "output_format", "background"] as const) {
      if (expected[name]) expect(described.metadata[name]).toBe(expected[name]);
    }
    const request = surface.describeRequest(body, true);
    const { images } = body;
    expect(request.input).toEqual(images ? { prompt: body["prompt"], images } : body["prompt"]);
    expect(request.modelParameters).toMatchObject({ n: 1 });
  });
});
