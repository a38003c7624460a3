import { splitJson } from "./chunks.ts";
import { searchText, tokenize } from "./text.ts";

/** The words of a payload, apart for each piece that is indexed on its own: words that follow on each other do so inside of one. */
export function searchableTokens(json: string | null): string[][] {
  if (json === null) return [];
  return splitJson(json).map(({ text }) => tokenize(searchText(text)));
}
