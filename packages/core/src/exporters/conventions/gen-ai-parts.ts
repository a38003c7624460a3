import { textOf, type Fields } from "./json-values.ts";
import { isRecord } from "../../util/is-record.ts";

/** A part of a message as the conventions' schema has it: `{ type, ... }`. Members it does not name are kept. */
export type Part = Fields & { type: string };

export function textPart(content: string): Part {
  return { type: "text", content };
}

export function toolCallPart(id: unknown, name: unknown, given: unknown): Part {
  return { type: "tool_call", ...present({ id, name: textOf(name) ?? "unknown", arguments: parsedArguments(given) }) };
}

export function toolResponsePart(id: unknown, response: unknown): Part {
  return { type: "tool_call_response", ...present({ id }), response: response ?? null };
}

/** Parts of the OpenAI, Anthropic and Gemini APIs and of the conventions themselves; `undefined` for what is no part. */
export function toPart(value: unknown): Part | undefined {
  if (typeof value === "string") return textPart(value);
  if (!isRecord(value)) return undefined;
  const { type } = value;
  if (typeof type !== "string") return geminiPart(value);
  return Object.hasOwn(READERS, type) ? READERS[type]!(value) : (value as Part);
}

type Reader = (part: Fields) => Part;

/** By the part's `type`. A reader returns the part as it is where it lacks what the type promises. */
const READERS: Readonly<Record<string, Reader>> = {
  text: readText,
  input_text: readText,
  output_text: readText,
  image_url: (part) => readMediaUrl(part, part["image_url"], "image"),
  input_image: (part) => readMediaUrl(part, part["image_url"], "image"),
  image: readSource,
  document: readSource,
  input_audio: (part) => {
    const audio = isRecord(part["input_audio"]) ? part["input_audio"] : {};
    const content = textOf(audio["data"]);
    if (content === undefined) return part as Part;
    const format = textOf(audio["format"]);
    return { type: "blob", modality: "audio", ...(format && { mime_type: `audio/${format}` }), content };
  },
  tool_use: ({ id, name, input }) => toolCallPart(id, name, input),
  tool_result: ({ tool_use_id, content, ...rest }) => ({
    ...without(rest, "type"),
    ...toolResponsePart(tool_use_id, content),
  }),
  thinking: ({ thinking, ...rest }) =>
    typeof thinking === "string"
      ? { ...rest, type: "reasoning", content: thinking }
      : ({ thinking, ...rest } as unknown as Part),
};

/** A part that is told from any other object by its type alone. */
export function isKnownPart(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["type"] === "string" &&
    value["role"] === undefined &&
    Object.hasOwn(READERS, value["type"])
  );
}

function readText(part: Fields): Part {
  const { text, ...rest } = part;
  return typeof text === "string" ? { ...rest, type: "text", content: text } : (part as Part);
}

function geminiPart(part: Fields): Part | undefined {
  const { text, thought, functionCall, functionResponse, inlineData, fileData, ...rest } = part;
  if (typeof text === "string") return { ...rest, type: thought === true ? "reasoning" : "text", content: text };
  if (isRecord(functionCall)) {
    return { ...rest, ...toolCallPart(functionCall["id"], functionCall["name"], functionCall["args"]) };
  }
  if (isRecord(functionResponse)) {
    const { id, name, response } = functionResponse;
    return { ...rest, ...toolResponsePart(id, response), ...present({ name }) };
  }
  if (isRecord(inlineData)) return { ...rest, ...blob(textOf(inlineData["mimeType"]), inlineData["data"]) };
  if (isRecord(fileData)) return { ...rest, ...uri(fileData["fileUri"], textOf(fileData["mimeType"])) };
  return undefined;
}

/** Anthropic's images and documents. */
function readSource(part: Fields): Part {
  const { source, ...rest } = part;
  if (!isRecord(source)) return part as Part;
  const mimeType = textOf(source["media_type"]);
  if (typeof source["data"] === "string" && source["type"] === "base64") {
    return { ...rest, ...blob(mimeType, source["data"]) };
  }
  return typeof source["url"] === "string"
    ? { ...rest, ...uri(source["url"], mimeType, rest["type"]) }
    : (part as Part);
}

const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+);base64,/i;

function readMediaUrl(part: Fields, given: unknown, modality: string): Part {
  const url = isRecord(given) ? given["url"] : given;
  if (typeof url !== "string") return part as Part;
  const detail = isRecord(given) ? without(given, "url") : {};
  const data = DATA_URI.exec(url.slice(0, 200));
  return { ...detail, ...(data ? blob(data[1], url.slice(data[0].length)) : uri(url, undefined, modality)) };
}

function blob(mimeType: string | undefined, content: unknown): Part {
  return { type: "blob", modality: modalityOf(mimeType), ...present({ mime_type: mimeType }), content };
}

function uri(location: unknown, mimeType: string | undefined, modality?: unknown): Part {
  const known = textOf(modality) ?? modalityOf(mimeType);
  return { type: "uri", modality: known, ...present({ mime_type: mimeType }), uri: location };
}

function modalityOf(mimeType = ""): string {
  const [kind] = mimeType.split("/");
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "document";
}

/** OpenAI sends arguments as JSON text. A stream that broke off leaves half of it: that stays text. */
function parsedArguments(given: unknown): unknown {
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

export function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

export function without(fields: Fields, ...names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
