import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, memory, type MemoryExporter, type Tracer } from "../../src/index.ts";
import { Media, parseMediaReference } from "../../src/media.ts";

const png = Buffer.from("89504e470d0a1a0a0000000d49484452aabbcc", "hex");
const wav = Buffer.concat([Buffer.from("RIFF\u0010\u0000\u0000\u0000WAVEfmt "), Buffer.alloc(20, 7)]);
const pdf = Buffer.from("%PDF-1.7\n%binary");
const pcm = Buffer.from([1, 2, 3, 4, 250, 251, 252]);
/** Nothing that repeats: lines in the wrong place would show. */
const scan = Buffer.concat([png, Buffer.from(Array.from({ length: 9_000 }, (_, i) => (i * i * 31) >> 4))]);
const inLines = (bytes: Buffer, chars: number, gap: string): string =>
  b64(bytes).replace(new RegExp(`.{${chars}}(?!$)`, "g"), `$&${gap}`);
const b64 = (bytes: Buffer): string => bytes.toString("base64");
const idOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64url").slice(0, 22);

let exporter: MemoryExporter;
let tracer: Tracer;
beforeEach(() => {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter] });
});
afterEach(async () => void (await tracer.shutdown()));

async function record(input: unknown): Promise<unknown> {
  tracer.startObservation("one", { input }).end();
  await tracer.flush();
  return JSON.parse(exporter.observations.at(-1)!.input!);
}

/** The payload has the reference where the data was, and nothing else has changed. */
function expectReference(payload: unknown, path: string, mimeType: string, bytes: Uint8Array): void {
  let at = payload;
  for (const key of path.split(".")) at = (at as Record<string, unknown>)[key];
  expect(parseMediaReference(at)).toMatchObject({ id: idOf(bytes), mimeType });
  const stored = exporter.media.get(idOf(bytes))!;
  expect(stored.contentType).toBe(mimeType);
  expect(Buffer.from(stored.bytes).equals(bytes)).toBe(true);
  expect(stored.sha256).toBe(createHash("sha256").update(bytes).digest("base64"));
}

const shapes: [what: string, input: Record<string, unknown>, path: string, mime: string, bytes: Buffer][] = [
  ["OpenAI image_url", { image_url: { url: `data:image/png;base64,${b64(png)}` } }, "image_url.url", "image/png", png],
  ["a head in capitals", { url: `data:IMAGE/PNG;BASE64,${b64(png)}` }, "url", "image/png", png],
  ["a scheme in capitals", { url: `DATA:IMAGE/PNG;BASE64,${b64(png)}` }, "url", "image/png", png],
  ["a data URI in lines", { url: `Data:image/png;base64,${inLines(scan, 76, "\n")}` }, "url", "image/png", scan],
  ["OpenAI input_audio", { input_audio: { data: b64(wav), format: "wav" } }, "input_audio.data", "audio/wav", wav],
  ["OpenAI input_audio mp3", { input_audio: { data: b64(pcm), format: "mp3" } }, "input_audio.data", "audio/mpeg", pcm],
  [
    "OpenAI answer's audio",
    { audio: { id: "audio_1", data: b64(pcm), expires_at: 1, transcript: "hi" } },
    "audio.data",
    "application/octet-stream",
    pcm,
  ],
  ["OpenAI file", { file: { filename: "a.pdf", file_data: b64(pdf) } }, "file.file_data", "application/pdf", pdf],
  [
    "OpenAI file as data URI",
    { file: { file_data: `data:application/pdf;base64,${b64(pdf)}` } },
    "file.file_data",
    "application/pdf",
    pdf,
  ],
  [
    "OpenAI input_image",
    { type: "input_image", image_url: `data:image/webp;base64,${b64(png)}` },
    "image_url",
    "image/webp",
    png,
  ],
  [
    "OpenAI input_file",
    { type: "input_file", filename: "a", file_data: `data:application/pdf;base64,${b64(pdf)}` },
    "file_data",
    "application/pdf",
    pdf,
  ],
  [
    "OpenAI image generation",
    { type: "image_generation_call", id: "ig_1", result: b64(png) },
    "result",
    "image/png",
    png,
  ],
  ["OpenAI images", { created: 1, data: [{ b64_json: b64(png) }] }, "data.0.b64_json", "image/png", png],
  [
    "Anthropic image",
    { type: "image", source: { type: "base64", media_type: "image/jpeg", data: b64(pcm) } },
    "source.data",
    "image/jpeg",
    pcm,
  ],
  [
    "Anthropic document",
    { type: "document", source: { type: "base64", media_type: "application/pdf", data: b64(pdf) } },
    "source.data",
    "application/pdf",
    pdf,
  ],
  [
    "Gemini inlineData",
    { inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: b64(pcm) } },
    "inlineData.data",
    "audio/l16",
    pcm,
  ],
  [
    "Gemini inline_data",
    { inline_data: { mime_type: "text/plain", data: b64(pcm) } },
    "inline_data.data",
    "text/plain",
    pcm,
  ],
  [
    "LangChain 0.3",
    { type: "image", source_type: "base64", mime_type: "image/gif", data: b64(pcm) },
    "data",
    "image/gif",
    pcm,
  ],
  ["LangChain 1", { type: "audio", mimeType: "audio/ogg", data: b64(pcm) }, "data", "audio/ogg", pcm],
  ["AI SDK file", { type: "file", mediaType: "application/pdf", data: b64(pcm) }, "data", "application/pdf", pcm],
  ["AI SDK image", { type: "image", image: b64(png) }, "image", "image/png", png],
  [
    "AI SDK image bytes",
    { type: "image", image: new Uint8Array(pcm), mediaType: "image/avif" },
    "image",
    "image/avif",
    pcm,
  ],
  ["Bedrock", { image: { format: "png", source: { bytes: png } } }, "image.source.bytes", "image/png", png],
  ["MCP", { type: "image", data: b64(pcm), mimeType: "image/tiff" }, "data", "image/tiff", pcm],
  ["a Buffer", { any: { where: [png] } }, "any.where.0", "image/png", png],
  [
    "a slice of a larger buffer",
    { view: new Uint8Array(Buffer.concat([wav, pcm]).buffer.slice(0)).subarray(0, 0), b: pcm.subarray(2, 5) },
    "b",
    "application/octet-stream",
    pcm.subarray(2, 5),
  ],
  ["an ArrayBuffer", { buffer: new Uint8Array(pdf).buffer }, "buffer", "application/pdf", pdf],
  ["shared memory", { shared: new Uint8Array(sharedOf(pdf)) }, "shared", "application/pdf", pdf],
  ["a Blob", { blob: new Blob([pcm], { type: "Audio/Wav; a=b" }) }, "blob", "audio/wav", pcm],
  ["a File", { file: new File([png], "a.png") }, "file", "image/png", png],
  ["a Map", { map: new Map([["k", png]]) }, "map.k", "image/png", png],
  ["Media of bytes", { m: new Media({ bytes: pcm, mimeType: "audio/x-raw" }) }, "m", "audio/x-raw", pcm],
  ["Media of base64", { m: new Media({ base64: b64(png) }) }, "m", "image/png", png],
  ["Media of a data URI", { m: new Media({ dataUri: `data:video/mp4;base64,${b64(pcm)}` }) }, "m", "video/mp4", pcm],
  ["Media of a Blob", { m: new Media({ blob: new Blob([pcm], { type: "video/webm" }) }) }, "m", "video/webm", pcm],
];

function sharedOf(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}

test.each(shapes)("%s is an attachment", async (_, input, path, mime, bytes) => {
  const payload = await record(input);
  expectReference(payload, path, mime, bytes);
  expect(exporter.media.size).toBe(1);
  expect(JSON.stringify(payload)).not.toContain(b64(bytes));
  expect(tracer.stats().bytesHeld).toBe(0);
});

const long = "A".repeat(100_000);
const base64Url = b64(png);
test.each([
  ["a long unbroken text", { content: long, data: long }],
  ["a long text under a key of media", { result: long, image: long, data: long, b64_json: long, file_data: long }],
  ["text beside a type", { type: "text", media_type: "text/plain", data: "plainwords" }],
  ["text beside a type of text", { mimeType: "text/plain", data: "abcd" }],
  ["JSON beside its type", { mimeType: "application/json", data: "1234" }],
  ["a result of a tool", { type: "function_call_output", result: base64Url }],
  ["an address of an image", { type: "image", image: "https://example.com/a.png", mediaType: "image/png" }],
  ["what says base64 and is not", { type: "base64", media_type: "image/png", data: "not base64!" }],
  ["what stops being base64", { type: "base64", media_type: "image/png", data: `${"A".repeat(8000)} end` }],
  ["a data URI that stops being base64", `data:image/png;base64,${"A".repeat(8000)} end`],
  ["an empty part", { type: "base64", media_type: "image/png", data: "" }],
])("%s stays as it is", async (_, input) => {
  expect(await record(input)).toEqual(input);
  expect(exporter.media.size).toBe(0);
});

test.each([
  ["an array of floats", new Float32Array(4), "[Float32Array of 16 bytes]"],
  ["an empty buffer", Buffer.alloc(0), "[Buffer of 0 bytes]"],
  ["bytes beyond the bound of copies", Buffer.alloc(8 * 1024 * 1024 + 1), "[Buffer of 8388609 bytes]"],
  ["an empty Blob", new Blob([]), "[Blob of unknown type, 0 bytes]"],
  ["Media of nothing", new Media({}), "[media without content: give bytes, base64, dataUri or blob]"],
  [
    "Media of too much",
    new Media({ bytes: new Uint8Array(32 * 1024 * 1024 + 1) }),
    "[media of 33554433 bytes left out: the limit is 33554432]",
  ],
  [
    "too large base64",
    `data:image/png;base64,${"A".repeat(44_739_248)}`,
    "[image/png of 33554436 bytes left out: the limit is 33554432]",
  ],
])("%s is a marker", async (_, input, marker) => {
  expect(await record(input)).toBe(marker);
  expect(exporter.media.size).toBe(0);
});

test("each observation's bytes are those of the call, whatever the caller does to its buffer", async () => {
  const bytes = Buffer.from(png);
  const { buffer } = new Uint8Array(png);
  const media = new Media({ bytes });
  const one = tracer.startObservation("one", { input: bytes, output: buffer, metadata: { media } });
  bytes.fill(0);
  new Uint8Array(buffer).fill(0);
  one.end();
  await tracer.flush();
  expect([...exporter.media.keys()]).toEqual([idOf(png)]);
  expect(parseMediaReference(JSON.parse(exporter.observations[0]!.metadata!).media)?.id).toBe(idOf(png));
});

const wrapped: [string, (data: string) => Record<string, unknown>, path: string][] = [
  ["OpenAI", (data) => ({ input_audio: { data, format: "wav" } }), "input_audio.data"],
  ["OpenAI file", (data) => ({ file: { filename: "a", file_data: data } }), "file.file_data"],
  ["OpenAI images", (data) => ({ data: [{ b64_json: data }] }), "data.0.b64_json"],
  ["Anthropic", (data) => ({ source: { type: "base64", media_type: "image/png", data } }), "source.data"],
  ["Gemini", (data) => ({ inlineData: { mimeType: "image/png", data } }), "inlineData.data"],
  ["Media", (base64) => ({ media: new Media({ base64, mimeType: "image/png" }) }), "media"],
];

describe.each(wrapped)("base64 in lines, as MIME has it: %s", (what, shape, path) => {
  const type = what === "OpenAI" ? "audio/wav" : "image/png";

  test.each([
    [76, "\r\n", 1],
    [64, "\n", 1],
    [76, "\r\n", 60],
  ])("lines of %i, ended by %j, %i scans", async (chars, gap, scans) => {
    for (const end of ["", gap]) {
      for (let cut = 0; cut < 4; cut++) {
        const bytes = Buffer.concat([...Array.from({ length: scans }, () => scan), scan.subarray(0, 500 + cut)]);
        expectReference(await record(shape(inLines(bytes, chars, gap) + end)), path, type, bytes);
      }
    }
    // As wide as its lines.
    const whole = scan.subarray(0, (chars / 4) * 3 * 20);
    expectReference(await record(shape(inLines(whole, chars, gap) + gap)), path, type, whole);
  });

  test("one line with its end", async () => {
    expectReference(await record(shape(`${b64(scan)}\r\n`)), path, type, scan);
  });
});

test.each([
  ["words in lines", "word\nword\nwords"],
  ["a poem", "Tyger\nTyger\nburning\nbright"],
  ["lines that stop being base64", `${inLines(scan, 76, "\n")}\nthe end of it, which is prose`],
  ["short lines", inLines(scan, 40, "\n")],
  ["lines with padding among them", `${inLines(scan, 76, "\n")}\nAA==\nAAAA`],
])("%s stay as they are", async (_, data) => {
  const input = { type: "base64", media_type: "image/png", data };
  expect(await record(input)).toEqual(input);
  expect(exporter.media.size).toBe(0);
});

test("a large part is decoded in slices to the same bytes", async () => {
  const large = Buffer.alloc(5_000_001, "some text that repeats");
  const payload = await record({ inlineData: { mimeType: "video/mp4", data: b64(large) } });
  expectReference(payload, "inlineData.data", "video/mp4", large);
});

test("a Blob that cannot be read leaves its marker, and its observation arrives", async () => {
  const blob = new Blob([png], { type: "image/png" });
  blob.arrayBuffer = () => Promise.reject(new Error("gone"));
  expect(await record({ blob })).toEqual({ blob: `[Blob image/png, ${png.length} bytes]` });
});

describe("media: false", () => {
  test("texts stay and bytes are markers", async () => {
    const local = createTracer({ exporters: [exporter], media: false });
    const input = { uri: `data:image/png;base64,${b64(png)}`, data: b64(png), bytes: png, type: "image" };
    local.startObservation("one", { input, modelParameters: { png } }).end();
    await local.shutdown();
    expect(JSON.parse(exporter.observations[0]!.input!)).toEqual({
      ...input,
      bytes: `[Buffer of ${png.length} bytes]`,
    });
    expect(exporter.observations[0]!.modelParameters).toBe(`{"png":"[Buffer of ${png.length} bytes]"}`);
    expect(exporter.media.size).toBe(0);
  });
});

test("references are read back, and nothing else", () => {
  const id = idOf(png);
  expect(parseMediaReference(`@@@langfuseMedia:type=image/png|id=${id}|source=bytes@@@`)).toEqual({
    id,
    mimeType: "image/png",
    source: "bytes",
  });
  for (const other of [undefined, 1, "", "text", `x@@@langfuseMedia:type=image/png|id=${id}|source=bytes@@@`])
    expect(parseMediaReference(other)).toBeUndefined();
});
