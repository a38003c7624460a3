/**
 * Where the message shapes of the providers and frameworks hold base64 beside a declared type: OpenAI, Anthropic, Gemini, LangChain,
 * the AI SDK and MCP. Anywhere else a long unbroken text is text.
 */

import { Attachment, mimeOf, sniffBase64, UNKNOWN_TYPE } from "./attachment.ts";

/** A data URI's head: type, parameters, `;base64,`. Longer heads are not data URIs that anybody sends. */
const MAX_HEAD_CHARS = 200;
const HEAD = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,/i;

/** As much of a text is looked at to tell that it is prose and not base64. */
const CHECKED_CHARS = 4096;
/** Lines of MIME have 76 characters, those of PEM 64: shorter ones are words. */
const BASE64 = /^([\w+/-]{60,}\r?\n)*[\w+/-]+={0,2}\s*$/;

const TYPE_KEYS = ["media_type", "mime_type", "mimeType", "mediaType"] as const;
const MEDIA_TYPES: readonly unknown[] = ["image", "audio", "video", "file"];
/** OpenAI's `format` of audio; others follow the pattern `audio/<format>`. PCM has no file format. */
const AUDIO_FORMATS: Readonly<Record<string, string>> = { mp3: "audio/mpeg", pcm16: UNKNOWN_TYPE };

/** Keys under which some shape holds base64: a text there makes {@link base64TypeAt} worth asking. `result` is one in {@link isImageCall}. */
export function isMediaKey(key: string): boolean {
  return (
    key === "data" ||
    key === "image" ||
    key === "file_data" ||
    key === "b64_json" ||
    key === "blob" ||
    key === "base64" ||
    key === "partial_image_b64"
  );
}

/** OpenAI's image tool: elsewhere a `result` is what any function gave. */
export function isImageCall({ type }: Readonly<Record<string, unknown>>): boolean {
  return type === "image_generation_call";
}

/** The type that a container declares for what is in it. */
export function declaredType(container: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of TYPE_KEYS) {
    const type = mimeOf(container[key]);
    if (type) return type;
  }
  return undefined;
}

/** Whether a text goes on with base64 at `from`, in one piece or in lines. The whole is checked when it is decoded. */
export function isBase64Start(text: string, from: number): boolean {
  return BASE64.test(text.slice(from, from + CHECKED_CHARS));
}

/** Whether a text begins as a data URI does. */
export function isDataUri(text: string): boolean {
  return text[4] === ":" && text.slice(0, 4).toLowerCase() === "data";
}

/** The MIME type when `container[key]` is base64 of a media; `undefined` when it is text. `parentKey`: the container's own key. */
export function base64TypeAt(
  container: Readonly<Record<string, unknown>>,
  key: string,
  text: string,
  parentKey: string,
): string | undefined {
  const isAsked = key === "result" ? isImageCall(container) : isMediaKey(key);
  return isAsked && isBase64Start(text, 0) ? typeAt(container, key, text, parentKey) : undefined;
}

function typeAt(
  container: Readonly<Record<string, unknown>>,
  key: string,
  text: string,
  parentKey: string,
): string | undefined {
  const { type, format, filename, output_format: outputFormat } = container;
  switch (key) {
    case "file_data":
      return sniffBase64(text) ?? (typeof filename === "string" ? UNKNOWN_TYPE : undefined);
    case "result":
      return sniffBase64(text) ?? mimeOf(`image/${String(outputFormat)}`);
    case "b64_json":
    case "partial_image_b64":
      return sniffBase64(text);
  }
  const declared = declaredType(container);
  const isBase64 = type === "base64" || container.source_type === "base64" || /^inline_?data$/i.test(parentKey);
  if (declared) return isBase64 || type === "file" || isBinary(declared) ? declared : undefined;
  if (key === "data" && parentKey === "input_audio" && typeof format === "string") {
    return AUDIO_FORMATS[format] ?? mimeOf(`audio/${format}`);
  }
  // The audio of a chat completion's answer: its format is named in the request only.
  if (key === "data" && parentKey === "audio" && "transcript" in container) return sniffBase64(text) ?? UNKNOWN_TYPE;
  return isBase64 || MEDIA_TYPES.includes(type) ? sniffBase64(text) : undefined;
}

/** Text beside `mimeType: "text/plain"` is text far more often than it is base64. */
function isBinary(type: string): boolean {
  return !type.startsWith("text/") && !/json|xml$/.test(type.replace("svg+xml", ""));
}

/** `undefined` for a text that is not a base64 data URI. */
export function readDataUri(text: string): Attachment | undefined {
  if (!isDataUri(text)) return undefined;
  const head = HEAD.exec(text.slice(0, MAX_HEAD_CHARS));
  const mime = head && mimeOf(head[1]);
  return mime && isBase64Start(text, head[0].length) ? new Attachment({ text, from: head[0].length }, mime) : undefined;
}
