import { isStopWord, words } from "./words.ts";

/** Phrases of a question that may be an argument of a tool or a field of a structured answer. */

export function quoted(text: string): string[] {
  return [
    ...text.matchAll(/"([^"\n]{1,200})"|“([^”\n]{1,200})”|`([^`\n]{1,200})`|(?<!\p{L})'([^'\n]{1,200})'(?!\p{L})/gu),
  ].map(([, a, b, c, d]) => a ?? b ?? c ?? d ?? "");
}

/**
 * Capitalised names: "in San Francisco" → "San Francisco". A single word that merely begins a sentence is none, two of them
 * are ("Alice Smith is 42").
 */
export function properNames(text: string): string[] {
  const name = /(?<![\p{L}\d])\p{Lu}[\p{L}\d'-]*(?:\s+(?:of\s+|de\s+)?\p{Lu}[\p{L}\d'-]*)*/gu;
  return [...text.matchAll(name)].flatMap(({ 0: match, index }) => {
    const isSentenceStart = /(?:^|[.!?:\n]\s*)$/.test(text.slice(Math.max(0, index - 3), index));
    const parts = match.split(/\s+/);
    if (isSentenceStart && parts.length > 1 && isStopWord((parts[0] ?? "").toLowerCase()))
      return parts.slice(1).join(" ");
    return match === "I" || isStopWord(match.toLowerCase()) || (isSentenceStart && parts.length === 1) ? [] : match;
  });
}

/** What follows a preposition: "the weather in paris tomorrow" → "paris tomorrow". */
export function afterPreposition(text: string): string | undefined {
  return /\b(?:in|for|of|at|from|to|about|on)\s+(?:the\s+)?([\p{L}\d][\p{L}\d _.'-]{0,80})/iu.exec(text)?.[1]?.trim();
}

export function numbers(text: string): number[] {
  return (text.match(/(?<![\p{L}\d.])-?\d+(?:\.\d+)?(?![\p{L}\d])/gu) ?? []).map(Number);
}

export function paths(text: string): string[] {
  return text.match(/https?:\/\/[^\s)"'>]+|(?:[\w.-]+\/)*[\w-]+\.(?:md|txt|json|ts|js|html|yaml|yml|py|csv)\b/g) ?? [];
}

export function arithmetic(text: string): string | undefined {
  return /[-+]?[\d(][\d\s().]*(?:[-+*/^%]\s*[\d(][\d\s().]*)+/.exec(text)?.[0].trim();
}

/** The word a question turns on: what is said to be mentioned or meant, else the longest word that means something. */
export function salientWord(text: string): string {
  const named =
    /\b(?:mention(?:s|ed)?|word|term|keyword|occurrences?)\s+(?:of\s+|is\s+|for\s+)?["'`]?([\p{L}\d-]{3,})/iu.exec(
      text,
    )?.[1];
  if (named !== undefined && !isStopWord(named.toLowerCase())) return named;
  const candidates = words(text).filter(
    (word) =>
      !isStopWord(word) && !/^(docs?|documentation|mention(s|ed)?|often|times?|word|term|page|section)$/.test(word),
  );
  return candidates.toSorted((a, b) => b.length - a.length)[0] ?? text.trim();
}
