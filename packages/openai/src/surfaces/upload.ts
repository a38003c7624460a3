import { defined, isFields, stringOf, type Fields } from "../fields.ts";

/** Files described of one field. What comes after is counted; the API takes 16 images. */
export const MAX_UPLOADS = 64;

type Kind = "file" | "response" | "stream" | "bytes" | "unknown";

/** What is recorded of a file to be sent: `{ upload: kind, name, type, bytes }`, as far as known without reading it. */
export interface DescribedUpload {
  upload: Kind;
  /** Without its folders. */
  name?: string;
  /** MIME type. */
  type?: string;
  bytes?: number;
}

/**
 * Describes what the client takes as an upload (`File`, `Blob`, `fs.ReadStream`, `Response`, streams, `toStreamingFile()`), or
 * each of an array. The content is never touched: a stream or body can be read once, by the client. Texts and plain JSON
 * objects, in which hosts take URLs, data URIs and file ids, stay as they are.
 */
export function describeUpload(value: unknown): unknown {
  if (Array.isArray(value)) {
    const uploads = value.slice(0, MAX_UPLOADS).map(describeUpload);
    return value.length > MAX_UPLOADS ? [...uploads, `[${value.length - MAX_UPLOADS} files left out]`] : uploads;
  }
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { upload: "bytes", bytes: value.byteLength };
  return isFields(value) ? describeObject(value) : value;
}

function describeObject(value: Fields): DescribedUpload | Fields {
  if (isBlob(value)) return described("file", value["name"], value["type"], value["size"]);
  if (typeof value["blob"] === "function" && typeof value["url"] === "string") {
    return described("response", pathOf(value["url"]), header(value, "content-type"), header(value, "content-length"));
  }
  if (isStream(value)) return described("stream", value["name"] ?? value["path"], value["type"], undefined);
  if (isFields(value["data"]) && isStream(value["data"])) {
    return described("stream", value["name"], value["type"], undefined);
  }
  return isPlain(value) ? value : { upload: "unknown" };
}

/** Structural: openai 4 brings a `File` of its own. */
function isBlob(value: Fields): boolean {
  return typeof value["size"] === "number" && typeof value["slice"] === "function";
}

function isStream(value: Fields): boolean {
  return (
    typeof value["getReader"] === "function" ||
    typeof value["pipe"] === "function" ||
    typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function"
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function described(upload: Kind, name: unknown, type: unknown, bytes: unknown): DescribedUpload {
  const size = typeof bytes === "string" ? Number.parseInt(bytes, 10) : bytes;
  return defined({
    upload,
    name: baseName(name),
    type: stringOf(type) || undefined,
    bytes: typeof size === "number" && size >= 0 ? size : undefined,
  }) as DescribedUpload;
}

/** The client sends the last part only; the folders are the caller's machine. `fs.ReadStream` has a `Buffer` for a `Buffer`. */
function baseName(path: unknown): string | undefined {
  const text = path instanceof Uint8Array ? new TextDecoder().decode(path) : stringOf(path);
  return text?.split(/[\\/]/).pop() || undefined;
}

/** Without query and fragment, which may be signed. */
function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0]!;
}

function header(response: Fields, name: string): string | undefined {
  const { headers } = response as { headers?: { get?: unknown } };
  return typeof headers?.get === "function" ? ((headers as Headers).get(name) ?? undefined) : undefined;
}

/** The fields of `names` that are given, each described. */
export function describeUploads(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const given = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  return Object.fromEntries(given.map((name) => [name, describeUpload(fields[name])]));
}
