/** Attachments that the SDK took out of a payload; Langfuse's reference token stands where they were. */

export interface MediaReference {
  /** 22 characters of URL-safe base64, from the hash of the content. */
  id: string;
  /** `type/subtype` in lower case. */
  contentType: string;
}

export type MediaKind = "image" | "audio" | "file";

/** Every token begins so: a cheap test for texts that hold none. */
const TOKEN_START = "@@@langfuseMedia:";

/** Each part is bounded, so that hostile text cannot make the match slow. */
const TOKEN =
  /@@@langfuseMedia:type=([a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,95})\|id=([\w-]{22})\|source=[a-z][a-z0-9_]{0,31}@@@/gi;

/** The reference, when the text is one token and nothing else; `null` otherwise. */
export function parseMediaToken(text: string): MediaReference | null {
  const [only, ...others] = splitMediaTokens(text);
  return others.length === 0 && only !== undefined && typeof only !== "string" ? only : null;
}

/** The text in order, cut at its tokens. A text without any comes back whole; what is not quite a token stays text. */
export function splitMediaTokens(text: string): (string | MediaReference)[] {
  if (!text.includes(TOKEN_START)) return [text];
  const parts: (string | MediaReference)[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, contentType, id] = match;
    if (contentType === undefined || id === undefined) continue;
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push({ id, contentType: contentType.toLowerCase() });
    at = match.index + token.length;
  }
  if (at < text.length || parts.length === 0) parts.push(text.slice(at));
  return parts;
}

/** For one line of text: each token as `[image/png]`, a token cut off at the end as `[image/png…]`. */
export function nameMediaTokens(text: string): string {
  return text.replace(TOKEN, "[$1]").replace(/@@@langfuseMedia:type=([a-z0-9.+/-]{1,160})[^@]{0,80}$/i, "[$1…]");
}

/**
 * How it is shown. The image types are those the server serves as images: none of them can carry script. An SVG can, and is a file.
 */
export function mediaKind(contentType: string): MediaKind {
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(contentType)) return "image";
  return contentType.startsWith("audio/") ? "audio" : "file";
}

const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: "jpg", plain: "txt", mpeg: "mp3", "svg+xml": "svg" };

/** A name to save it under: the id and what the type suggests as an extension. */
export function mediaFileName({ id, contentType }: MediaReference): string {
  const subtype = contentType.split("/")[1] ?? "";
  const extension = EXTENSIONS[subtype] ?? (/^[a-z0-9]{1,5}$/.test(subtype) ? subtype : "bin");
  return `${id}.${extension}`;
}
