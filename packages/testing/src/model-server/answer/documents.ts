import { isObject, parseJson, textOf } from "../../json.ts";

/** A piece of text that an answer may be taken from. */
export interface Document {
  /** What a citation names; `undefined` where the prompt gives none. */
  title: string | undefined;
  text: string;
}

const titleKeys = ["title", "source", "path", "page", "file", "name", "heading", "id", "url"];
const textKeys = ["text", "content", "snippet", "body", "pageContent", "page_content", "passage", "summary"];

/** `<document title="x">…</document>`, also `<doc id=…>`, `<source name=…>`, `<context …>`. */
const xmlDocument = /<(document|doc|source|context|passage)\b([^>]*)>([\s\S]*?)<\/\1>/gi;
/** A line that opens a document: `[title]`, `[1] title`, `Source: title`, `--- title ---`, `## title`. */
const headerLine =
  /^(?:\[([^\]\n]{1,120})\]:?[ \t]*(.{0,120})|(?:source|title|document|file|page):[ \t]*(.{1,120})|-{3,}[ \t]*(\S.{0,110}?)[ \t]*-{3,}|#{1,6}[ \t]+(.{1,120}))$/gim;

/** The documents in a text that is made of them. Text without any structure is one document without a title. */
export function documentsIn(text: string): Document[] {
  const tagged = [...text.matchAll(xmlDocument)].map(([, , attributes = "", body = ""]) => ({
    title: /(?:title|name|source|id|path|url)=["']?([^"'>]+)["']?/i.exec(attributes)?.[1]?.trim(),
    text: body,
  }));
  if (tagged.length > 0) return tagged;

  const headers = [...text.matchAll(headerLine)];
  const first = headers[0];
  if (first === undefined) return text.trim() === "" ? [] : [{ title: undefined, text }];
  const documents: Document[] = [{ title: undefined, text: text.slice(0, first.index) }];
  for (const [position, header] of headers.entries()) {
    const [line, bracket, afterBracket, label, dashes, heading] = header;
    // `[1] Install` is titled by what follows the number, `[install.md] Text …` by the bracket.
    const numbered =
      bracket !== undefined && /^\d+$/.test(bracket) && afterBracket !== undefined && afterBracket !== "";
    const title = numbered ? afterBracket : (bracket ?? label ?? dashes ?? heading);
    const inline = bracket !== undefined && !numbered ? (afterBracket ?? "") : "";
    const body = text.slice(header.index + line.length, headers[position + 1]?.index ?? text.length);
    documents.push({ title: title?.trim(), text: inline === "" ? body : `${inline}\n${body}` });
  }
  return documents.filter((document) => document.text.trim() !== "");
}

/** True where a prompt carries documents, rather than instructions only. */
export function hasDocuments(text: string): boolean {
  return text.search(xmlDocument) >= 0 || /^(?:\[[^\]\n]{1,120}\]|(?:source|document):|-{3,} *\S)/im.test(text);
}

/** What a tool returned: JSON is read into titled texts and `key: value` sentences, anything else as {@link documentsIn}. */
export function documentsInToolResult(result: string, toolName: string): Document[] {
  let value: unknown;
  try {
    value = parseJson(result);
  } catch {
    // Plain text is as good a tool result as JSON.
    return documentsIn(result).map((document) => ({ ...document, title: document.title ?? toolName }));
  }
  const documents: Document[] = [];
  collect(value, toolName, documents, 0);
  return documents;
}

const maxDepth = 6;

function collect(value: unknown, title: string, into: Document[], depth: number): void {
  if (depth > maxDepth || value === null || value === undefined) return;
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => typeof item !== "object")) {
      into.push({ title, text: `${title}: ${value.join(", ")}.` });
    } else for (const item of value) collect(item, title, into, depth + 1);
    return;
  }
  if (!isObject(value)) return void into.push({ title, text: withStop(`${title}: ${textOf(value)}`) });
  const titleKey = titleKeys.find((key) => typeof value[key] === "string");
  const textKey = textKeys.find((key) => typeof value[key] === "string");
  const ownTitle = titleKey === undefined ? title : textOf(value[titleKey]);
  if (textKey !== undefined) into.push({ title: ownTitle, text: textOf(value[textKey]) });
  const facts = Object.entries(value).filter(
    ([key, item]) => key !== textKey && (textKey === undefined || key !== titleKey) && typeof item !== "object",
  );
  // One sentence, so that what belongs together is quoted together. Beside a text the rest is only its description.
  if (textKey === undefined && facts.length > 0) {
    into.push({
      title: ownTitle,
      text: withStop(facts.map(([key, item]) => `${key.replaceAll("_", " ")}: ${textOf(item)}`).join(", ")),
    });
  }
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "object") collect(item, titleKey === undefined ? key : ownTitle, into, depth + 1);
  }
}

function withStop(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
